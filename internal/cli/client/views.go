package client

import (
	"context"

	"github.com/spf13/cobra"
)

func (p *Program) today() *cobra.Command {
	return p.window("today", "List what is due today", `  todo today
  todo today --sort priority`)
}

func (p *Program) tomorrow() *cobra.Command {
	return p.window("tomorrow", "List what is due tomorrow", `  todo tomorrow
  todo tomorrow --json | jq length`)
}

func (p *Program) overdue() *cobra.Command {
	return p.window("overdue", "List what should have been done by now", `  todo overdue
  todo overdue --category work`)
}

// window is a list of the tasks due in one of the API's stretches of time,
// with the other filters.
func (p *Program) window(name, short, example string) *cobra.Command {
	var f filters
	c := &cobra.Command{
		Use:     name,
		Short:   short,
		Long:    short + ", of the pending tasks. todo list --due has other stretches of time.",
		Example: example,
		Args:    cobra.NoArgs,
	}
	f.register(p, c, "pending", "due")
	return p.verb(c, func(ctx context.Context, s *session, _ []string) error {
		f.due = name
		return s.list(ctx, &f)
	})
}
