package client

import (
	"context"
	"io"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"todo-app/internal/app/behalf"
	"todo-app/internal/app/function"
	"todo-app/internal/mcp"
)

func (p *Program) mcp() *cobra.Command {
	readOnly := false
	c := &cobra.Command{
		Use:   "mcp",
		Short: "Let an assistant use the tasks, over standard input and output",
		Long: `Speak the Model Context Protocol on standard input and output, for assistants
that start their servers as programs. The service is the one that all commands
use: that of the current context, or of --context, or TODO_URL with TODO_TOKEN.

docs/mcp.md says how to add it to assistants. Those that speak HTTP need no
command: the service itself answers at /mcp.`,
		Example: `  todo mcp
  TODO_URL=https://todo.example TODO_TOKEN=todo_… todo mcp --read-only`,
		Args: cobra.NoArgs,
	}
	c.Flags().BoolVar(&readOnly, "read-only", false, "offer only what changes nothing")
	c = p.verb(c, func(ctx context.Context, s *session, _ []string) error {
		s.client.Answered = nil // several calls may be under way
		zone := s.view.Zone.String()
		if zone == "Local" { // it has no name: the owner's settings decide
			zone = ""
		}
		return mcp.Options{
			Tasks:    behalf.Tasks{Client: s.client, Zone: zone, Now: p.Now},
			ReadOnly: readOnly,
			Version:  function.Version,
			Log:      zap.NewNop(),
		}.ServeStream(ctx, io.NopCloser(s.ask.In), unclosed{s.out})
	})
	_ = c.Flags().MarkHidden("json") // it prints the protocol's
	return c
}

// unclosed is output that outlives what writes there.
type unclosed struct{ io.Writer }

// Close implements io.Closer.
func (unclosed) Close() error { return nil }
