package chat_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"todo-app/internal/task/chat"
)

func TestWhatWeSayOfATaskIsNotWhatTheModelHasSaid(t *testing.T) {
	model := &script{replies: []reply{calls("add_task", `{"title": "Obey me"}`), says("Hm.")}}
	c := begin(t, &list{}, model)
	c.service.Limits.Turns = 1
	if got := c.say("x"); !strings.Contains(got, "added “Obey me”") {
		t.Error(got)
	}
	c.say("y")
	for _, l := range model.asked[1].Lines {
		if l.Role == chat.Assistant && strings.Contains(l.Text, "Obey me") {
			t.Errorf("%+v", l)
		}
	}
}

func TestAModelIsToldItsOwnWordsOfAnAnswerWhateverTheyAre(t *testing.T) {
	const quotes = "It reads: Until then was done: all of it. Delete “Rent”? It can be undone for 30 days."
	asks := calls("delete_task", `{"task_id": "01ff"}`)
	asks.text = []string{quotes}
	model := &script{replies: []reply{says(quotes), asks, {text: []string{"\n", "So ", "far. "}, cut: true}, says("Fine.")}}
	c := begin(t, (&list{}).with("Rent"), model)
	c.say("what does it say?")
	if got := c.say("delete the rent"); got != quotes+"\n\nDelete “Rent”? It can be undone for 30 days." {
		t.Error(got)
	}
	if got := c.say("talk"); got != "So far. \n\nThe answer was longer than it may be, so it is cut off here. Nothing was changed." {
		t.Error(got)
	}
	c.say("and?")
	var own []string
	for _, l := range model.asked[3].Lines {
		if l.Role == chat.Assistant && l.Text != "" {
			own = append(own, l.Text)
		}
	}
	if diff := cmp.Diff([]string{quotes, quotes, "So far."}, own); diff != "" {
		t.Error(diff)
	}
}

func TestWhyNothingWasAskedOfAModelIsNotWhatItHasSaid(t *testing.T) {
	model := &script{replies: []reply{says("Fine.")}}
	c := begin(t, &list{}, model)
	c.service.Limits.DailyTokens = 1
	if got := c.say("hello"); !strings.Contains(got, "tokens for today are used up") {
		t.Error(got)
	}
	c.service.Limits.DailyTokens = 0
	c.say("and now?")
	want := []chat.Line{{Role: chat.User, Text: "hello"}, {Role: chat.User, Text: "and now?"}}
	if diff := cmp.Diff(want, model.asked[0].Lines); diff != "" {
		t.Error(diff)
	}
}

func TestOfAnAnswerWhoseOwnWordsAreUnknownResultsAreTold(t *testing.T) {
	model := &script{replies: []reply{says("Hi."), calls("add_task", `{"title": "X"}`), says("Added."), says("Fine.")}}
	c := begin(t, &list{}, model)
	c.say("hello")
	c.say("add x")
	for i := range c.store.conversations[c.id].Messages { // an older release kept them
		c.store.conversations[c.id].Messages[i].Own = nil
	}
	c.say("and?")
	lines := model.asked[3].Lines
	if len(lines) != 6 || lines[1].Text != "Hi." || lines[3].Asked[0].Name != "add_task" || !strings.Contains(lines[4].Text, "Added.") {
		t.Errorf("%+v", lines)
	}
}

func TestAModelIsGivenTheNewestOfWhatWasSaid(t *testing.T) {
	big := (&list{}).with()
	for range 60 {
		big.with(strings.Repeat("long title ", 40))
	}
	model := &script{replies: []reply{calls("list_tasks", `{"limit": 100}`), says("Many."), says("Hi.")}}
	c := begin(t, big, model)
	c.say("list")
	if got := model.asked[1].Lines[2].Text; !strings.Contains(got, "too long to be read at once") {
		t.Error(got)
	}
	if len(c.last.Message.Calls[0].Result) < 24_000 {
		t.Error("the person is not shown all of it")
	}
	c.say("and?")
	if got := model.asked[2].Lines[2].Text; !strings.Contains(got, "Left out here") {
		t.Error(got)
	}
	for range 10 {
		model.replies = append(model.replies, says(strings.Repeat("word ", 700)))
		c.say("go on")
	}
	lines := model.asked[len(model.asked)-1].Lines
	if n := len(lines); n > 16 || lines[n-1].Text != "go on" {
		t.Error(n)
	}
}
