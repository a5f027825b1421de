package app_test

import (
	"os"
	"testing"

	"todo-app/internal/app"
	"todo-app/internal/postgres/postgrestest"
)

// asFunction in the environment makes the test binary that function's.
const asFunction = "APP_TEST_FUNCTION"

// server is the PostgreSQL of this package's tests.
var server *postgrestest.Server

func TestMain(m *testing.M) {
	if name := os.Getenv(asFunction); name != "" {
		app.Run(app.Function(name))
		os.Exit(0)
	}
	os.Exit(postgrestest.Run(m, &server))
}
