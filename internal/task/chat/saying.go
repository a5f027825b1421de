package chat

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"todo-app/internal/task"
)

// check returns everything that is wrong with what is said, as task.Faults.
func (s Saying) check() error {
	var faults task.Faults
	fault := func(pointer, detail string) { faults = append(faults, task.Fault{Pointer: pointer, Detail: detail}) }
	given := 0
	for _, is := range []bool{s.Text != nil, !s.Confirm.IsZero(), !s.Decline.IsZero()} {
		if is {
			given++
		}
	}
	if given != 1 {
		fault("", "exactly one of message, confirm and decline must be given")
	}
	if s.Conversation.IsZero() && !s.named().IsZero() {
		fault("/conversation_id", "is required: what waits for a yes belongs to a conversation")
	}
	if s.ReadOnly && !s.Confirm.IsZero() {
		fault("/confirm", "needs a credential that may change tasks")
	}
	if s.Text != nil {
		if detail := unreadable(*s.Text); detail != "" {
			fault("/message", detail)
		}
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

func unreadable(text string) string {
	switch n := utf8.RuneCountInString(text); {
	case !utf8.ValidString(text):
		return "must be valid UTF-8"
	case n > MaxText:
		return fmt.Sprintf("must be at most %d characters; this has %d", MaxText, n)
	case strings.ContainsRune(text, 0):
		return "must not contain the character U+0000"
	case strings.TrimSpace(text) == "":
		return "must not be blank"
	}
	return ""
}

// named returns the confirmation that is named, zero if none is.
func (s Saying) named() task.ID {
	if !s.Confirm.IsZero() {
		return s.Confirm
	}
	return s.Decline
}

// agrees reports whether it is a plain yes.
func (s Saying) agrees() bool {
	if s.Text == nil {
		return !s.Confirm.IsZero()
	}
	return !s.ReadOnly && !strings.ContainsAny(*s.Text, "?؟") && s.is(func(w *words) []string { return w.agreeing })
}

// refuses reports whether it is a plain no.
func (s Saying) refuses() bool {
	if s.Text == nil {
		return !s.Decline.IsZero()
	}
	return s.is(func(w *words) []string { return w.declining })
}

// is reports whether the text is one of those of some language.
func (s Saying) is(those func(*words) []string) bool {
	text := strings.Join(folded(*s.Text), " ")
	return inSome(func(w *words) bool { return slices.Contains(those(w), text) })
}

// inWords is what is said; of a button what it says in the language that it asks in.
func (s Saying) inWords(w *words) string {
	switch {
	case s.Text != nil:
		return *s.Text
	case !s.Confirm.IsZero():
		return w.yes
	}
	return w.no
}
