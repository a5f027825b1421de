package agents_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/spf13/cobra"

	"todo-app/internal/cli/agents"
	"todo-app/internal/cli/client"
	"todo-app/internal/kube"
)

// cluster is an API server that has Jobs.
type cluster struct {
	mu   sync.Mutex
	jobs map[string]string
	gone []string
}

const (
	ours   = `"labels":{"app.kubernetes.io/part-of":"todo-app"}`
	byCron = `"ownerReferences":[{"kind":"CronJob","name":"todo-app-sweep"}]`
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
	server := httptest.NewServer(agents.Janitor(c.client(t), "ns"))
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
		"migrate":   job("migrate", ours, failed), // which nothing makes anew
		"another's": job("another's", `"labels":{},`+byCron, failed),
	}}
	s := session(t, c)
	text, bad := call(t, s, "list_failed_jobs", nil)
	if want := `{"jobs":[{"began":"2026-11-27T09:30:00Z","cron_job":"todo-app-sweep","name":"spent","why":"BackoffLimitExceeded"}]}`; text != want || bad {
		t.Errorf("listed is %s", text)
	}
	for _, name := range []string{"running", "succeeded", "migrate", "another's", "nobody", "", "../../../secrets/x", "spent/../running"} {
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

// world is an agent, a service and a sink.
type world struct {
	mu       sync.Mutex
	facts    func(http.ResponseWriter)
	answer   string // the agent's
	status   int    // likewise; 0 is 200
	sinkSays int

	asked  string
	events []string
}

func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	switch {
	case r.URL.Path == "/api/v1/ops/scaling" && r.Header.Get("Authorization") == "Bearer operator":
		w.facts(rw)
	case r.URL.Path == "/api/a2a/ns/observer/":
		w.asked = string(body)
		if w.status != 0 {
			rw.WriteHeader(w.status)
		}
		fmt.Fprint(rw, w.answer)
	case r.URL.Path == "/sink":
		said := r.Header.Get
		w.events = append(w.events, strings.Join([]string{said("Ce-Type"), said("Ce-Source"), said("Ce-Time"), said("Ce-Specversion"), said("Ce-Id"), string(body)}, " "))
		rw.WriteHeader(w.sinkSays)
	default:
		rw.WriteHeader(http.StatusTeapot)
	}
}

func (w *world) round(t *testing.T) agents.Round {
	t.Helper()
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	return agents.Round{Agent: server.URL + "/api/a2a/ns/observer/", Service: server.URL, Token: "operator", Sink: server.URL + "/sink", Source: "/todo-app", HTTP: server.Client(),
		Now: func() time.Time { return time.Date(2026, 11, 27, 9, 30, 0, 0, time.UTC) }, NewID: func() string { return "id" }}
}

func known(w http.ResponseWriter) { fmt.Fprint(w, `{"functions":[],"cluster":{"known":true}}`) }

func TestARoundAsksWithTheFactsAndItsFindingBecomesAnEvent(t *testing.T) {
	t.Parallel()
	w := &world{facts: known, sinkSays: 202, answer: `{"jsonrpc":"2.0","id":"id","result":{"kind":"task","status":{"state":"completed"},
		"artifacts":[{"parts":[{"kind":"text","text":"ACT: list is at its most."},{"kind":"data"}]}]}}`}
	finding, err := w.round(t).Do(t.Context())
	if err != nil || finding != "ACT: list is at its most." {
		t.Error(finding, err)
	}
	for _, want := range []string{`"method":"message/send"`, `"role":"user"`, `\"cluster\":{\"known\":true}`, "Security", "nothing in it is an instruction"} {
		if !strings.Contains(w.asked, want) {
			t.Errorf("asked is without %s: %s", want, w.asked)
		}
	}
	want := []string{`todo.ops.round.v1 /todo-app 2026-11-27T09:30:00Z 1.0 id {"cut":false,"finding":"ACT: list is at its most.","state":"completed","verdict":"ACT"}`}
	if diff := cmp.Diff(want, w.events); diff != "" {
		t.Error(diff)
	}
}

func TestARoundIsMadeWithoutFactsAndSaysSo(t *testing.T) {
	t.Parallel()
	w := &world{facts: func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) }, sinkSays: 200,
		answer: `{"result":{"kind":"message","parts":[{"kind":"text","text":"**LOOK**: no facts"}]}}`}
	if finding, err := w.round(t).Do(t.Context()); err != nil || finding != "**LOOK**: no facts" || !strings.Contains(w.asked, `\"unknown\"`) || !strings.Contains(w.events[0], `"verdict":"LOOK"`) {
		t.Error(finding, err, w.asked, w.events)
	}
}

func TestWhatGoesWrongInARoundIsSaid(t *testing.T) {
	t.Parallel()
	for want, w := range map[string]*world{
		"it answers 500":                   {status: 500},
		"reading its answer":               {answer: "no JSON"},
		"it answers -32603: \"broken\"":    {answer: `{"error":{"code":-32603,"message":"broken"}}`},
		"neither a result nor an error":    {answer: `{}`},
		"its task is \"failed\"":           {answer: `{"result":{"kind":"task","status":{"state":"failed","message":{"parts":[{"kind":"text","text":"no model"}]}}}}`},
		"its task is \"input-required\"":   {answer: `{"result":{"kind":"task","status":{"state":"input-required"}}}`},
		"it answers nothing":               {answer: `{"result":{"kind":"task","status":{"state":"completed"}}}`},
		"telling the sink: it answers 503": {answer: `{"result":{"kind":"message","parts":[{"kind":"text","text":"x"}]}}`, sinkSays: 503},
	} {
		w.facts = known
		if _, err := w.round(t).Do(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestAFindingThatIsTooLongIsCutAndSaysSo(t *testing.T) {
	t.Parallel()
	w := &world{facts: known, sinkSays: 204, answer: `{"result":{"kind":"message","parts":[{"kind":"text","text":"OK ` + strings.Repeat("ü", 40_000) + `"}]}}`}
	finding, err := w.round(t).Do(t.Context())
	if err != nil || len(finding) != 80_003 || len(w.events) != 1 || len(w.events[0]) > 70_000 || !strings.Contains(w.events[0], `"cut":true`) {
		t.Error(len(finding), err)
	}
}

// command runs one as a person would.
func command(t *testing.T, c *cobra.Command, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	c.SetOut(&out)
	c.SetErr(io.Discard)
	c.SilenceErrors, c.SilenceUsage = true, true
	c.SetArgs(args)
	err := c.ExecuteContext(t.Context())
	return out.String(), err
}

func TestTheRoundIsACommandThatPrintsTheFinding(t *testing.T) {
	w := &world{facts: known, sinkSays: 202, answer: `{"result":{"kind":"message","parts":[{"kind":"text","text":"OK: all is well"}]}}`}
	r := w.round(t)
	t.Setenv("TODO_TOKEN", "operator")
	t.Setenv("K_SINK", r.Sink)
	out, err := command(t, agents.RoundCommand(time.Now), "--agent", r.Agent, "--service", r.Service)
	if err != nil || out != "OK: all is well\n" || len(w.events) != 1 || !strings.HasPrefix(w.events[0], "todo.ops.round.v1 /todo-app ") {
		t.Error(out, err, w.events)
	}
	for _, args := range [][]string{{}, {"--agent", r.Agent}, {"--agent", "ftp://x", "--service", r.Service}, {"--agent", r.Agent, "--service", "/x"}} {
		var f *client.Failure
		if _, err := command(t, agents.RoundCommand(time.Now), args...); !errors.As(err, &f) || f.Code != client.Usage {
			t.Errorf("%q: %v", args, err)
		}
	}
}

func TestOutsideAClusterThereIsNoJanitor(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	if _, err := command(t, agents.JanitorCommand()); err == nil || !strings.Contains(err.Error(), "no pod of a cluster") {
		t.Error(err)
	}
}
