package client_test

import (
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// assistant connects as a program does that starts its servers itself.
func (p *person) assistant(args ...string) *mcp.ClientSession {
	p.t.Helper()
	c, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(p.t.Context(), &mcp.CommandTransport{Command: p.command(args...)}, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { c.Close() })
	return c
}

func (p *person) call(s *mcp.ClientSession, tool string, arguments map[string]any) (text string, refused bool) {
	p.t.Helper()
	r, err := s.CallTool(p.t.Context(), &mcp.CallToolParams{Name: tool, Arguments: arguments})
	if err != nil {
		p.t.Fatal(err)
	}
	return r.Content[0].(*mcp.TextContent).Text, r.IsError
}

func TestAnAssistantUsesTheTasksOfWhoeverStartsIt(t *testing.T) {
	t.Parallel()
	p := start(t).person(t, "TODO_TOKEN=alice", "COLUMNS=100")
	s := p.assistant("mcp")
	added, refused := p.call(s, "add_task", map[string]any{"title": "Call the bank", "due": "tomorrow 9am"})
	if refused || !strings.Contains(added, `"due":"2026-03-02T09:00:00+01:00"`) {
		t.Errorf("added: %s", added)
	}
	if seen := p.run("", "list"); !strings.Contains(seen.out, "Call the bank") {
		t.Errorf("todo list shows %+v", seen)
	}
	if undone, refused := p.call(s, "undo", nil); refused {
		t.Errorf("undone: %s", undone)
	}
	if seen := p.run("", "list"); strings.Contains(seen.out, "Call the bank") {
		t.Errorf("todo list still shows %+v", seen)
	}
}

func TestAnAssistantThatMayReadIsOfferedNothingElse(t *testing.T) {
	t.Parallel()
	s := start(t).person(t, "TODO_TOKEN=alice").assistant("mcp", "--read-only")
	offered, err := s.ListTools(t.Context(), nil)
	if err != nil || len(offered.Tools) != 4 {
		t.Errorf("offered are %v, %v", offered, err)
	}
}

// promptly is less than an assistant waits for answers that do not come.
const promptly = 20 * time.Second

func TestAnAssistantWhoseInputEndsEndsInOrder(t *testing.T) {
	t.Parallel()
	p := start(t).person(t, "TODO_TOKEN=wrong")
	message := `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`
	began := time.Now()
	got := p.run(message+"\n", "mcp")
	if took := time.Since(began); took > promptly {
		t.Errorf("it ended after %v, with nothing to wait for", took)
	}
	if got.code != 0 || got.problem != "" || !strings.HasPrefix(got.out, `{"jsonrpc":"2.0","id":1`) || strings.Count(got.out, "\n") != 1 {
		t.Errorf("it ended with %+v", got)
	}
}
