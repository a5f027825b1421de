// Package cli is the todo command: all functions in one process, and what an
// operator runs against a database.
package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"todo-app/internal/app"
	"todo-app/internal/app/function"
	"todo-app/internal/serve"
)

// Main runs the command line and returns the exit code: 0, or 1 with the
// reason on errors.
func Main(args []string, out, errors io.Writer) int {
	ctx, stop := serve.Context()
	defer stop()
	root := command()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errors)
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintf(errors, "todo: %v\n", err)
		return 1
	}
	return 0
}

func command() *cobra.Command {
	root := &cobra.Command{
		Use:           "todo",
		Short:         "A task list as serverless functions",
		Version:       function.Version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(serveCommand(), migrateCommand(), sweepCommand(), eventsCommand(), verifyCommand(), bootstrapCommand())
	return root
}

// showHelp is what a command does that only has others below it; having it at
// all makes cobra refuse those it does not have.
func showHelp(c *cobra.Command, _ []string) error { return c.Help() }

// without adapts a command that takes no arguments.
func without(run func(ctx context.Context, out io.Writer) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, _ []string) error { return run(c.Context(), c.OutOrStdout()) }
}

func logger(s app.Settings) *zap.Logger {
	return serve.NewLogger(os.Stdout, "todo", function.Version, s.LogLevel)
}
