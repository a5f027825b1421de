package httpapi_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"todo-app/internal/pgserver"
	"todo-app/internal/postgres"
	"todo-app/internal/postgres/postgrestest"
)

// storage is the PostgreSQL of this package's tests. Each service has an owner
// of its own in one database: a database for each costs more than its test.
type storage struct {
	server *postgrestest.Server
	pool   *pgxpool.Pool
	super  *pgxpool.Pool // sees every owner's rows
}

// stored starts the storage once it is asked for, so that fuzzing, which needs
// none, does not wait for it.
var stored = sync.OnceValues(startStorage)

func startStorage() (*storage, error) {
	s, err := postgrestest.Start()
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.URL(pgserver.Superuser, "postgres"))
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "create database shared template todo_template"); err != nil {
		return nil, err
	}
	pool, err := postgres.Open(ctx, postgres.Options{URL: s.URL(postgres.AppRole, "shared"), MaxConns: 16, Name: "httpapi"})
	if err != nil {
		return nil, err
	}
	super, err := postgres.Open(ctx, postgres.Options{URL: s.URL(pgserver.Superuser, "shared"), MaxConns: 8, Name: "httpapi"})
	return &storage{s, pool, super}, err
}

var asked sync.Once

func TestMain(m *testing.M) {
	code := m.Run()
	used := true
	asked.Do(func() { used = false })
	if used {
		if s, err := stored(); err == nil {
			s.pool.Close()
			s.super.Close()
			s.server.Close()
		}
	}
	os.Exit(code)
}

func storageOf(t testing.TB) *storage {
	t.Helper()
	asked.Do(func() {})
	s, err := stored()
	if err != nil {
		t.Fatal(fmt.Errorf("starting PostgreSQL: %w", err))
	}
	return s
}
