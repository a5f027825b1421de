// Package cli is the todo command: what people do with their tasks, all
// functions in one process, and what an operator runs against a database.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"todo-app/internal/app"
	"todo-app/internal/app/function"
	"todo-app/internal/cli/agents"
	"todo-app/internal/cli/client"
	"todo-app/internal/cli/contexts"
	"todo-app/internal/cli/revisions"
	"todo-app/internal/serve"
)

// Main runs the command line and returns the exit code: 0, or another with the
// reason on problems. The help topic exit-codes says what each means.
func Main(args []string, out, problems io.Writer) int {
	return Run(&client.Program{Now: time.Now, Env: os.Getenv, Contexts: contexts.Open}, args, out, problems)
}

// Run is Main in a world of the caller's.
func Run(p *client.Program, args []string, out, problems io.Writer) int {
	ctx, stop := serve.Context()
	defer stop()
	began := false
	root := command(p)
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(problems)
	note(root, func() { began = true })
	err := root.ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintf(problems, "todo: %v\n", err)
	}
	return code(err, began)
}

// note has a command, and those below it, tell when one of them begins to run:
// what goes wrong before is a fault in the command line.
func note(c *cobra.Command, began func()) {
	if run := c.RunE; run != nil {
		c.RunE = func(c *cobra.Command, args []string) error {
			began()
			return run(c, args)
		}
	}
	for _, below := range c.Commands() {
		note(below, began)
	}
}

func code(err error, began bool) int {
	var f *client.Failure
	switch {
	case err == nil:
		return client.OK
	case errors.As(err, &f):
		return f.Code
	case !began:
		return client.Usage
	}
	return client.Failed
}

// groupService is that of the commands which run or tend the service.
const groupService = "service"

func command(p *client.Program) *cobra.Command {
	root := &cobra.Command{
		Use:   "todo",
		Short: "A task list as serverless functions",
		Long: `A task list as serverless functions, and all that people and scripts do with it.

  todo serve                       run the service here
  todo login https://todo.example  or use one that runs elsewhere
  todo list                        see what is to be done

Every command takes --help, with examples.`,
		Version:       function.Version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	p.AddTo(root)
	root.AddGroup(&cobra.Group{ID: groupService, Title: "The service itself:"})
	for _, c := range []*cobra.Command{
		serveCommand(), migrateCommand(), sweepCommand(), eventsCommand(), verifyCommand(), bootstrapCommand(), issueCommand(),
		revisions.Command(p.Now, p.Env), agents.JanitorCommand(), agents.RoundCommand(p.Now),
	} {
		c.GroupID = groupService
		root.AddCommand(c)
	}
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
