package frontdoor_test

import (
	"fmt"
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
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	if server, err = postgrestest.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "starting PostgreSQL:", err)
		return 1
	}
	defer server.Close()
	return m.Run()
}
