package agents_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"todo-app/internal/cli/agents"
	"todo-app/internal/cli/client"
	"todo-app/internal/kube"
)

// cluster is an API server that has Jobs.
type cluster struct {
	mu   sync.Mutex
	jobs map[string]string
	gone []string

	selected string // by which labels they were listed
}

const (
	ours   = `"labels":{"app.kubernetes.io/part-of":"todo-app","app.kubernetes.io/instance":"mine"}`
	theirs = `"labels":{"app.kubernetes.io/part-of":"todo-app","app.kubernetes.io/instance":"theirs"}`
	nobody = `"labels":{"app.kubernetes.io/part-of":"todo-app"}`
	byCron = `"ownerReferences":[{"kind":"CronJob","name":"todo-app-sweep"}]`
	byHand = `"annotations":{"cronjob.kubernetes.io/instantiate":"manual"}`
	failed = `"status":{"conditions":[{"type":"Failed","status":"True","reason":"BackoffLimitExceeded"}]}`
)

func job(name, metadata, status string) string {
	return fmt.Sprintf(`{"metadata":{"name":%q,"uid":"u-%[1]s","resourceVersion":"7","creationTimestamp":"2026-11-27T09:30:00Z",%s},%s}`, name, metadata, status)
}

func (c *cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	name, one := strings.CutPrefix(r.URL.Path, "/apis/batch/v1/namespaces/ns/jobs/")
	switch {
	case r.URL.Path == "/apis/batch/v1/namespaces/ns/jobs" && r.Method == "GET":
		c.selected = r.URL.Query().Get("labelSelector")
		var all []string
		for _, j := range c.jobs {
			all = append(all, j)
		}
		fmt.Fprintf(w, `{"items":[%s]}`, strings.Join(all, ","))
	case one && c.jobs[name] == "":
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"message":"no such job"}`)
	case one && r.Method == "GET":
		fmt.Fprint(w, c.jobs[name])
	case one && r.Method == "DELETE":
		body, _ := io.ReadAll(r.Body)
		c.gone = append(c.gone, name+" "+strings.TrimSpace(string(body)))
		delete(c.jobs, name)
		fmt.Fprint(w, `{}`)
	default:
		w.WriteHeader(http.StatusTeapot)
	}
}

func (c *cluster) client(t *testing.T) *kube.Client {
	t.Helper()
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	return &kube.Client{Base: server.URL, HTTP: server.Client(), Token: func() (string, error) { return "token", nil }}
}

// session speaks to a janitor as any client of the protocol does.
func session(t *testing.T, c *cluster) *mcp.ClientSession {
	t.Helper()
	server := httptest.NewServer(agents.Janitor(kube.Jobs{Client: c.client(t), Namespace: "ns", Release: "mine"}))
	t.Cleanup(server.Close)
	s, err := mcp.NewClient(&mcp.Implementation{Name: "test"}, nil).Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: server.URL + "/mcp"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func call(t *testing.T, s *mcp.ClientSession, tool string, arguments map[string]any) (text string, failed bool) {
	t.Helper()
	result, err := s.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: arguments})
	if err != nil {
		return err.Error(), true
	}
	for _, content := range result.Content {
		if c, ok := content.(*mcp.TextContent); ok {
			text += c.Text
		}
	}
	return text, result.IsError
}

func TestTheJanitorDeletesFailedJobsOfCronJobsAndNothingElse(t *testing.T) {
	t.Parallel()
	c := &cluster{jobs: map[string]string{
		"spent":     job("spent", ours+","+byCron, failed),
		"running":   job("running", ours+","+byCron, `"status":{}`),
		"succeeded": job("succeeded", ours+","+byCron, `"status":{"conditions":[{"type":"Complete","status":"True"}]}`),
		"migrate":   job("migrate", ours, failed),                       // which nothing makes anew
		"restore":   job("restore", ours+","+byCron+","+byHand, failed), // nor this
		"another's": job("another's", `"labels":{},`+byCron, failed),
		"theirs":    job("theirs", theirs+","+byCron, failed), // of a release beside this one
		"nobody's":  job("nobody's", nobody+","+byCron, failed),
	}}
	s := session(t, c)
	text, bad := call(t, s, "list_failed_jobs", nil)
	if want := `{"jobs":[{"began":"2026-11-27T09:30:00Z","cron_job":"todo-app-sweep","name":"spent","why":"BackoffLimitExceeded"}]}`; text != want || bad {
		t.Errorf("listed is %s", text)
	}
	if want := "app.kubernetes.io/part-of=todo-app,app.kubernetes.io/instance=mine"; c.selected != want {
		t.Errorf("selected are those of %q", c.selected)
	}
	for _, name := range []string{"running", "succeeded", "migrate", "restore", "another's", "theirs", "nobody's", "nobody", "", "../../../secrets/x", "spent/../running"} {
		if text, bad := call(t, s, "delete_failed_job", map[string]any{"name": name}); !bad {
			t.Errorf("%q is deleted: %s", name, text)
		}
	}
	if len(c.gone) > 0 {
		t.Error("deleted are", c.gone)
	}
	if text, bad := call(t, s, "delete_failed_job", map[string]any{"name": "spent"}); bad || !strings.Contains(text, `"deleted":"spent"`) {
		t.Error(text)
	}
	want := []string{`spent {"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background","preconditions":{"uid":"u-spent","resourceVersion":"7"}}`}
	if diff := cmp.Diff(want, c.gone); diff != "" {
		t.Error(diff)
	}
}

// TestTheJanitorsToolsAreFitForNarrowReaders: each property has one type, and a
// tool says whether it only reads.
func TestTheJanitorsToolsAreFitForNarrowReaders(t *testing.T) {
	t.Parallel()
	tools, err := session(t, &cluster{}).ListTools(t.Context(), nil)
	if err != nil || len(tools.Tools) != 2 {
		t.Fatal(tools, err)
	}
	for _, tool := range tools.Tools {
		schema, err := json.Marshal(tool.InputSchema)
		if err != nil {
			t.Fatal(err)
		}
		var s struct {
			Type       string
			Properties map[string]struct{ Type string }
		}
		if err := json.Unmarshal(schema, &s); err != nil || s.Type != "object" {
			t.Errorf("%s takes %s: %v", tool.Name, schema, err)
		}
		if tool.Annotations.ReadOnlyHint != (tool.Name == "list_failed_jobs") {
			t.Errorf("%s: %+v", tool.Name, tool.Annotations)
		}
	}
}

func TestOutsideAClusterThereIsNoJanitor(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	if _, err := command(t, agents.JanitorCommand(), "--release", "mine"); err == nil || !strings.Contains(err.Error(), "no pod of a cluster") {
		t.Error(err)
	}
	var f *client.Failure
	if _, err := command(t, agents.JanitorCommand()); !errors.As(err, &f) || f.Code != client.Usage {
		t.Errorf("of no release: %v", err)
	}
}
