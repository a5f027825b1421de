package client

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"todo-app/internal/cli/terminal"
	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

func (p *Program) show() *cobra.Command {
	history := false
	c := &cobra.Command{
		Use:   "show ID",
		Short: "Show a task with all that belongs to it",
		Long: `Show a task with all that belongs to it: its subtasks, the task it is part of and
those it waits for. --history adds what was changed, when and by whom. With --json
it is the task alone or, with both, its history alone.`,
		Example: `  todo show 9c41f2
  todo show 9c41f2 --history
  todo show 9c41f2 --json | jq .due`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: p.completeTask,
	}
	c.Flags().BoolVar(&history, "history", false, "also show what was changed")
	return p.verb(c, func(ctx context.Context, s *session, args []string) error {
		id, err := s.findOne(ctx, args[0])
		if err != nil {
			return err
		}
		if history && s.json {
			return s.historyJSON(ctx, id)
		}
		t, err := s.client.Get(ctx, id)
		if err != nil {
			return err
		}
		if s.json {
			return s.printJSON(s.answer)
		}
		if err := s.showTask(ctx, t); err != nil || !history {
			return err
		}
		return s.showHistory(ctx, id)
	})
}

// showTask writes down a task and those it is related to.
func (s *session) showTask(ctx context.Context, t httpapi.Task) error {
	for _, line := range terminal.Wrap(terminal.Line(t.Title), s.out.Width) {
		fmt.Fprintln(s.out, s.out.Styled(terminal.Strong, line))
	}
	due := dueCell(t, s.view)
	s.fact("id", t.ID.String(), terminal.Name)
	s.fact("state", standing(t, s.view), stateCell(t).Style)
	s.fact("due", due.Text, due.Style)
	s.fact("repeats", repeats(t.Recurrence), terminal.Plain)
	s.fact("reminders", joined(t.Reminders), terminal.Plain)
	s.fact("priority", t.Priority.String(), priorityCell(t.Priority).Style)
	s.fact("category", t.Category, terminal.Plain)
	s.fact("tags", strings.Join(t.Tags, ", "), terminal.Plain)
	s.fact("created", moment(t.CreatedAt, s.view), terminal.Plain)
	s.fact("updated", moment(t.UpdatedAt, s.view), terminal.Plain)
	if err := s.showRelations(ctx, t); err != nil {
		return err
	}
	s.paragraph(t.Description)
	return nil
}

// standing says how a task stands, and since when.
func standing(t httpapi.Task, v task.View) string {
	var words []string
	switch {
	case t.Completed():
		words = append(words, "done "+moment(t.CompletedAt, v))
	case t.Blocked:
		words = append(words, "open, blocked")
	default:
		words = append(words, "open")
	}
	if t.Archived() {
		words = append(words, "archived "+moment(t.ArchivedAt, v))
	}
	return strings.Join(words, ", ")
}

// inWords are the rules that the words of the contract are kept as.
var inWords = map[string]string{
	"FREQ=DAILY":                 "daily",
	"FREQ=WEEKLY":                "weekly",
	"FREQ=MONTHLY":               "monthly",
	"FREQ=MONTHLY;BYMONTHDAY=-1": "monthly on the last day",
	"FREQ=MONTHLY;BYMONTHDAY=28,29;BYSETPOS=-1":    "monthly on the 29th, or the last day",
	"FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1": "monthly on the 30th, or the last day",
	"FREQ=YEARLY":                         "yearly",
	"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1": "yearly on the last day of February",
}

func repeats(r task.Recurrence) string {
	text := cmp.Or(inWords[r.Rule], r.Rule)
	if r.From == task.FromCompletion {
		text += ", counted from when it is done"
	}
	if r.SkipIfOpen {
		text += ", skipped while it is open"
	}
	return text
}

func joined[T ~string](list []T) string {
	words := make([]string, len(list))
	for i, item := range list {
		words[i] = string(item)
	}
	return strings.Join(words, ", ")
}

// label is how wide the names of facts are.
const label = 12

// fact writes a fact about a task, if there is something to say.
func (s *session) fact(name, value string, style terminal.Style) {
	room := 0
	if s.out.Width > 0 {
		room = max(s.out.Width-label, 1)
	}
	for i, line := range terminal.Wrap(terminal.Line(value), room) {
		if value == "" {
			return
		}
		if i > 0 {
			name = ""
		}
		fmt.Fprintf(s.out, "%s%s\n", s.out.Styled(terminal.Faint, fmt.Sprintf("%-*s", label, name)), s.out.Styled(style, line))
	}
}

// paragraph writes a longer text below the facts.
func (s *session) paragraph(text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	fmt.Fprintln(s.out)
	for _, line := range terminal.Lines(strings.TrimLeft(text, "\n")) {
		for _, part := range terminal.Wrap(line, s.out.Width) {
			fmt.Fprintln(s.out, part)
		}
	}
}

// showRelations writes down the tasks that a task is related to.
func (s *session) showRelations(ctx context.Context, t httpapi.Task) error {
	if !t.ParentID.IsZero() {
		parents, err := s.those(ctx, []task.ID{t.ParentID})
		if err != nil {
			return err
		}
		s.related("part of", parents)
	}
	if t.Subtasks.Total > 0 {
		var subtasks []httpapi.Task
		params := url.Values{"parent": {t.ID.String()}, "archived": {"all"}, "sort": {"order"}}
		if _, err := s.each(ctx, params, 0, func(one httpapi.Task) { subtasks = append(subtasks, one) }); err != nil {
			return err
		}
		s.related(fmt.Sprintf("subtasks, %d of %d done", t.Subtasks.Completed, t.Subtasks.Total), subtasks)
	}
	dependencies, err := s.those(ctx, t.DependsOn)
	if err != nil {
		return err
	}
	s.related("waits for", dependencies)
	return nil
}

// those returns the tasks of these ids that are still there.
func (s *session) those(ctx context.Context, ids []task.ID) ([]httpapi.Task, error) {
	var found []httpapi.Task
	for _, id := range ids {
		t, err := s.client.Get(ctx, id)
		if isGone(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found = append(found, t)
	}
	return found, nil
}

// related writes tasks down below a heading, if there are any.
func (s *session) related(heading string, list []httpapi.Task) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(s.out, "\n%s\n", s.out.Styled(terminal.Faint, heading))
	for _, t := range list {
		mark := "[ ]"
		if t.Completed() {
			mark = "[x]"
		}
		line := fmt.Sprintf("  %s %s  %s", mark, short(t.ID), terminal.Line(t.Title))
		if s.out.Width > 0 {
			line = terminal.Cut(line, s.out.Width)
		}
		fmt.Fprintln(s.out, line)
	}
}
