package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/google/go-cmp/cmp"

	"todo-app/internal/cli"
	"todo-app/internal/event"
	"todo-app/internal/task"
)

const (
	id    = "0190b6a0-5f3c-7000-8000-5b5e2f0c7a11"
	trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
)

func equal[T any](t *testing.T, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// listener is a running "todo events listen".
type listener struct {
	url         string
	out, errors <-chan string // lines
}

// listen runs the command until the test ends, and then ends it by a signal.
func listen(t *testing.T, flags ...string) listener {
	t.Helper()
	out, outEnd := lines()
	errors, errorsEnd := lines()
	done := make(chan int)
	go func() {
		code := cli.Main(append([]string{"events", "listen", "--address", "127.0.0.1:0"}, flags...), outEnd, errorsEnd)
		outEnd.Close()
		errorsEnd.Close()
		done <- code
	}()
	first := <-errors
	_, url, ok := strings.Cut(first, "K_SINK=")
	if !ok {
		t.Fatalf("it ended with %d: %s", <-done, first)
	}
	t.Cleanup(func() {
		if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		equal(t, <-done, 0)
	})
	return listener{url, out, errors}
}

func lines() (<-chan string, io.WriteCloser) {
	from, to := io.Pipe()
	c := make(chan string, 100)
	go func() {
		defer close(c)
		for s := bufio.NewScanner(from); s.Scan(); {
			c <- s.Text()
		}
	}()
	return c, to
}

// post sends head lines, a blank line and a body, and returns the status.
func (l listener) post(t *testing.T, text string) int {
	t.Helper()
	head, body, _ := strings.Cut(text, "\n\n")
	r, err := http.NewRequest(http.MethodPost, l.url+"/any/path", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(head) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		r.Header[name] = []string{value}
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

// once is an outbox with one claim.
type once struct {
	mu     sync.Mutex
	events []task.Event
}

func (o *once) Claim(context.Context, string, int, time.Duration) (task.Claim, bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := task.Claim{Events: o.events}
	o.events = nil
	return c, len(c.Events) > 0, nil
}

func (*once) Delivered(context.Context, task.Claim, []task.ID) error     { return nil }
func (*once) Refused(context.Context, task.Claim, task.ID, string) error { return nil }
func (*once) Release(context.Context, task.Claim, time.Duration) error   { return nil }

// deliver has the service's own deliverer bring a change to the sink.
func deliver(t *testing.T, sink string) task.Event {
	t.Helper()
	number, err := task.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 1, 9, 0, 0, 250_000_000, time.UTC)
	ev := task.Event{ID: number, Owner: "Zoë", Change: task.Created, At: at, Trace: trace, Task: task.Task{
		ID: number, Version: 1, CreatedAt: at, UpdatedAt: at, Title: "Pay the “rent”\x1b[2J", Priority: task.Medium, Category: "other",
	}}
	d, err := event.NewDeliverer(&once{events: []task.Event{ev}}, event.Settings{Sink: sink, Source: "https://todo.example/"})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := d.Sweep(t.Context()); n != 1 || err != nil {
		t.Errorf("delivered %d: %v", n, err)
	}
	if err := d.Close(t.Context()); err != nil {
		t.Error(err)
	}
	return ev
}

func TestWhatTheServiceDeliversIsPrinted(t *testing.T) {
	l := listen(t)
	deliver(t, l.url)
	equal(t, <-l.out, "2026-03-01T09:00:00.250Z todo.task.created.v1 "+id+` "Pay the “rent”\x1b[2J" id=`+id+
		" source=https://todo.example/ owner=Zoë traceparent="+trace)
}

func TestWhatTheServiceDeliversIsPrintedAsJSON(t *testing.T) {
	l := listen(t, "--json")
	ev := deliver(t, l.url)
	var got cloudevents.Event
	if err := json.Unmarshal([]byte(<-l.out), &got); err != nil {
		t.Fatal(err)
	}
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
	equal(t, got.Extensions(), map[string]any{"owner": "Zoë", "traceparent": trace})
	equal(t, got.Time(), ev.At)
	equal(t, string(got.Data()), string(ev.Task.AppendRecord(nil)))
}

func TestEventsOfTheSDKArePrintedInEveryMode(t *testing.T) {
	l := listen(t)
	e := cloudevents.NewEvent()
	e.SetID("7")
	e.SetSource("/crm")
	e.SetType("crm.call\x1b.v1")
	if err := e.SetData(cloudevents.ApplicationJSON, strings.Repeat("x", 200)); err != nil {
		t.Fatal(err)
	}
	p, err := cloudevents.NewHTTP(cloudevents.WithTarget(l.url))
	if err != nil {
		t.Fatal(err)
	}
	client, err := cloudevents.NewClient(p) // adds no time
	if err != nil {
		t.Fatal(err)
	}
	want := `- "crm.call\x1b.v1" - "\"` + strings.Repeat("x", 99) + `"… id=7 source=/crm`
	if err := client.Send(cloudevents.WithEncodingStructured(t.Context()), e); !cloudevents.IsACK(err) {
		t.Error(err)
	}
	equal(t, <-l.out, want)

	r, err := cloudevents.NewHTTPRequestFromEvents(t.Context(), l.url, []cloudevents.Event{e, e})
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	equal(t, response.StatusCode, http.StatusNoContent)
	equal(t, []string{<-l.out, <-l.out}, []string{want, want})

	e.SetType("crm.call.v1")
	if err := client.Send(cloudevents.WithEncodingBinary(t.Context()), e); !cloudevents.IsACK(err) {
		t.Error(err)
	}
	equal(t, <-l.out, strings.Replace(want, `"crm.call\x1b.v1"`, "crm.call.v1", 1))
}

func TestWhatIsNoEventIsRefusedAndTheNextIsPrinted(t *testing.T) {
	const inHead = "Ce-Specversion: 1.0\nCe-Id: 7\nCe-Source: /s\nCe-Type: t\n"
	l := listen(t, "--json")
	for text, want := range map[string]string{
		"Content-Type: application/json\n\n{}":                     "unknown Message encoding",
		"Ce-Specversion: 1.0\nCe-Source: /s\nCe-Type: t\n\n":       "id:",
		inHead + "Ce-: 1\n\n":                                      "panicked",
		inHead + "Content-Type: application/json\n\n{":             "printing",
		"Content-Type: application/cloudevents+json\n\n{":          "reading",
		"Content-Type: application/cloudevents-batch+json\n\n[{}]": "reading",
		"Content-Type: application/cloudevents+json\n\n" + `{"data_base64": 1, "specversion": "1.0", "id": "1", "source": "/s", "type": "t"}`: "panicked",
	} {
		equal(t, l.post(t, text), http.StatusBadRequest)
		if got := <-l.errors; !strings.HasPrefix(got, "refused: ") || !strings.Contains(got, want) {
			t.Errorf("%q: got %s", text, got)
		}
	}
	equal(t, l.post(t, inHead), http.StatusNoContent)
	equal(t, <-l.out, `{"specversion":"1.0","id":"7","source":"/s","type":"t"}`)
	response, err := http.Get(l.url)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	equal(t, response.StatusCode, http.StatusMethodNotAllowed)
}

func TestAnAddressInUseIsAnError(t *testing.T) {
	l := listen(t)
	code, _, problems := todo("events", "listen", "--address", strings.TrimPrefix(l.url, "http://"))
	equal(t, code, 1)
	if !strings.Contains(problems, "address already in use") {
		t.Errorf("got %s", problems)
	}
}

// todo runs the command line.
func todo(args ...string) (code int, out, problems string) {
	var o, p bytes.Buffer
	code = cli.Main(args, &o, &p)
	return code, o.String(), p.String()
}

// taker is a service that takes commands, reads each as the service does and
// as the SDK does, and answers them.
type taker struct {
	url      string
	events   []cloudevents.Event
	commands []event.Command
}

func take(t *testing.T, answer http.HandlerFunc) *taker {
	t.Helper()
	var s taker
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		commands, err := event.Receive(r)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		e, err := cloudevents.NewEventFromHTTPRequest(r)
		if err != nil {
			t.Error(err)
		} else {
			s.events = append(s.events, *e)
		}
		s.commands = append(s.commands, commands...)
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return &s
}

func accept(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

func TestEachCommandIsSent(t *testing.T) {
	for _, c := range []struct {
		args []string
		want event.Command
	}{
		{[]string{"create", "--data", `{"title": "Zoë's <b>"}`}, event.Command{Kind: event.Create, Data: []byte(`{"title":"Zoë's \u003cb\u003e"}`)}},
		{[]string{"create", "--data", `[{"title":"a"}]`}, event.Command{Kind: event.Create, Data: []byte(`[{"title":"a"}]`)}},
		{[]string{"update", id, "--data", `{"due":null}`}, event.Command{Kind: event.Update, Subject: id, Data: []byte(`{"due":null}`)}},
		{[]string{"delete", id}, event.Command{Kind: event.Delete, Subject: id}},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			s := take(t, accept)
			code, out, problems := todo(append([]string{"events", "send", "--to", s.url}, c.args...)...)
			equal(t, code, 0)
			equal(t, problems, "")
			e := s.events[0]
			if err := e.Validate(); err != nil {
				t.Error(err)
			}
			equal(t, out, s.url+" answered 204 No Content to "+e.Type()+", id "+e.ID()+" of /todo-events-send\n")
			if since := time.Since(e.Time()); since < 0 || since > time.Minute {
				t.Errorf("sent %s ago", since)
			}
			c.want.Key, c.want.Time = s.commands[0].Key, s.commands[0].Time
			equal(t, s.commands, []event.Command{c.want})
		})
	}
}

func TestAnEventIsTheSameOneOnlyUnderTheSameSourceAndID(t *testing.T) {
	s := take(t, accept)
	for _, flags := range [][]string{{}, {}, {"--id", "7"}, {"--source", "/crm", "--id", "“7”"}, {"--source", "/crm", "--id", "“7”"}} {
		if code, _, problems := todo(append([]string{"events", "send", "delete", id, "--to", s.url}, flags...)...); code != 0 {
			t.Error(problems)
		}
	}
	seen := map[string]bool{}
	for _, c := range s.commands {
		seen[c.Key] = true
	}
	equal(t, len(s.commands), 5)
	equal(t, len(seen), 4)
	equal(t, s.events[4].ID(), "“7”")
	equal(t, s.events[4].Source(), "/crm")
}

func TestARefusalIsReportedWithItsReasons(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   string
	}{
		{400, `{"title":"Bad Request","status":400,"detail":"two things","errors":[{"pointer":"/data/title","detail":"is required"},{"pointer":"","detail":"is odd"}]}`,
			"400 Bad Request\n  /data/title is required\n  is odd\n"},
		{409, `{"detail":"it is in the way","tasks":["` + id + `"]}`, "409 Conflict: it is in the way\n"},
		{500, `{"detail":"\u001b[2J"}`, `500 Internal Server Error: "\x1b[2J"` + "\n"},
		{502, "<html>\n", `502 Bad Gateway: "<html>\n"` + "\n"},
		{503, "", "503 Service Unavailable\n"},
		{308, "", "308 Permanent Redirect\n"},
	} {
		s := take(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(c.status)
			io.WriteString(w, c.body)
		})
		code, out, problems := todo("events", "send", "delete", id, "--to", s.url)
		equal(t, code, 1)
		equal(t, out, "")
		equal(t, problems, "todo: "+s.url+" answered "+c.want)
		equal(t, len(s.events), 1)
	}
}

func TestWhatCannotBeSentIsAnError(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{1, "connection refused", []string{"delete", id, "--to", gone.URL}},
		{1, "unsupported protocol scheme", []string{"delete", id, "--to", "localhost:8080"}},
		{1, "reading --to", []string{"delete", id, "--to", ":"}},
		{1, "--data must be JSON", []string{"create", "--data", "{title: x}"}},
		{2, `"data" not set`, []string{"create"}},
		{2, `"data" not set`, []string{"update", id}},
		{2, "accepts 1 arg", []string{"update", "--data", "{}"}},
		{2, "accepts 1 arg", []string{"delete"}},
		{1, "source", []string{"delete", id, "--source", ""}},
	} {
		code, _, problems := todo(append([]string{"events", "send"}, c.args...)...)
		equal(t, code, c.code)
		if !strings.Contains(problems, c.want) {
			t.Errorf("%q: got %s", c.args, problems)
		}
	}
}

// The SDK is for tests and tools: see docs/adr/0003. The test stands here
// because a change to anything under internal/app runs it anew.
func TestNoFunctionLinksTheSDK(t *testing.T) {
	list := exec.Command("go", "list", "-deps", "todo-app/functions/...")
	list.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := strings.Fields(string(out))
	if !slices.Contains(packages, "todo-app/internal/event") {
		t.Error("the functions are not what was looked at")
	}
	for _, name := range packages {
		if strings.HasPrefix(name, "github.com/cloudevents/") || strings.HasPrefix(name, "github.com/modern-go/reflect2") {
			t.Error(name)
		}
	}
}
