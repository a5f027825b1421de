package chat_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"todo-app/internal/task/chat"
)

// FuzzSaying says anything where no model listens. It is answered, in words
// that can be kept; nothing is taken away or completed in bulk; and what was said
// is a task, part of a question, or was about one.
func FuzzSaying(f *testing.F) {
	f.Fuzz(func(t *testing.T, said string) {
		l := (&list{}).with("Pay rent", "میرا کرایہ", "Water")
		c := begin(t, l, nil)
		if err := c.try(chat.Saying{Text: &said}); err != nil {
			if utf8.ValidString(said) && !strings.ContainsRune(said, 0) && strings.TrimSpace(said) != "" && utf8.RuneCountInString(said) <= chat.MaxText {
				t.Fatalf("%q: %v", said, err)
			}
			return
		}
		m := c.last.Message
		if m.Text == "" || !utf8.ValidString(m.Text) || m.Text != c.deltas || len(l.tasks) < 3 || len(l.steps) > 1 {
			t.Fatalf("%q: %q, %q, %s", said, m.Text, c.deltas, l.titles())
		}
		for _, call := range m.Calls {
			if !json.Valid(call.Arguments) || !json.Valid(call.Result) || call.Name == "delete_task" {
				t.Fatalf("%q: %s %s: %s", said, call.Name, call.Arguments, call.Result)
			}
		}
		if w := m.Confirmation; w != nil {
			c.say("yes")
			if got := c.last.Message; w.Question == "" || len(got.Calls) != 1 || got.Calls[0].Refused {
				t.Fatalf("%q asks %q, and a yes %+v", said, w.Question, got)
			}
		}
	})
}

// FuzzModel has a model call tools with anything. What needs a yes waits for it.
func FuzzModel(f *testing.F) {
	f.Fuzz(func(t *testing.T, name, arguments, text string) {
		l := (&list{}).with("Pay rent", "Fixed", "Water")
		c := begin(t, l, &script{replies: []reply{{text: []string{text}, asked: []chat.Asked{{ID: "1", Name: name, Arguments: arguments}}}, says("Done.")}})
		c.say("x")
		m := c.last.Message
		if !utf8.ValidString(m.Text) || strings.ContainsRune(m.Text, 0) || len(l.tasks) < 3 {
			t.Fatalf("%q, %s", m.Text, l.titles())
		}
		for _, call := range m.Calls {
			if !json.Valid(call.Arguments) || !utf8.Valid(call.Arguments) || !json.Valid(call.Result) || !utf8.ValidString(call.Name) || strings.ContainsRune(call.Name, 0) {
				t.Fatalf("%q %s: %s", call.Name, call.Arguments, call.Result)
			}
		}
		if m.Confirmation != nil && c.used() != "" || m.Confirmation == nil && len(m.Calls) == 0 {
			t.Fatalf("%q %s asks and does %s", name, arguments, c.used())
		}
	})
}
