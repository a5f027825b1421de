package client

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"todo-app/internal/cli/terminal"
	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

func (p *Program) remove() *cobra.Command {
	var promote, completed, all, yes bool
	var m many
	c := &cobra.Command{
		Use:     "rm ID... | --filter NAME=VALUE | --completed | --all",
		Aliases: []string{"delete"},
		Short:   "Delete tasks",
		Long: `Delete tasks, with their subtasks unless --promote makes those tasks of their own.
--completed deletes all that are done, --all every one there is. These and
--filter ask first, and do nothing where nobody can be asked unless --yes answers.
todo undo brings back what was deleted, for 30 days.` + manyHelp,
		Example: `  todo rm 9c41f2
  todo rm 9c41f2 --promote
  todo rm --completed
  todo rm --filter category=old --filter status=completed --dry-run
  todo rm --all --yes`,
		ValidArgsFunction: p.completeTask,
		Args: func(_ *cobra.Command, args []string) error {
			chosen := 0
			for _, one := range []bool{len(args) > 0, len(m.filter) > 0, completed, all} {
				if one {
					chosen++
				}
			}
			if chosen != 1 {
				return errors.New("exactly one of ids, --filter, --completed and --all says what to delete")
			}
			if promote && len(args) == 0 {
				return errors.New("--promote goes with ids")
			}
			return nil
		},
	}
	c.Flags().BoolVar(&promote, "promote", false, "keep their subtasks, as tasks of their own")
	c.Flags().BoolVar(&completed, "completed", false, "delete all tasks that are done")
	c.Flags().BoolVar(&all, "all", false, "delete all tasks")
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	m.register(p, c)
	c.MarkFlagsMutuallyExclusive("promote", "dry-run")
	return p.verb(c, func(ctx context.Context, s *session, args []string) error {
		question := "Delete the %d tasks that the filter finds, and their subtasks?"
		if yes || len(args) > 0 {
			question = ""
		}
		switch {
		case len(m.filter) > 0, len(args) > 0 && m.dryRun:
			return s.bulk(ctx, m, httpapi.Bulk{Action: task.BulkDelete}, args, "deleted", question)
		case m.dryRun && completed:
			return s.wouldRemove(ctx, url.Values{"status": {"completed"}, "archived": {"all"}})
		case m.dryRun:
			return s.wouldRemove(ctx, url.Values{"archived": {"all"}})
		case completed:
			return s.removeMany(ctx, url.Values{"status": {"completed"}}, "Delete all tasks that are done?", yes)
		case all:
			return s.removeMany(ctx, url.Values{"all": {"true"}}, "Delete all tasks there are?", yes)
		}
		return s.removeThese(ctx, args, promote)
	})
}

// wouldRemove counts what a list finds, and deletes nothing.
func (s *session) wouldRemove(ctx context.Context, params url.Values) error {
	n := 0
	if _, err := s.each(ctx, params, 0, func(httpapi.Task) { n++ }); err != nil {
		return err
	}
	if s.json {
		_, err := fmt.Fprintf(s.out, "{\"would_delete\":%d}\n", n)
		return err
	}
	s.print("would delete %d, with their subtasks", n)
	return nil
}

// removeMany deletes what the parameters select, once somebody has agreed.
func (s *session) removeMany(ctx context.Context, params url.Values, question string, yes bool) error {
	if err := s.agree(ctx, question, yes); err != nil {
		return err
	}
	n, err := s.client.DeleteMany(ctx, params)
	if err != nil {
		return err
	}
	return s.removed(n)
}

// agree returns nil if somebody agrees, or has agreed beforehand.
func (s *session) agree(ctx context.Context, question string, yes bool) error {
	if yes {
		return nil
	}
	ok, err := s.ask.Confirm(ctx, question)
	switch {
	case errors.Is(err, terminal.ErrNobody):
		return misused("%s There is nobody to ask: --yes answers", question)
	case err != nil:
		return err
	case !ok:
		return &Failure{Failed, "nothing was done"}
	}
	return nil
}

func (s *session) removed(n int) error {
	if s.json {
		_, err := fmt.Fprintf(s.out, "{\"deleted\":%d}\n", n)
		return err
	}
	s.print("deleted    %d", n)
	return nil
}

// removeThese deletes tasks one after the other, and tells of each.
func (s *session) removeThese(ctx context.Context, typed []string, promote bool) error {
	ids, err := s.find(ctx, typed...)
	if err != nil {
		return err
	}
	n := 0
	var problems []error
	for _, id := range ids {
		if err := s.client.Delete(ctx, id, promote); err != nil {
			problems = append(problems, of(id, len(ids), err))
			if !itsOwn(err) {
				break
			}
			continue
		}
		n++
		if !s.json {
			s.print("deleted    %s", short(id))
		}
	}
	if s.json {
		if err := s.removed(n); err != nil {
			return err
		}
	}
	return worst(problems)
}
