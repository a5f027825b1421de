package httpapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

// stream is a reader of Server-Sent Events.
type stream struct {
	t      testing.TB
	answer *http.Response
	lines  *bufio.Scanner
	last   string // the id of the last event
	cancel context.CancelFunc
}

// follow opens a stream; headers are lines.
func (s *service) follow(t testing.TB, target string, headers ...string) *stream {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	setHeaders(r, headers)
	answer, err := (&http.Client{}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	return &stream{t, answer, bufio.NewScanner(answer.Body), "", cancel}
}

// gone is a connection whose client has left: what is written is kept for it,
// and cannot be sent.
type gone struct{ *httptest.ResponseRecorder }

func (gone) FlushError() error { return errors.New("write: broken pipe") }

func TestAClientThatLeavesAStreamIsNoError(t *testing.T) {
	t.Parallel()
	s := start(t)
	func() {
		defer func() { recover() }() // the answer is cut off
		s.api.Handler(everything(s.api)...).ServeHTTP(gone{httptest.NewRecorder()}, httptest.NewRequest(http.MethodGet, "/api/v1/events", nil))
	}()
	equal(t, s.logs.FilterLevelExact(zapcore.ErrorLevel).All(), []observer.LoggedEntry{})
	equal(t, s.logs.FilterMessage("request refused").FilterField(zap.Int("status", 499)).Len(), 1)
}

// event returns the next one that a page would be told of; not ok at the end.
func (s *stream) event() (name, data string, ok bool) {
	s.t.Helper()
	for s.lines.Scan() {
		field, value, _ := strings.Cut(s.lines.Text(), ": ")
		switch field {
		case "id":
			s.last = value
		case "event":
			name = value
		case "data":
			data = value
		case "":
			if data != "" {
				return name, data, true
			}
		}
	}
	return "", "", false
}

// begun waits until it is known where the stream begins.
func (s *stream) begun() *stream {
	s.t.Helper()
	for s.last == "" && s.lines.Scan() {
		if field, value, _ := strings.Cut(s.lines.Text(), ": "); field == "id" {
			s.last = value
		}
	}
	return s
}

// change returns the next change as what it is of which task.
func (s *stream) change() string {
	s.t.Helper()
	name, data, ok := s.event()
	var c httpapi.TaskChange
	if err := json.Unmarshal([]byte(data), &c); !ok || err != nil || name != "change" || c.Token != s.last {
		s.t.Fatalf("%q %q %v %v, id %q", name, data, ok, err, s.last)
	}
	return string(c.Change) + " " + c.Task.Title
}

func TestChangesComeAsEventsAndGoOnWhereAStreamBrokeOff(t *testing.T) {
	t.Parallel()
	s := start(t)
	f := s.follow(t, "/api/v1/events")
	equal(t, f.answer.StatusCode, http.StatusOK)
	equal(t, f.answer.Header.Get("Content-Type"), "text/event-stream")
	f.begun()
	a := s.create(t, `{"title":"a\u2028\r\ndata: x"}`)
	equal(t, f.change(), "created "+a.Title)
	s.create(t, `{"title":"b"}`)
	equal(t, f.change(), "created b")
	f.cancel()
	s.create(t, `{"title":"c"}`)
	s.ask(t, http.MethodDelete, at(a.ID), "").status(t, http.StatusNoContent)
	again := s.follow(t, "/api/v1/events?since=0.0", "Last-Event-ID: "+f.last)
	equal(t, []string{again.change(), again.change()}, []string{"created c", "deleted " + a.Title})
	s.create(t, `{"title":"d"}`)
	equal(t, again.change(), "created d")
	from := s.follow(t, "/api/v1/events?since="+f.last)
	equal(t, from.change(), "created c")
}

func TestAStreamOfMoreThanAnAnswerHoldsTellsAll(t *testing.T) {
	t.Parallel()
	s := start(t)
	before := s.changes(t, "", 0).Next
	var drafts []task.Patch
	for range task.MaxCreate {
		drafts = append(drafts, task.Patch{Title: task.Value("x")})
	}
	if _, err := s.client.CreateAll(t.Context(), drafts); err != nil {
		t.Fatal(err)
	}
	f := s.follow(t, "/api/v1/events?since="+before)
	for range task.MaxCreate {
		equal(t, f.change(), "created x")
	}
	s.create(t, `{"title":"last"}`)
	equal(t, f.change(), "created last")
}

func TestAStreamThatCannotBeginIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.create(t, `{"title":"a"}`)
	s.ask(t, http.MethodGet, "/api/v1/events?since=x", "").faults(t, "/since")
	s.ask(t, http.MethodGet, "/api/v1/events", "", "Last-Event-ID: x").status(t, http.StatusBadRequest)
	s.ask(t, http.MethodGet, "/api/v1/events?since=7.1", "").status(t, http.StatusGone)
	s.ask(t, http.MethodGet, "/api/v1/events?since=0.1", "", "Last-Event-ID: 7.1").status(t, http.StatusGone)
	head := s.ask(t, http.MethodHead, "/api/v1/events", "").status(t, http.StatusOK)
	equal(t, head.Header.Get("Content-Type"), "text/event-stream")
}

func TestAStreamEndsWhenTheProcessDoes(t *testing.T) {
	t.Parallel()
	ending := make(chan struct{})
	s := start(t, func(a *httpapi.API) { a.Ending = ending })
	f := s.follow(t, "/api/v1/events").begun()
	close(ending)
	if _, data, ok := f.event(); ok || f.lines.Err() != nil {
		t.Errorf("it goes on with %q, %v", data, f.lines.Err())
	}
	s.observed.await(t, observation{http.MethodGet, "/api/v1/events", http.StatusOK})
}

func TestAStreamHoldsNoConnectionToTheDatabaseWhileItWaits(t *testing.T) {
	t.Parallel()
	s := start(t)
	var all []*stream
	for range 40 { // more than there are connections
		all = append(all, s.follow(t, "/api/v1/events").begun())
	}
	s.create(t, `{"title":"a"}`)
	for _, f := range all {
		equal(t, f.change(), "created a")
	}
}

func TestAStreamWhoseRecordIsReplacedSaysSoLast(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.create(t, `{"title":"a"}`)
	f := s.follow(t, "/api/v1/events").begun()
	if _, err := storageOf(t).super.Exec(t.Context(), "update owners set epoch = 7 where owner_id = $1", s.owner); err != nil {
		t.Fatal(err)
	}
	s.create(t, `{"title":"b"}`)
	if name, _, _ := f.event(); name != "expired" {
		t.Errorf("it is told %q", name)
	}
	if _, data, ok := f.event(); ok {
		t.Errorf("it goes on with %q", data)
	}
	s.ask(t, http.MethodGet, "/api/v1/events", "", "Last-Event-ID: "+f.last).status(t, http.StatusGone)
}
