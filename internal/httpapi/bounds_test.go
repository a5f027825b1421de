package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

func TestAnOwnerWhoAsksTooOftenIsToldWhenToComeBack(t *testing.T) {
	t.Parallel()
	left := map[string]int{}
	s := start(t, func(a *httpapi.API) {
		a.Bounds.Policy = `"owner";q=2;w=120`
		a.Bounds.Take = func(_ *http.Request, owner string) httpapi.Allowance {
			if left[owner]++; left[owner] > 2 {
				return httpapi.Allowance{Full: 2 * time.Minute, Retry: 59*time.Second + 1}
			}
			return httpapi.Allowance{OK: true, Remaining: 2 - left[owner], Full: time.Duration(left[owner]) * time.Minute}
		}
	})
	for _, want := range []struct {
		status       int
		limit, retry string
	}{
		{http.StatusOK, `"owner";r=1;t=60`, ""},
		{http.StatusOK, `"owner";r=0;t=120`, ""},
		{http.StatusTooManyRequests, `"owner";r=0;t=120`, "60"},
	} {
		got := s.ask(t, http.MethodGet, "/api/v1/tasks", "")
		if h := got.Header; got.Status != want.status || h.Get("RateLimit") != want.limit || h.Get("RateLimit-Policy") != `"owner";q=2;w=120` || h.Get("Retry-After") != want.retry {
			t.Errorf("%d %v, want %+v", got.Status, got.Header, want)
		}
	}
	if got := s.ask(t, http.MethodPost, "/api/v1/tasks", `{"title":"one more"}`); got.Status != http.StatusTooManyRequests {
		t.Errorf("a write: %+v", got)
	}
	if got := s.ask(t, http.MethodGet, "/api/v1/tasks", "", "X-Owner: other"); got.Status != http.StatusOK || got.Body != "[]" {
		t.Errorf("another owner: %+v", got)
	}
	for _, path := range []string{"/health", "/health/live", "/openapi.yaml"} {
		if got := s.ask(t, http.MethodGet, path, ""); got.Status != http.StatusOK || got.Header.Get("RateLimit") != "" {
			t.Errorf("%s: %d %v", path, got.Status, got.Header)
		}
	}
}

func TestMoreAtOnceThanAProcessTakesAreRefusedAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t, func(a *httpapi.API) { a.Bounds.Work, a.Bounds.Waits = 1, 1 })
	entered, leave := make(chan struct{}), make(chan struct{})
	identify := s.api.Identify
	s.api.Identify = func(r *http.Request) (task.Caller, error) {
		if r.Header.Get("X-Hold") != "" {
			entered <- struct{}{}
			<-leave
		}
		return identify(r)
	}
	held := make(chan reply, 2)
	for _, path := range []string{"/api/v1/tasks", "/api/v1/changes"} {
		go func() { held <- s.ask(t, http.MethodGet, path, "", "X-Hold: yes") }()
		<-entered
	}
	for _, path := range []string{"/api/v1/tasks", "/api/v1/changes"} {
		got := s.ask(t, http.MethodGet, path, "")
		if got.Status != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" || !strings.Contains(got.Body, "too many requests at once") {
			t.Errorf("%s: %+v", path, got)
		}
	}
	if got := s.ask(t, http.MethodGet, "/health/live", ""); got.Status != http.StatusOK {
		t.Errorf("a probe: %+v", got)
	}
	close(leave)
	for range 2 {
		if got := <-held; got.Status != http.StatusOK {
			t.Errorf("one that was let in: %+v", got)
		}
	}
	if got := s.ask(t, http.MethodGet, "/api/v1/tasks", ""); got.Status != http.StatusOK {
		t.Errorf("once there is room: %+v", got)
	}
}

func TestAnOwnerHasAQuarterOfThePlacesOfThoseThatWait(t *testing.T) {
	t.Parallel()
	enough := make(chan struct{})
	s := start(t, func(a *httpapi.API) { a.Bounds.Waits, a.Ending = 8, enough })
	held := make(chan reply, 2)
	wait := func() {
		for { // until the looks below leave a place
			if got := s.ask(t, http.MethodGet, "/api/v1/changes?wait=25&since=0.0", "", "X-Owner: one"); got.Status != http.StatusTooManyRequests {
				held <- got
				return
			}
		}
	}
	go wait()
	go wait()
	refused := func() bool {
		return s.ask(t, http.MethodGet, "/api/v1/changes", "", "X-Owner: one").Status == http.StatusTooManyRequests
	}
	for deadline := time.Now().Add(time.Minute); !refused(); {
		if time.Now().After(deadline) {
			t.Fatal("a third wait of an owner's is let in")
		}
	}
	if got := s.ask(t, http.MethodGet, "/api/v1/changes", "", "X-Owner: other"); got.Status != http.StatusOK {
		t.Errorf("another owner: %+v", got)
	}
	close(enough)
	for range 2 {
		if got := <-held; got.Status != http.StatusOK {
			t.Errorf("one that was let in: %+v", got)
		}
	}
}

// Who waits for changes, or has another endpoint do the work, takes no place of
// those that work; everything else that is for somebody does.
func TestOnlyWhatWaitsTakesNoPlaceOfWhatWorks(t *testing.T) {
	t.Parallel()
	s := start(t, func(a *httpapi.API) { a.Bounds.Work = 1 })
	entered, leave := make(chan struct{}), make(chan struct{})
	identify := s.api.Identify
	s.api.Identify = func(r *http.Request) (task.Caller, error) {
		if r.Header.Get("X-Hold") != "" {
			entered <- struct{}{}
			<-leave
		}
		return identify(r)
	}
	held := make(chan reply, 1)
	go func() { held <- s.ask(t, http.MethodGet, "/api/v1/tasks", "", "X-Hold: yes") }()
	<-entered
	waits := map[string]bool{"/api/v1/changes": true, "/api/v1/events": true, "/mcp": true, talk: true, "/chatkit": true}
	open := map[string]bool{"/ready": true, "/metrics": true, "/openapi.yaml": true}
	placeholders := strings.NewReplacer("{id}", nobody, "{name}", "x", "{feed}", "x.ics", "{$}", "")
	seen := map[string]bool{}
	for _, e := range everything(s.api) {
		if open[e.Path] || strings.HasPrefix(e.Path, "/health") {
			continue
		}
		method := e.Method
		if e.Path == "/api/v1/events" {
			method = http.MethodHead // a stream would not end
		}
		got := s.ask(t, method, placeholders.Replace(e.Path), "")
		if refused := got.Status == http.StatusServiceUnavailable; refused == waits[e.Path] {
			t.Errorf("%s %s: %d %s", method, e.Path, got.Status, got.Body)
		}
		seen[e.Path] = true
	}
	for path := range waits {
		if !seen[path] {
			t.Error("nothing is at", path)
		}
	}
	close(leave)
	if got := <-held; got.Status != http.StatusOK {
		t.Errorf("the one that was let in: %+v", got)
	}
}
