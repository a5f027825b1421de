package agents_test

import (
	"bytes"
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
	"github.com/spf13/cobra"

	"todo-app/internal/cli/agents"
	"todo-app/internal/cli/client"
)

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
