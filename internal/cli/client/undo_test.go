package client_test

import (
	"strings"
	"testing"

	"todo-app/internal/cli/client"
)

func TestWhatWasDoneIsTakenBackAndDoneAgain(t *testing.T) {
	t.Parallel()
	p := start(t).person(t, "TODO_TOKEN=alice", "COLUMNS=100")
	p.fails(client.Conflict, "nothing to undo", "undo")
	id := p.post(`{"title": "Pay rent\u001b", "due": "2026-03-05", "recurrence": {"rule": "monthly"}}`)
	p.ok("edit", id, "--title", "Pay the rent")
	p.ok("done", id)
	p.todo("undo", "--list")
	p.todo("undo")
	p.todo("list")
	p.todo("undo", "--list")
	p.todo("undo", "4")
	p.todo("list", "--status", "all")
	p.saw("undo")
	if out := p.ok("undo", "--json"); !strings.Contains(out, `"action": "undone"`) && !strings.Contains(out, `"action":"undone"`) {
		t.Error(out)
	}
	p.fails(client.NotFound, "operation", "undo", "999")
	for _, wrong := range []string{"0", "-1", "1.5", "last", "99999999999999999999"} {
		p.fails(client.Usage, "is no number", "undo", "--", wrong)
	}
	p.fails(client.Usage, "leave the number out", "undo", "--list", "3")
}
