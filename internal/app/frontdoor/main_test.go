package frontdoor_test

import (
	"os"
	"testing"

	"todo-app/internal/app/frontdoor"
	"todo-app/internal/postgres/postgrestest"
)

// server is the PostgreSQL of this package's tests.
var server *postgrestest.Server

// asFunction in the environment makes the test binary the web function.
const asFunction = "FRONTDOOR_TEST_FUNCTION"

func TestMain(m *testing.M) {
	if os.Getenv(asFunction) != "" {
		frontdoor.Run()
		os.Exit(0)
	}
	os.Exit(postgrestest.Run(m, &server))
}
