package client_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestShowTellsAllThatBelongsToATask(t *testing.T) {
	t.Parallel()
	p := start(t).person(t, "COLUMNS=60")
	named := fill(p)
	p.ask(http.MethodPatch, "/api/v1/tasks/"+idOf(p, named["rent"]), fmt.Sprintf(
		`{"description": "To the *new* account.\n\n\u001b[2Ja line that is so long that it has to be broken somewhere, and 買い物リストを作る牛乳とパンと卵を忘れないこと\n", "depends_on": [%q, %q]}`,
		idOf(p, named["done"]), idOf(p, named["late"])))
	p.todo("show", named["rent"])
	p.todo("show", named["move"])
	p.todo("show", named["van"])
	p.todo("show", named["done"])
	p.todo("show", named["hostile"])
	p.saw("show")
}

func TestHistoryTellsWhatWasChangedAndByWhom(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.person(t, "TODO_TOKEN=alice", "COLUMNS=60")
	id := p.post(`{"title": "Pay rent", "tags": ["a", "b"]}`)
	s.clock.set("2026-03-01T10:00:00Z")
	p.ok("edit", id, "--due", "2026-03-05", "--clear", "tag", "--title", "Pay the rent\x1b, all of it and more than can be shown in a line")
	p.ok("done", id)
	p.todo("show", id, "--history")
	p.saw("history")
	var entries []struct{ Change string }
	if err := json.Unmarshal([]byte(p.ok("show", id, "--history", "--json")), &entries); err != nil || len(entries) != 3 || entries[0].Change != "created" {
		t.Errorf("%v, %v", entries, err)
	}
}

func TestALongHistoryIsShownWhole(t *testing.T) {
	t.Parallel()
	p := start(t).person(t)
	whole := idOf(p, p.post(`{"title": "0"}`))
	for i := range 500 {
		p.ask(http.MethodPatch, "/api/v1/tasks/"+whole, fmt.Sprintf(`{"title": "%d"}`, i+1))
	}
	if out := p.ok("show", whole, "--history"); !strings.Contains(out, "title: 499 → 500\n") {
		t.Error(out)
	}
	var entries []struct{ Change string }
	if err := json.Unmarshal([]byte(p.ok("show", whole, "--history", "--json")), &entries); err != nil || len(entries) != 501 {
		t.Errorf("%d, %v", len(entries), err)
	}
}
