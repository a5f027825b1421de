package client

import (
	"context"

	"github.com/spf13/cobra"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

func (p *Program) archive() *cobra.Command {
	var m many
	c := &cobra.Command{
		Use:   "archive ID... | --filter NAME=VALUE",
		Short: "Put tasks away",
		Long: `Put tasks away: they are kept, and no list shows them unless --archived asks for
them. Several are put away one after the other; what is refused does not keep the
others from it. todo settings --auto-archive does it with all that is done, after
some days.` + manyHelp,
		Example: `  todo archive 9c41f2
  todo archive 9c41f2 1b22d0
  todo archive --filter status=completed
  todo list --archived true --status all`,
		Args:              m.args,
		ValidArgsFunction: p.completeTask,
	}
	m.register(p, c)
	return p.verb(c, func(ctx context.Context, s *session, args []string) error {
		if len(args) == 0 || m.dryRun {
			return s.bulk(ctx, m, httpapi.Bulk{Action: task.BulkArchive}, args, "archived", "")
		}
		return s.act(ctx, args, "archived", func(id task.ID) (httpapi.Task, error) { return s.client.Archive(ctx, id) })
	})
}

func (p *Program) unarchive() *cobra.Command {
	var m many
	c := &cobra.Command{
		Use:   "unarchive ID... | --filter NAME=VALUE",
		Short: "Bring back tasks that were put away",
		Long:  "Bring back tasks that were put away." + manyHelp,
		Example: `  todo search --archived true passport
  todo unarchive 9c41f2
  todo unarchive --filter archived=true --filter category=travel`,
		Args:              m.args,
		ValidArgsFunction: p.completeTask,
	}
	m.register(p, c)
	return p.verb(c, func(ctx context.Context, s *session, args []string) error {
		if len(args) == 0 || m.dryRun {
			back := httpapi.Bulk{Action: task.BulkUpdate, Set: task.Patch{Archived: task.Value(false)}}
			return s.bulk(ctx, m, back, args, "back", "")
		}
		return s.act(ctx, args, "back", func(id task.ID) (httpapi.Task, error) { return s.client.Unarchive(ctx, id) })
	})
}
