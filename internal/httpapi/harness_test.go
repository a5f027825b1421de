package httpapi_test

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"todo-app/internal/app"
	"todo-app/internal/app/assistant"
	chatting "todo-app/internal/app/chat"
	"todo-app/internal/chatkit"
	"todo-app/internal/httpapi"
	"todo-app/internal/postgres"
	"todo-app/internal/scaling"
	"todo-app/internal/serve"
	"todo-app/internal/task"
	"todo-app/internal/task/chat"
)

// service is the API with every function mounted on one listener, for an owner
// of its own.
type service struct {
	api      *httpapi.API
	owner    string
	pool     *pgxpool.Pool
	url      string
	http     *http.Client // holds every exchange to the document
	client   *httpapi.Client
	clock    *clock
	logs     *observer.ObservedLogs
	observed *observations
	changed  *atomic.Int64 // how often the API reported a change
}

// start runs a service until the test ends; adjust changes parts of it before.
func start(t testing.TB, adjust ...func(*httpapi.API)) *service {
	t.Helper()
	return startOn(t, storageOf(t).pool, adjust...)
}

func startOn(t testing.TB, pool *pgxpool.Pool, adjust ...func(*httpapi.API)) *service {
	t.Helper()
	s := &service{owner: fmt.Sprint("owner ", owners.Add(1)), pool: pool, clock: &clock{}, observed: &observations{}, changed: &atomic.Int64{}}
	s.clock.set("2026-03-01T09:00:00Z")
	core, logs := observer.New(zap.DebugLevel)
	s.logs = logs
	s.api = &httpapi.API{
		Tasks: &task.Service{
			Store: &postgres.Store{Pool: pool, Nonce: func() int64 { return 1 }},
			Now:   s.clock.now, NewID: counter(), NewSecret: rand.Text, Zone: time.UTC, Zones: &task.Zones{},
		},
		Identify: func(r *http.Request) (task.Caller, error) {
			return task.Caller{Owner: s.owner + r.Header.Get("X-Owner"), Scope: task.ScopeWrite, Operator: true}, nil
		},
		URL:       func(r *http.Request) string { return "http://" + r.Host },
		Log:       zap.New(core),
		Request:   serve.WithRequest,
		Observe:   s.observed.observe,
		Version:   "test",
		Started:   time.Now(),
		Receive:   app.Receive,
		WriteFile: app.WriteFile,
		ReadFile:  app.ReadFile,
		ImportMax: 32 << 20,
		Ready:     func(ctx context.Context) error { return postgres.CheckSchema(ctx, pool) },
		Checks:    []httpapi.Check{{Name: "database", Essential: true, Run: pool.Ping}},
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; version=0.0.4")
			io.WriteString(w, "todo_up 1\n")
		}),
		Changed: func(string) { s.changed.Add(1) },
		Scaling: func(context.Context) scaling.Report { return facts.Report() },
	}
	operations := s.api.Handler(slices.Concat(s.api.Create(), s.api.List(), s.api.Update(), s.api.Delete())...)
	s.api.Assist = assistant.Serve(operations, s.api.Log)
	s.api.Behalf = chatting.Tools(operations, s.clock.now)
	conversations := &postgres.Store{Pool: pool}
	talk := &chat.Service{Store: conversations, Now: s.clock.now, NewID: counted(0xc4)}
	s.api.Talk = talk
	s.api.ChatKit = func(ctx context.Context, r httpapi.KitRequest) ([]byte, error) {
		return chatkit.Server{Talk: talk, Rename: conversations.RenameConversation}.Answer(ctx, chatkit.Request(r))
	}
	for _, f := range adjust {
		f(s.api)
	}
	s.url, s.http = listen(t, s.api.Handler(everything(s.api)...))
	s.client = &httpapi.Client{Base: s.url, HTTP: s.http}
	return s
}

var owners atomic.Int64

// listen serves a handler to a client that checks what comes back.
func listen(t testing.TB, h http.Handler) (string, *http.Client) {
	t.Helper()
	l := httptest.NewServer(h)
	t.Cleanup(l.Close)
	client := l.Client()
	client.Transport = &inspector{t: t, next: client.Transport}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return l.URL, client
}

// functions returns the endpoints of each function at a host of its own.
func functions(a *httpapi.API) map[string][]httpapi.Endpoint {
	return map[string][]httpapi.Endpoint{
		"create": slices.Concat(a.Probes(), a.Create(), a.Events(httpapi.ActionCreate)),
		"list":   slices.Concat(a.Probes(), a.List()),
		"watch":  slices.Concat(a.Probes(), a.Watch()),
		"update": slices.Concat(a.Probes(), a.Update(), a.Events(httpapi.ActionUpdate)),
		"delete": slices.Concat(a.Probes(), a.Delete(), a.Events(httpapi.ActionDelete)),
		"health": slices.Concat(a.Probes(), a.Health(), a.Document()),
		"mcp":    slices.Concat(a.Probes(), a.MCP()),
		"chat":   slices.Concat(a.Probes(), a.Chat()),
	}
}

// everything returns the endpoints of all functions in one process.
func everything(a *httpapi.API) []httpapi.Endpoint {
	return slices.Concat(a.Create(), a.List(), a.Watch(), a.Update(), a.Delete(), a.Health(), a.MCP(), a.Chat(), a.Probes(), a.Document(),
		a.Events(httpapi.ActionCreate, httpapi.ActionUpdate, httpapi.ActionDelete))
}

// clock is a time that passes by a millisecond whenever it is looked at.
type clock struct{ micros atomic.Int64 }

func (c *clock) now() time.Time { return time.UnixMicro(c.micros.Add(1000)) }

func (c *clock) set(at string) {
	parsed, err := time.Parse(time.RFC3339, at)
	if err != nil {
		panic(err)
	}
	c.micros.Store(parsed.UnixMicro())
}

// counter makes ids that are the same in every run.
func counter() func() task.ID { return counted(0) }

// counted makes others, of a kind.
func counted(kind byte) func() task.ID {
	var n atomic.Uint64
	return func() task.ID {
		id := task.ID{0x01, 0x9c, 0xa7, 0x00, 0x00, kind, 0x70, 0x00}
		binary.BigEndian.PutUint64(id[8:], 0x80<<56|n.Add(1))
		return id
	}
}

// observations are the requests that the API reported as measured.
type observations struct {
	mu   sync.Mutex
	seen []observation
	more chan struct{}
}

type observation struct {
	Method, Pattern string
	Status          int
}

func (o *observations) observe(method, pattern string) func(int, time.Duration) {
	return func(status int, _ time.Duration) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.seen = append(o.seen, observation{method, pattern, status})
		if o.more != nil {
			close(o.more)
			o.more = nil
		}
	}
}

// await returns once something has been observed as wanted.
func (o *observations) await(t testing.TB, want observation) {
	t.Helper()
	for {
		o.mu.Lock()
		if slices.Contains(o.seen, want) {
			o.mu.Unlock()
			return
		}
		if o.more == nil {
			o.more = make(chan struct{})
		}
		more := o.more
		o.mu.Unlock()
		select {
		case <-more:
		case <-t.Context().Done():
			t.Fatalf("never saw %v", want)
		case <-time.After(20 * time.Second):
			t.Fatalf("saw %v, never %v", o.seen, want)
		}
	}
}

// reply is an answer, read whole.
type reply struct {
	Status int
	Header http.Header
	Body   string
}

// ask sends a request. A body is JSON unless a header says otherwise; headers
// are lines as in "If-Match: *", and one without a value is left away.
func (s *service) ask(t testing.TB, method, target, body string, headers ...string) reply {
	t.Helper()
	return ask(t, s.http, method, s.url+target, body, headers...)
}

func ask(t testing.TB, client *http.Client, method, target, body string, headers ...string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	setHeaders(r, headers)
	return send(t, client, r)
}

func setHeaders(r *http.Request, lines []string) {
	named := map[string]bool{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		name, value = http.CanonicalHeaderKey(name), strings.TrimSpace(value)
		if !named[name] {
			r.Header.Del(name)
		}
		named[name] = true
		if name == "Host" {
			r.Host = value
		} else if value != "" {
			r.Header.Add(name, value)
		}
	}
}

func send(t testing.TB, client *http.Client, r *http.Request) reply {
	t.Helper()
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, string(body)}
}

// problem reads an answer that is an error.
func (r reply) problem(t testing.TB) httpapi.Problem {
	t.Helper()
	var p httpapi.Problem
	if err := json.Unmarshal([]byte(r.Body), &p); err != nil {
		t.Fatalf("%d %s: %v", r.Status, r.Body, err)
	}
	return p
}

// task reads an answer that is a task.
func (r reply) task(t testing.TB) httpapi.Task {
	t.Helper()
	var got httpapi.Task
	if r.Status >= 300 {
		t.Fatalf("got %d %s", r.Status, r.Body)
	}
	if err := json.Unmarshal([]byte(r.Body), &got); err != nil {
		t.Fatalf("%s: %v", r.Body, err)
	}
	return got
}

// tasks reads an answer that is an array of tasks.
func (r reply) tasks(t testing.TB) []httpapi.Task {
	t.Helper()
	var got []httpapi.Task
	if r.Status >= 300 {
		t.Fatalf("got %d %s", r.Status, r.Body)
	}
	if err := json.Unmarshal([]byte(r.Body), &got); err != nil {
		t.Fatalf("%s: %v", r.Body, err)
	}
	return got
}

// status fails the test unless the answer has the status.
func (r reply) status(t testing.TB, want int) reply {
	t.Helper()
	if r.Status != want {
		t.Fatalf("got %d, want %d: %s", r.Status, want, r.Body)
	}
	return r
}

// faults fails the test unless the answer is a 400 with faults at exactly
// these pointers, in whatever order.
func (r reply) faults(t testing.TB, want ...string) {
	t.Helper()
	r.status(t, http.StatusBadRequest)
	got := []string{}
	for _, f := range r.problem(t).Errors {
		got = append(got, f.Pointer)
		if f.Detail == "" {
			t.Errorf("the fault at %q does not say what is wrong", f.Pointer)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pointers (-want +got):\n%s%s", diff, r.Body)
	}
}

// create adds a task.
func (s *service) create(t testing.TB, body string) httpapi.Task {
	t.Helper()
	return s.ask(t, http.MethodPost, tasks, body).status(t, http.StatusCreated).task(t)
}

// get reads a task.
func (s *service) get(t testing.TB, id task.ID) httpapi.Task {
	t.Helper()
	return s.ask(t, http.MethodGet, at(id), "").status(t, http.StatusOK).task(t)
}

// titles lists tasks and returns what they are called.
func (s *service) titles(t testing.TB, query string) []string {
	t.Helper()
	found := []string{}
	for _, got := range s.ask(t, http.MethodGet, tasks+query, "").status(t, http.StatusOK).tasks(t) {
		found = append(found, got.Title)
	}
	return found
}

// tasks is where the tasks are.
const tasks = "/api/v1/tasks"

// at returns where a task is.
func at(id task.ID) string { return tasks + "/" + id.String() }

// equal fails the test unless got is what was wanted.
func equal(t testing.TB, got, want any, options ...cmp.Option) {
	t.Helper()
	if diff := cmp.Diff(want, got, options...); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func (r reply) decode(into any) error {
	if err := json.Unmarshal([]byte(r.Body), into); err != nil {
		return fmt.Errorf("reading %q: %w", r.Body, err)
	}
	return nil
}
