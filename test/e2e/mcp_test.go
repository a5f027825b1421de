//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// tools has an assistant use the tasks through the front door while the
// function for that sleeps, and at the function's own host.
func tools(t *step, r *report) {
	for _, at := range []string{"web", "mcp"} {
		asleep(t, "mcp")
		began := time.Now()
		session, err := mcp.NewClient(&mcp.Implementation{Name: "e2e", Version: "1"}, nil).Connect(t.Context(),
			&mcp.StreamableClientTransport{Endpoint: "http://" + host(at) + "/mcp", HTTPClient: httpClient()}, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer session.Close()
		listed, err := session.ListTools(t.Context(), nil)
		if err != nil || len(listed.Tools) != 10 {
			t.Fatalf("at %s there are %v, %v", at, listed, err)
		}
		r.add("the tools of a sleeping mcp, asked for at "+at, fmt.Sprintf("%.2f s", time.Since(began).Seconds()), "", true)
		call := func(tool string, arguments map[string]any) (answer struct {
			Task struct{ ID, Status string }
			Undo struct{ Operation int64 }
		}) {
			t.Helper()
			result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: arguments})
			if err != nil {
				t.Fatal(err)
			}
			text := result.Content[0].(*mcp.TextContent).Text
			if err := json.Unmarshal([]byte(text), &answer); err != nil || result.IsError {
				t.Fatalf("%s at %s: %s", tool, at, text)
			}
			return answer
		}
		added := call("add_task", map[string]any{"title": "Told by an assistant at " + at, "due": "tomorrow 9am"})
		done := call("complete_task", map[string]any{"task_id": added.Task.ID})
		if done.Task.Status != "completed" {
			t.Errorf("it is %s", done.Task.Status)
		}
		call("undo", map[string]any{"operation": done.Undo.Operation})
		call("undo", map[string]any{"operation": added.Undo.Operation})
	}
	strange := &http.Client{Timeout: 70 * time.Second, Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
	response, err := strange.Post("http://"+host("web")+"/mcp", "application/json", strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusUnauthorized || response.Header.Get("WWW-Authenticate") == "" {
		t.Errorf("without a key: %s", response.Status)
	}
}
