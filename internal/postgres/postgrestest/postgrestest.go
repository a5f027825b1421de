// Package postgrestest gives each test a migrated database of its own on a
// real PostgreSQL that lives as long as the test binary.
package postgrestest

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"todo-app/internal/pgserver"
	"todo-app/internal/postgres"
	"todo-app/internal/postgres/migrations"
)

const template = "todo_template"

// Server is the PostgreSQL of one test binary.
type Server struct {
	*pgserver.Server
	dir  string
	made atomic.Int64
}

// Start runs a server with a migrated template database.
func Start() (*Server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	dir, err := os.MkdirTemp("", "todo-pg-")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir}
	s.Server, err = pgserver.Start(ctx, pgserver.Config{Dir: dir, NoSync: true})
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	if err := s.prepare(ctx); err != nil {
		s.Close()
		return nil, fmt.Errorf("preparing the template database: %w", err)
	}
	return s, nil
}

// Run runs the tests of a package while server is one. The code is for os.Exit.
func Run(m *testing.M, server **Server) (code int) {
	var err error
	if *server, err = Start(); err != nil {
		fmt.Fprintln(os.Stderr, "starting PostgreSQL:", err)
		return 1
	}
	defer (*server).Close()
	return m.Run()
}

// Own runs a PostgreSQL for one test that changes what others share: its roles,
// its settings, whom it lets in. The connection is its superuser's.
func Own(t testing.TB, settings map[string]string) (*pgserver.Server, *pgx.Conn) {
	t.Helper()
	dir, err := os.MkdirTemp("", "todo-pg-") // where the user PostgreSQL runs as may enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	server, err := pgserver.Start(t.Context(), pgserver.Config{Dir: dir, NoSync: true, Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Stop(context.Background()) })
	admin, err := pgx.Connect(t.Context(), server.URL(pgserver.Superuser, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { admin.Close(context.Background()) })
	return server, admin
}

// Close stops the server and removes its data.
func (s *Server) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	s.Stop(ctx)
	os.RemoveAll(s.dir)
}

func (s *Server) prepare(ctx context.Context) error {
	if err := s.exec(ctx, "create database "+template); err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, s.URL(pgserver.Superuser, template))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if err := migrations.Roles(ctx, conn, migrations.Role{Name: postgres.AppRole}, migrations.Role{Name: postgres.SweepRole}); err != nil {
		return err
	}
	_, err = migrations.Up(ctx, conn)
	return err
}

func (s *Server) exec(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, s.URL(pgserver.Superuser, "postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

// Database is one test's own.
type Database struct {
	server *Server
	Name   string
}

// New makes a database that goes away with the test.
func (s *Server) New(t testing.TB) Database {
	t.Helper()
	d := Database{server: s, Name: "test_" + strconv.FormatInt(s.made.Add(1), 10)}
	if err := s.exec(t.Context(), "create database "+d.Name+" template "+template); err != nil {
		t.Fatalf("creating a database: %v", err)
	}
	t.Cleanup(func() {
		if err := s.exec(context.Background(), "drop database "+d.Name+" with (force)"); err != nil {
			t.Logf("dropping a database: %v", err)
		}
	})
	return d
}

// URL returns how a role connects to the database. A machine that is busy with
// tests may take its time.
func (d Database) URL(role string) string {
	return d.server.URL(role, d.Name) + "&connect_timeout=30"
}

// Pool connects as a role until the test ends.
func (d Database) Pool(t testing.TB, role string) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(t.Context(), postgres.Options{URL: d.URL(role), MaxConns: 8, Name: t.Name()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}
