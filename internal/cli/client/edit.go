package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

func (p *Program) edit() *cobra.Command {
	var f fields
	var tags retagging
	var clear []string
	var m many
	c := &cobra.Command{
		Use:   "edit ID | --filter NAME=VALUE",
		Short: "Change a task",
		Long: `Change a task: the fields that flags give, or, without any, what you change in
your editor (VISUAL, EDITOR or vi), which is shown the task as a small form.

Fields that are not mentioned stay as they are, whoever changes them meanwhile.
A form is refused if somebody changed the task while it was open; it is kept then.
--clear puts fields back to nothing, or to their default: ` + strings.Join(clearNames(), ", ") + `.
--add-tag and --remove-tag go by the tags that each task has: with --filter each
task is a step of its own for todo undo.` + manyHelp,
		Example: `  todo edit 9c41f2 --due "2026-12-01 09:00" --priority high
  todo edit 9c41f2 --add-tag bank --clear due --clear remind
  todo edit 9c41f2 --repeat monthly --skip-if-open
  todo edit --filter category=old --category archive --dry-run
  todo edit 9c41f2`,
		Args:              cobra.MatchAll(cobra.MaximumNArgs(1), m.args),
		ValidArgsFunction: p.completeTask,
	}
	c.Flags().StringVar(&f.title, "title", "", "the title")
	f.register(p, c)
	m.register(p, c)
	c.Flags().StringSliceVar(&tags.add, "add-tag", nil, "a tag to add to those there are")
	c.Flags().StringSliceVar(&tags.remove, "remove-tag", nil, "a tag to take away")
	c.Flags().StringSliceVar(&clear, "clear", nil, "a field to clear; several times, or with commas, for several")
	p.completeWords(c, "clear", clearNames()...)
	p.completeStored(c, "add-tag", tagsOf)
	p.completeStored(c, "remove-tag", tagsOf)
	apart(c, "tag", "add-tag")
	apart(c, "tag", "remove-tag")
	return p.verb(c, func(ctx context.Context, s *session, args []string) error {
		patch, err := f.patch(ctx, s, c)
		if err == nil {
			err = clearing(&patch, clear, c)
		}
		if err != nil {
			return err
		}
		if c.Flags().Changed("title") {
			patch.Title = task.Value(f.title)
		}
		if args, err = s.beginOne(ctx, args, &patch, f.repeat); err != nil {
			return err
		}
		if len(tags.add)+len(tags.remove) > 0 {
			if patch.Tags.Set {
				return misused("--clear tag contradicts --add-tag and --remove-tag")
			}
			return s.editTags(ctx, m, args, patch, tags)
		}
		return s.edit(ctx, m, args, patch, editor(p.Env))
	})
}

// beginOne has a rule in words begin with the due of the one task that is named, if
// nothing else is said of that, and returns the task's name.
func (s *session) beginOne(ctx context.Context, args []string, patch *task.Patch, words string) ([]string, error) {
	if len(args) == 0 || words == "" || patch.Due.Set {
		return args, nil
	}
	named, err := s.meant(ctx, many{}, args)
	if err != nil {
		return nil, err
	}
	return []string{named[0].ID.String()}, s.beginWith(named[0].Due, &patch.Recurrence, words)
}

// edit changes the tasks that are meant, or has one changed in an editor.
func (s *session) edit(ctx context.Context, m many, args []string, patch task.Patch, editor []string) error {
	if len(args) == 0 || m.dryRun {
		if empty(patch) {
			return misused("flags must say what to change")
		}
		return s.bulk(ctx, m, httpapi.Bulk{Action: task.BulkUpdate, Set: patch}, args, "changed", "")
	}
	id, err := s.findOne(ctx, args[0])
	if err != nil {
		return err
	}
	if empty(patch) {
		return s.editForm(ctx, id, editor)
	}
	return s.changed(s.client.Update(ctx, id, patch))
}

// retagging is which tags to add to those of a task, and to take from them.
type retagging struct{ add, remove []string }

func (r retagging) of(tags []string) []string {
	tags = slices.Clone(tags)
	for _, tag := range r.add {
		if tag = strings.ToLower(tag); !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	return slices.DeleteFunc(tags, func(tag string) bool {
		return slices.ContainsFunc(r.remove, func(gone string) bool { return tag == strings.ToLower(gone) })
	})
}

// editTags changes tags as well as what the patch says, task by task: tags can
// only be sent whole, so nobody else may have changed a task meanwhile.
func (s *session) editTags(ctx context.Context, m many, args []string, patch task.Patch, tags retagging) error {
	chosen, err := s.meant(ctx, m, args)
	if err != nil {
		return err
	}
	if m.dryRun && s.json {
		return s.wouldJSON(chosen)
	}
	out := array{s: s}
	var problems []error
	for _, t := range chosen {
		if patch.Tags = task.Value(tags.of(t.Tags)); m.dryRun {
			s.print("would be changed %s  %s, tags %s", short(t.ID), t.Title, strings.Join(patch.Tags.Value, ", "))
			continue
		}
		changed, err := s.ifMatch(t).Update(ctx, t.ID, patch)
		switch {
		case err != nil:
			problems = append(problems, of(t.ID, len(chosen), meanwhile(err)))
		case s.json && len(args) == 0:
			err = out.add(json.RawMessage(s.answer))
		default:
			err = s.changed(changed, nil)
		}
		if err != nil && !itsOwn(err) {
			break
		}
	}
	if s.json && len(args) == 0 && !m.dryRun {
		problems = append(problems, out.end())
	}
	return worst(slices.DeleteFunc(problems, func(err error) bool { return err == nil }))
}

// meant returns the tasks of a filter, or the one that was typed.
func (s *session) meant(ctx context.Context, m many, args []string) ([]httpapi.Task, error) {
	if len(args) > 0 {
		id, err := s.findOne(ctx, args[0])
		if err != nil {
			return nil, err
		}
		t, err := s.client.Get(ctx, id)
		return []httpapi.Task{t}, err
	}
	params, err := s.chosen(ctx, m.filter)
	if err != nil {
		return nil, err
	}
	var ids []task.ID
	whole, err := s.each(ctx, params, task.MaxBulk, func(t httpapi.Task) { ids = append(ids, t.ID) })
	switch {
	case err != nil:
		return nil, err
	case !whole:
		return nil, misused("the filter finds more than %d tasks: narrow it", task.MaxBulk)
	case len(ids) == 0:
		s.notice("There are none.")
	}
	return s.those(ctx, ids)
}

// ifMatch returns a client whose requests are refused once a task is not any
// more as it was.
func (s *session) ifMatch(t httpapi.Task) *httpapi.Client {
	client := *s.client
	client.Prepare = func(r *http.Request) {
		s.client.Prepare(r)
		r.Header.Set("If-Match", strconv.Quote(t.ETag))
	}
	return &client
}

// changed tells of a change to a task.
func (s *session) changed(t httpapi.Task, err error) error {
	if err != nil {
		return meanwhile(err)
	}
	if s.json {
		return s.printJSON(s.answer)
	}
	s.told("changed", t)
	return nil
}

// meanwhile puts the refusal of a change to what somebody else has changed in
// words; other errors stay as they are.
func meanwhile(err error) error {
	var p *httpapi.Problem
	if errors.As(err, &p) && p.Status == http.StatusPreconditionFailed {
		return &Failure{Code: Conflict, Text: "somebody changed the task meanwhile: look at it, and do it again"}
	}
	return err
}
