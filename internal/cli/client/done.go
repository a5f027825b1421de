package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

func (p *Program) done() *cobra.Command {
	force := false
	var m many
	c := &cobra.Command{
		Use:     "done ID... | --filter NAME=VALUE",
		Aliases: []string{"complete"},
		Short:   "Mark tasks as done",
		Long: `Mark tasks as done. One that waits for open tasks is refused, with exit code 4,
unless --force says that they do not matter. A task that repeats gets its next
occurrence, which is shown.

Several tasks are done one after the other; what is refused does not keep the
others from being done. With --json they are an array, also if it is one.` + manyHelp,
		Example: `  todo done 9c41f2
  todo done 9c41f2 1b22d0 --force
  todo done --filter tag=errands --filter due=today --dry-run`,
		Args:              m.args,
		ValidArgsFunction: p.completeTask,
	}
	m.register(p, c)
	c.Flags().BoolVar(&force, "force", false, "even if they wait for open tasks")
	apart(c, "force", "filter")
	apart(c, "force", "dry-run")
	return p.verb(c, func(ctx context.Context, s *session, args []string) error {
		if len(args) == 0 || m.dryRun {
			return s.bulk(ctx, m, httpapi.Bulk{Action: task.BulkComplete}, args, "done", "")
		}
		return s.act(ctx, args, "done", func(id task.ID) (httpapi.Task, error) {
			t, err := s.client.Complete(ctx, id, force)
			return t, s.waits(ctx, err)
		})
	})
}

func (p *Program) undone() *cobra.Command {
	var m many
	c := &cobra.Command{
		Use:     "undone ID... | --filter NAME=VALUE",
		Aliases: []string{"reopen"},
		Short:   "Mark tasks as open again",
		Long: `Mark tasks as open again. The next occurrence that was made when one was done
stays: todo undo takes back both.` + manyHelp,
		Example: `  todo undone 9c41f2
  todo undone --filter tag=errands --filter status=completed`,
		Args:              m.args,
		ValidArgsFunction: p.completeTask,
	}
	m.register(p, c)
	return p.verb(c, func(ctx context.Context, s *session, args []string) error {
		if len(args) == 0 || m.dryRun {
			return s.bulk(ctx, m, httpapi.Bulk{Action: task.BulkReopen}, args, "open", "")
		}
		return s.act(ctx, args, "open", func(id task.ID) (httpapi.Task, error) { return s.client.Reopen(ctx, id) })
	})
}

// act does something to each of several tasks, and tells of each. It goes on
// after a refusal, but not after a failure that the others would meet, too.
func (s *session) act(ctx context.Context, typed []string, what string, do func(task.ID) (httpapi.Task, error)) error {
	ids, err := s.find(ctx, typed...)
	if err != nil {
		return err
	}
	out := array{s: s}
	var problems []error
	for _, id := range ids {
		t, err := do(id)
		if err != nil {
			problems = append(problems, of(id, len(ids), err))
			if !itsOwn(err) {
				break
			}
			continue
		}
		if s.json {
			err = out.add(json.RawMessage(s.answer))
		} else {
			s.told(what, t)
			if t.Next != nil {
				s.told("next", *t.Next)
			}
		}
		if err != nil {
			return err
		}
	}
	if s.json {
		if err := out.end(); err != nil {
			return err
		}
	}
	return worst(problems)
}

// of says which of several tasks an error is about.
func of(id task.ID, several int, err error) error {
	var f *Failure
	if errors.As(failed(err), &f); several == 1 {
		return f
	}
	return f.with(short(id) + ": " + f.Text)
}

// itsOwn reports whether an error is about the one task that it came from.
func itsOwn(err error) bool {
	var f *Failure
	errors.As(failed(err), &f)
	return f.Code == NotFound || f.Code == Conflict || f.Code == Usage
}

// waits adds to a refusal what the tasks in the way are called.
func (s *session) waits(ctx context.Context, err error) error {
	var p *httpapi.Problem
	if !errors.As(err, &p) || p.Status != http.StatusConflict || len(p.Tasks) == 0 {
		return err
	}
	const named = 5
	text := printable(p.Detail) + ":"
	open, _ := s.those(ctx, p.Tasks[:min(len(p.Tasks), named)]) // what is found helps, and no more is needed
	for _, t := range open {
		text += "\n  " + short(t.ID) + "  " + printable(t.Title)
	}
	if more := len(p.Tasks) - len(open); more > 0 {
		text += fmt.Sprintf("\n  and %d more", more)
	}
	return &Failure{Code: Conflict, Text: text + "\nWith --force it is done all the same."}
}
