package client

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"todo-app/internal/cli/contexts"
	"todo-app/internal/cli/terminal"
)

func (p *Program) context() *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use:   "context",
		Short: "Show which services are known, or choose one",
		Long: `Show which services are known, or choose one. todo login adds a context.

Without any, todo serve's own address is used, ` + DefaultURL + `. TODO_URL and
TODO_TOKEN in the environment win over the current context.`,
		Example: `  todo context
  todo context use work
  todo context rm work
  todo list --context home`,
		Args: cobra.NoArgs,
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.RunE = p.withBook(func(c *cobra.Command, book *contexts.Book, _ []string) error {
		all, current, err := book.All()
		if err != nil {
			return err
		}
		if url := p.Env("TODO_URL"); url != "" {
			fmt.Fprintln(c.ErrOrStderr(), "TODO_URL wins over all of them:", terminal.Line(url))
		}
		if asJSON {
			return json.NewEncoder(c.OutOrStdout()).Encode(shownContexts(all, current))
		}
		return printContexts(terminal.NewScreen(c.OutOrStdout(), p.Env), all, current)
	})
	use := &cobra.Command{
		Use: "use CONTEXT", Short: "Choose the current context", Example: "  todo context use work",
		Args: cobra.ExactArgs(1), ValidArgsFunction: p.completeContexts,
		RunE: p.withBook(func(_ *cobra.Command, book *contexts.Book, args []string) error { return book.Use(args[0]) }),
	}
	remove := &cobra.Command{
		Use: "rm CONTEXT", Short: "Forget a context and its credential", Example: "  todo context rm work",
		Args: cobra.ExactArgs(1), ValidArgsFunction: p.completeContexts,
		RunE: p.withBook(func(_ *cobra.Command, book *contexts.Book, args []string) error { return book.Remove(args[0]) }),
	}
	c.AddCommand(use, remove)
	return c
}

// withBook adapts a command that works on the contexts and calls no service.
func (p *Program) withBook(do func(*cobra.Command, *contexts.Book, []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		book, err := p.Contexts()
		if err == nil {
			err = do(c, book, args)
		}
		return failed(err)
	}
}

// shownContext is a context as --json shows it.
type shownContext struct {
	contexts.Context
	Current bool `json:"current"`
}

func shownContexts(all []contexts.Context, current string) []shownContext {
	shown := make([]shownContext, len(all))
	for i, one := range all {
		shown[i] = shownContext{one, one.Name == current}
	}
	return shown
}

func printContexts(out terminal.Screen, all []contexts.Context, current string) error {
	if len(all) == 0 {
		_, err := fmt.Fprintf(out, "There are none: %s is used. todo login adds one.\n", DefaultURL)
		return err
	}
	rows := make([][]terminal.Cell, len(all))
	for i, one := range all {
		mark := terminal.Cell{}
		if one.Name == current {
			mark = terminal.Cell{Text: "*", Style: terminal.Good}
		}
		rows[i] = []terminal.Cell{mark, {Text: one.Name, Style: terminal.Name}, {Text: one.URL}, {Text: string(one.Credential)}}
	}
	columns := []terminal.Column{{}, {Title: "CONTEXT"}, {Title: "URL"}, {Title: "CREDENTIAL"}}
	return out.Table(columns, rows)
}
