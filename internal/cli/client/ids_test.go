package client_test

import (
	"strings"
	"testing"

	"todo-app/internal/cli/client"
	"todo-app/internal/task"
)

// idOf returns the whole id of a task.
func idOf(p *person, name string) string {
	p.t.Helper()
	for line := range strings.Lines(p.ok("show", name)) {
		if id, ok := strings.CutPrefix(line, "id "); ok {
			return strings.TrimSpace(id)
		}
	}
	p.t.Fatal("there is no id")
	return ""
}

func TestNamesAreAsLongAsTellsThoseShownApart(t *testing.T) {
	t.Parallel()
	id := func(tail string) task.ID {
		id, err := task.ParseID("0190b6a0-5f3c-7000-8000-5b5e2f0c7a11"[:36-len(tail)] + tail)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	for _, one := range []struct {
		tails []string
		want  string
	}{
		{nil, "0c7a11"},
		{[]string{"0c7a12"}, "0c7a11"},
		{[]string{"0c7a11", "0c7a11"}, "0c7a11"}, // the same one twice
		{[]string{"ff0c7a11"}, "2f0c7a11"},
		{[]string{"9-8000-5b5e2f0c7a11"}, "0" + "80005b5e2f0c7a11"},
	} {
		ids := []task.ID{id("")}
		for _, tail := range one.tails {
			ids = append(ids, id(tail))
		}
		if got := client.Tails(ids)(id("")); got != one.want {
			t.Errorf("beside %v it is %s, want %s", one.tails, got, one.want)
		}
	}
}

func TestTasksAreNamedByTheEndOfTheirIds(t *testing.T) {
	t.Parallel()
	p := start(t).person(t)
	short := p.post(`{"title": "the one", "archived": true, "completed": true}`)
	whole := idOf(p, short)
	for _, name := range []string{whole, strings.ToUpper(whole), short, strings.ToUpper(short), short[2:], whole[20:], strings.ReplaceAll(whole, "-", "")} {
		if out := p.ok("show", name); !strings.HasPrefix(out, "the one\n") {
			t.Errorf("%s shows %s", name, out)
		}
	}
	p.fails(2, `"`+short[3:]+`" is no id of a task`, "show", short[3:])
	p.fails(2, `"milk" is no id of a task`, "show", "milk")
	p.fails(2, `"" is no id of a task`, "show", "")
	p.fails(3, "there is no task 0000000", "show", "0000000")
	p.fails(3, "there is no such task", "show", "0190b6a0-5f3c-7000-8000-5b5e2f0c7a11")
	p.fails(2, "\"two\" is no id of a task: at least the last 4 characters of one are needed, as todo list shows them\n\"three\"", "done", "two", "three")
}

func TestAnEndOfSeveralIdsIsRefusedWithAList(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.person(t)
	first, second := task.ID{1, 7, 9: 1, 14: 0xab, 15: 0xcd}, task.ID{1, 7, 9: 2, 14: 0xab, 15: 0xcd}
	s.ids.first = []task.ID{first, second}
	p.post(`{"title": "first\u001b"}`)
	p.post(`{"title": "second"}`)
	p.fails(2, "abcd is the end of several ids:\n  200000000abcd  second\n  100000000abcd  first␛\n", "show", "abcd")
	if out := p.ok("show", "200000000abcd"); !strings.HasPrefix(out, "second\n") {
		t.Error(out)
	}
	if out := p.ok("list"); !strings.Contains(out, "100000000abcd  ") || !strings.Contains(out, "200000000abcd  ") {
		t.Errorf("a list does not tell them apart: %s", out)
	}
}
