// Command todo runs all functions in one process, and tends the database.
package main

import (
	"os"

	"todo-app/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr)) }
