package client

import (
	"context"

	"github.com/spf13/cobra"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

func (p *Program) skip() *cobra.Command {
	c := &cobra.Command{
		Use:   "skip ID...",
		Short: "Move repeating tasks to their next date",
		Long: `Move tasks that repeat to their next date, without having done them. One that does
not repeat, or comes no more, is refused with exit code 4.`,
		Example: `  todo skip 9c41f2`,
		Args:    cobra.MinimumNArgs(1), ValidArgsFunction: p.completeTask,
	}
	return p.verb(c, func(ctx context.Context, s *session, args []string) error {
		return s.act(ctx, args, "skipped", func(id task.ID) (httpapi.Task, error) { return s.client.Skip(ctx, id) })
	})
}
