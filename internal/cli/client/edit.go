package client

import (
	"context"
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
	var addTags, removeTags, clear []string
	var m many
	c := &cobra.Command{
		Use:   "edit ID | --filter NAME=VALUE",
		Short: "Change a task",
		Long: `Change a task: the fields that flags give, or, without any, what you change in
your editor (VISUAL, EDITOR or vi), which is shown the task as a small form.

Fields that are not mentioned stay as they are, whoever changes them meanwhile.
A form is refused if somebody changed the task while it was open; it is kept then.
--clear puts fields back to nothing, or to their default: ` + strings.Join(clearNames(), ", ") + `.` + manyHelp,
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
	c.Flags().StringSliceVar(&addTags, "add-tag", nil, "a tag to add to those there are")
	c.Flags().StringSliceVar(&removeTags, "remove-tag", nil, "a tag to take away")
	c.Flags().StringSliceVar(&clear, "clear", nil, "a field to clear; several times, or with commas, for several")
	p.completeWords(c, "clear", clearNames()...)
	p.completeStored(c, "add-tag", tagsOf)
	p.completeStored(c, "remove-tag", tagsOf)
	c.MarkFlagsMutuallyExclusive("tag", "add-tag")
	c.MarkFlagsMutuallyExclusive("tag", "remove-tag")
	for _, flag := range []string{"add-tag", "remove-tag"} { // they go by the tags that one task has
		c.MarkFlagsMutuallyExclusive(flag, "filter")
		c.MarkFlagsMutuallyExclusive(flag, "dry-run")
	}
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
		tags := len(addTags)+len(removeTags) > 0
		switch {
		case tags && patch.Tags.Set:
			return misused("--clear tag contradicts --add-tag and --remove-tag")
		case tags:
			return s.editTags(ctx, id, patch, addTags, removeTags)
		case empty(patch):
			return s.editForm(ctx, id, editor(p.Env))
		}
		return s.changed(s.client.Update(ctx, id, patch))
	})
}

// editTags changes tags as well as what the patch says. Tags can only be sent
// whole, so nobody else may have changed the task meanwhile.
func (s *session) editTags(ctx context.Context, id task.ID, patch task.Patch, add, remove []string) error {
	t, err := s.client.Get(ctx, id)
	if err != nil {
		return err
	}
	tags := append(slices.Clone(t.Tags), add...)
	for _, gone := range remove {
		tags = slices.DeleteFunc(tags, func(tag string) bool { return tag == strings.ToLower(gone) })
	}
	patch.Tags = task.Value(tags)
	return s.changed(s.ifMatch(t).Update(ctx, id, patch))
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
	var p *httpapi.Problem
	if errors.As(err, &p) && p.Status == http.StatusPreconditionFailed {
		return &Failure{Conflict, "somebody changed the task meanwhile: look at it, and do it again"}
	}
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(s.answer)
	}
	s.told("changed", t)
	return nil
}
