package client

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"todo-app/internal/cli/terminal"
	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

// showHistory writes down what became of a task, oldest first.
func (s *session) showHistory(ctx context.Context, id task.ID) error {
	fmt.Fprintf(s.out, "\n%s\n", s.out.Styled(terminal.Faint, "history"))
	return s.histories(ctx, id, func(h httpapi.History) error {
		for _, e := range h.Entries {
			by := fmt.Sprintf("  %s  %s by %s", moment(e.At, s.view), e.Change, e.Actor)
			s.line(by)
			for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
				if change := e.Fields[name]; e.Change != task.Created && !strings.HasSuffix(name, "_at") { // the line above has the time
					s.line("    " + name + ": " + said(change[0]) + " → " + said(change[1]))
				}
			}
		}
		return nil
	})
}

// line writes one line, cut where the window ends.
func (s *session) line(text string) {
	text = terminal.Line(text)
	if s.out.Width > 0 {
		text = terminal.Cut(text, s.out.Width)
	}
	fmt.Fprintln(s.out, text)
}

// said writes a member's value for people.
func said(value json.RawMessage) string {
	var text string
	var list []string
	switch {
	case json.Unmarshal(value, &text) == nil && text != "":
		return text
	case json.Unmarshal(value, &list) == nil && len(list) > 0:
		return strings.Join(list, ", ")
	case string(value) == "null" || string(value) == "[]" || string(value) == `""`:
		return "nothing"
	}
	return string(value)
}

// historyJSON writes a task's history as it came, as one array.
func (s *session) historyJSON(ctx context.Context, id task.ID) error {
	out := array{s: s}
	err := s.histories(ctx, id, func(httpapi.History) error {
		var entries []json.RawMessage
		if err := json.Unmarshal(s.answer, &entries); err != nil {
			return fmt.Errorf("reading a history: %w", err)
		}
		return out.add(entries...)
	})
	if err != nil {
		return err
	}
	return out.end()
}

// histories calls do with every page of a task's history.
func (s *session) histories(ctx context.Context, id task.ID, do func(httpapi.History) error) error {
	h, err := s.client.History(ctx, id)
	for ; err == nil; h, err = s.client.NextHistory(ctx, h) {
		if err := do(h); err != nil || h.Next == "" {
			return err
		}
	}
	return err
}
