package client

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
)

func (p *Program) search() *cobra.Command {
	var f filters
	c := &cobra.Command{
		Use:   "search WORD...",
		Short: "Find tasks by words of their title, description and tags",
		Long: `Find tasks by words of their title, description and tags. Every word must match;
the beginning of one is enough, and case does not count. Completed tasks are
found, too, archived ones with --archived all.`,
		Example: `  todo search rent
  todo search rent march --status completed
  todo search --archived all passport`,
		Args: cobra.MinimumNArgs(1),
	}
	f.register(p, c, "all", "due")
	f.registerDue(p, c)
	return p.verb(c, func(ctx context.Context, s *session, words []string) error {
		f.text = strings.Join(words, " ")
		return s.list(ctx, &f)
	})
}
