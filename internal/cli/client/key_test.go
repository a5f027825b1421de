package client_test

import (
	"strings"
	"testing"

	"todo-app/internal/cli/client"
	"todo-app/internal/task"
)

func TestAKeyIsPrintedOnceListedAndRevoked(t *testing.T) {
	t.Parallel()
	p := start(t).person(t, "TODO_TOKEN=alice", "COLUMNS=100")
	token := strings.TrimSpace(p.ok("key", "create", "back\x1bup", "--read-only", "--life", "24h"))
	id, secret, ok := task.ParseAPIKey(token)
	if !ok || secret != "SECRET" {
		t.Fatalf("printed %q", token)
	}
	p.ok("key", "create", "other")
	p.todo("key", "list")
	p.saw("keys")
	if out := p.ok("key", "list", "--json"); strings.Contains(out, "SECRET") || !strings.Contains(out, id.String()) {
		t.Error(out)
	}
	p.fails(client.Usage, "--yes", "key", "revoke", id.String())
	if out := p.ok("key", "revoke", id.String(), "--yes"); !strings.Contains(out, "back␛up") {
		t.Error(out)
	}
	if out := p.ok("key", "list"); strings.Contains(out, id.String()) || !strings.Contains(out, "other") {
		t.Error(out)
	}
	p.fails(client.NotFound, "no such key", "key", "revoke", id.String(), "--yes")
	p.fails(client.Usage, "id", "key", "revoke", "other", "--yes")
	p.fails(client.Usage, "name", "key", "create", " ")
	p.fails(client.Usage, "to come", "key", "create", "n", "--life=-1h")
}
