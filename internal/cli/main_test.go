package cli_test

import (
	"os"
	"testing"

	"todo-app/internal/cli"
)

// asCommand in the environment makes the test binary the todo command.
const asCommand = "CLI_TEST_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}
