package postgres_test

import (
	"os"
	"testing"

	"todo-app/internal/postgres/postgrestest"
)

// server is the PostgreSQL of this package's tests.
var server *postgrestest.Server

func TestMain(m *testing.M) { os.Exit(postgrestest.Run(m, &server)) }
