package client

import (
	"context"

	"github.com/spf13/cobra"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

func (p *Program) archive() *cobra.Command {
	c := &cobra.Command{
		Use:   "archive ID...",
		Short: "Put tasks away",
		Long: `Put tasks away: they are kept, and no list shows them unless --archived asks for
them. Several are put away one after the other; what is refused does not keep the
others from it. todo settings --auto-archive does it with all that is done, after
some days.`,
		Example: `  todo archive 9c41f2
  todo archive 9c41f2 1b22d0
  todo list --archived true --status all`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: p.completeTask,
	}
	return p.verb(c, func(ctx context.Context, s *session, args []string) error {
		return s.act(ctx, args, "archived", func(id task.ID) (httpapi.Task, error) { return s.client.Archive(ctx, id) })
	})
}

func (p *Program) unarchive() *cobra.Command {
	c := &cobra.Command{
		Use:   "unarchive ID...",
		Short: "Bring back tasks that were put away",
		Long:  "Bring back tasks that were put away.",
		Example: `  todo search --archived true passport
  todo unarchive 9c41f2`,
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: p.completeTask,
	}
	return p.verb(c, func(ctx context.Context, s *session, args []string) error {
		return s.act(ctx, args, "back", func(id task.ID) (httpapi.Task, error) { return s.client.Unarchive(ctx, id) })
	})
}
