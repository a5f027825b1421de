package client_test

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"todo-app/internal/cli"
	"todo-app/internal/cli/client"
	"todo-app/internal/cli/contexts"
	"todo-app/internal/postgres/postgrestest"
)

const (
	// asCommand in the environment makes the test binary the todo command.
	asCommand = "CLIENT_TEST_COMMAND"
	// nowIs in the environment is the command's idea of the time.
	nowIs = "CLIENT_TEST_NOW"
)

var started = sync.OnceValues(postgrestest.Start)

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(cli.Run(&client.Program{Now: now, Env: os.Getenv, Contexts: contexts.Open}, os.Args[1:], os.Stdout, os.Stderr))
	}
	code := m.Run()
	if used.Load() {
		if s, err := started(); err == nil {
			s.Close()
		}
	}
	os.Exit(code)
}

func now() time.Time {
	at, err := time.Parse(time.RFC3339, os.Getenv(nowIs))
	if err != nil {
		panic(err)
	}
	return at
}

var used atomic.Bool

// postgresOf returns the PostgreSQL of these tests, started by the first that
// asks for it.
func postgresOf(t testing.TB) *postgrestest.Server {
	t.Helper()
	used.Store(true)
	s, err := started()
	if err != nil {
		t.Fatal(fmt.Errorf("starting PostgreSQL: %w", err))
	}
	return s
}
