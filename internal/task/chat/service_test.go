package chat_test

import (
	"errors"
	"strings"
	"testing"

	"todo-app/internal/task"
	"todo-app/internal/task/chat"
)

func text(s string) chat.Saying { return chat.Saying{Text: &s} }

func TestWhatStorageSaysIsReturned(t *testing.T) {
	for _, method := range []string{"Begin", "Reserve", "End"} {
		c := begin(t, &list{}, &script{replies: []reply{says("Hi.")}})
		c.store.fails[method] = task.ErrUnavailable
		if err := c.try(text("hi")); !errors.Is(err, task.ErrUnavailable) {
			t.Error(method, err)
		}
	}
}

func TestWhatIsSaidIsChecked(t *testing.T) {
	c := begin(t, &list{}, nil)
	long := strings.Repeat("x", chat.MaxText+1)
	for name, said := range map[string]chat.Saying{
		"":                 {},
		"/message":         text(" \n"),
		"/message long":    text(long),
		"/message zero":    text("a\x00"),
		"/message bytes":   text("a\xff"),
		"/conversation_id": {Confirm: task.ID{1}},
	} {
		var faults task.Faults
		if err := c.try(said); !errors.As(err, &faults) || !strings.HasPrefix(name, faults[0].Pointer) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(c.store.conversations) > 0 {
		t.Error("something is kept of it")
	}
}

func TestConversationsAreListedReadAndDeleted(t *testing.T) {
	c := begin(t, &list{}, nil)
	c.say(strings.Repeat("long ", 50))
	all, err := c.service.List(t.Context(), "owner", chat.Position{}, 10)
	if err != nil || len(all) != 1 || len([]rune(all[0].Title)) != chat.MaxTitle {
		t.Error(all, err)
	}
	if err := c.service.Delete(t.Context(), "owner", c.id); err != nil {
		t.Error(err)
	}
	if err := c.try(text("hi")); !errors.Is(err, chat.ErrNoConversation) || c.last.Conversation != c.id {
		t.Error(err)
	}
}
