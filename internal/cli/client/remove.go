package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"todo-app/internal/cli/terminal"
	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

func (p *Program) remove() *cobra.Command {
	var r removing
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
		Args:              func(_ *cobra.Command, args []string) error { return r.check(len(args)) },
	}
	c.Flags().BoolVar(&r.promote, "promote", false, "keep their subtasks, as tasks of their own")
	c.Flags().BoolVar(&r.completed, "completed", false, "delete all tasks that are done")
	c.Flags().BoolVar(&r.all, "all", false, "delete all tasks")
	c.Flags().BoolVar(&r.yes, "yes", false, "do not ask")
	r.register(p, c)
	apart(c, "promote", "dry-run")
	return p.verb(c, func(ctx context.Context, s *session, args []string) error { return s.remove(ctx, r, args) })
}

// removing is what a deletion is told.
type removing struct {
	many
	promote, completed, all, yes bool
}

// check holds that one thing says what to delete.
func (r *removing) check(ids int) error {
	chosen := 0
	for _, one := range []bool{ids > 0, len(r.filter) > 0, r.completed, r.all} {
		if one {
			chosen++
		}
	}
	switch {
	case chosen != 1:
		return errors.New("exactly one of ids, --filter, --completed and --all says what to delete")
	case r.promote && ids == 0:
		return errors.New("--promote goes with ids")
	}
	return nil
}

func (s *session) remove(ctx context.Context, r removing, args []string) error {
	question := "Delete the %d tasks that the filter finds, and their subtasks?"
	if r.yes || len(args) > 0 {
		question = ""
	}
	switch {
	case len(r.filter) > 0, len(args) > 0 && r.dryRun:
		return s.bulk(ctx, r.many, httpapi.Bulk{Action: task.BulkDelete}, args, "deleted", question)
	case r.dryRun && r.completed:
		return s.wouldRemove(ctx, url.Values{"status": {"completed"}, "archived": {"all"}})
	case r.dryRun:
		return s.wouldRemove(ctx, url.Values{"archived": {"all"}})
	case r.completed:
		return s.removeMany(ctx, url.Values{"status": {"completed"}}, "Delete all tasks that are done?", r.yes)
	case r.all:
		return s.removeMany(ctx, url.Values{"all": {"true"}}, "Delete all tasks there are?", r.yes)
	}
	return s.removeThese(ctx, args, r.promote)
}

// wouldRemove tells of each task that a list finds, as a dry run by filter
// does, and deletes nothing.
func (s *session) wouldRemove(ctx context.Context, params url.Values) error {
	var all []httpapi.Task
	if _, err := s.each(ctx, params, 0, func(t httpapi.Task) { all = append(all, t) }); err != nil {
		return err
	}
	ids := make([]task.ID, len(all))
	for i, t := range all {
		ids[i] = t.ID
	}
	if s.json {
		return s.wouldJSON(all)
	}
	if len(all) == 0 {
		s.notice("There are none.")
	}
	short := tails(ids)
	for _, t := range all {
		s.print("would be deleted %s  %s", short(t.ID), t.Title)
	}
	return nil
}

// wouldJSON tells of tasks to which something would be done as the API does of
// a dry run.
func (s *session) wouldJSON(all []httpapi.Task) error {
	results := make([]httpapi.Outcome, len(all))
	for i, t := range all {
		results[i] = httpapi.Outcome{ID: t.ID, Result: task.WasDone}
	}
	text, err := json.Marshal(map[string]any{"dry_run": true, "results": results})
	if err != nil {
		return err
	}
	return s.printJSON(text)
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
		return &Failure{Code: Failed, Text: "nothing was done"}
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
