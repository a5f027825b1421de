package httpapi_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"

	"todo-app/internal/httpapi"
	"todo-app/internal/postgres"
	"todo-app/internal/postgres/postgrestest"
)

// transport answers every request by itself.
type transport func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answering(status int, body string) transport {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Status: http.StatusText(status), Request: r, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

// methods lists what each path takes, by function and in one process.
var methods = map[string]map[string]string{
	"create": {tasks: "POST", "/": "POST"},
	"list":   {tasks: "GET, HEAD", tasks + "/" + nobody: "GET, HEAD", tasks + "/" + nobody + "/history": "GET, HEAD", settings: "GET, HEAD", export: "GET, HEAD"},
	"watch":  {"/api/v1/changes": "GET, HEAD"},
	"update": {tasks + "/" + nobody: "PATCH, PUT", tasks + "/" + nobody + "/complete": "POST", tasks + "/" + nobody + "/reopen": "POST", settings: "PUT", "/": "POST"},
	"delete": {tasks: "DELETE", tasks + "/" + nobody: "DELETE", "/": "POST"},
	"health": {"/health": "GET, HEAD", "/ready": "GET, HEAD", "/metrics": "GET, HEAD", "/openapi.yaml": "GET, HEAD"},
	"mcp":    {"/mcp": "POST"},
	"chat":   {"/chatkit": "POST", talk: "POST", talk + "/conversations": "GET, HEAD", talk + "/conversations/" + nobody: "DELETE, GET, HEAD"},
	"all": {
		tasks: "DELETE, GET, HEAD, POST", tasks + "/" + nobody: "DELETE, GET, HEAD, PATCH, PUT", tasks + "/" + nobody + "/complete": "POST",
		tasks + "/" + nobody + "/reopen": "POST", settings: "GET, HEAD, PUT", "/": "POST",
		tasks + "/" + nobody + "/history": "GET, HEAD", "/api/v1/changes": "GET, HEAD", export: "GET, HEAD",
		"/health": "GET, HEAD", "/ready": "GET, HEAD", "/metrics": "GET, HEAD", "/openapi.yaml": "GET, HEAD", "/mcp": "POST",
		"/chatkit": "POST", talk: "POST", talk + "/conversations": "GET, HEAD", talk + "/conversations/" + nobody: "DELETE, GET, HEAD",
	},
}

func TestAMethodThatAPathLacksIsRefusedWithThoseItHas(t *testing.T) {
	t.Parallel()
	s := start(t)
	hosts := functions(s.api)
	hosts["all"] = everything(s.api)
	paths := map[string]bool{"/nowhere": true, "/api/v1": true, "/api/v1/": true, tasks + "/": true, tasks + "/" + nobody + "/": true, tasks + "/" + nobody + "/complete/": true, "/health/": true, "/api/v2/tasks": true}
	for path := range methods["all"] {
		paths[path] = true
	}
	for function, endpoints := range hosts {
		url, client := listen(t, s.api.Handler(endpoints...))
		take := methods[function]
		for _, probe := range []string{"/health/live", "/health/liveness", "/health/startup", "/health/ready", "/health/readiness"} {
			take[probe] = "GET, HEAD"
			paths[probe] = true
		}
		for path := range paths {
			allow, known := take[path]
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"} {
				got := ask(t, client, method, url+path, "")
				switch {
				case !known && got.Status != http.StatusNotFound:
					t.Errorf("%s: %s %s is answered with %d", function, method, path, got.Status)
				case !known:
				case slices.Contains(strings.Split(allow, ", "), method):
					if got.Status == http.StatusMethodNotAllowed {
						t.Errorf("%s: %s %s is not allowed", function, method, path)
					}
				case got.Status != http.StatusMethodNotAllowed || got.Header.Get("Allow") != allow:
					t.Errorf("%s: %s %s is answered with %d, Allow %q, not %q", function, method, path, got.Status, got.Header.Get("Allow"), allow)
				}
				if !known && got.Header.Get("Allow") != "" {
					t.Errorf("%s: %s %s allows something", function, method, path)
				}
			}
		}
	}
}

// Paths are taken as they are: nothing is answered by a redirection, which a
// client may follow with another method and without a body.
func TestAPathThatIsNotCleanIsNotFound(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, path := range []string{"//", "//api/v1/tasks", "/api//v1/tasks", "/api/v1/./tasks", "/api/v1/x/../tasks", "/api/v1/tasks/..", "/health/../health", "/api/v1/tasks/."} {
		for _, method := range []string{"GET", "POST"} {
			if got := s.ask(t, method, path, ""); got.Status != http.StatusNotFound {
				t.Errorf("%s %s is answered with %d %s", method, path, got.Status, got.Header.Get("Location"))
			}
		}
	}
}

func TestARequestIDIsTheCallersIfItIsSane(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, id := range []string{"a", "A-z.0_9", strings.Repeat("x", 128), nobody} {
		equal(t, s.ask(t, "GET", tasks, "", "X-Request-Id: "+id).Header.Get("X-Request-Id"), id)
		equal(t, s.ask(t, "GET", tasks+"?x", "", "X-Request-Id: "+id).problem(t).Instance, id)
	}
	made := regexp.MustCompile(`^[0-9a-f]{32}$`)
	seen := map[string]bool{}
	for _, id := range []string{"", strings.Repeat("x", 129), "a b", "é", `"a"`, "<script>", "a,b", "a/b", "{}", "a\tb"} {
		got := s.ask(t, "GET", tasks, "", "X-Request-Id: "+id).Header.Get("X-Request-Id")
		if !made.MatchString(got) || seen[got] {
			t.Errorf("in place of %q the id is %q", id, got)
		}
		seen[got] = true
	}
	// Also where nothing is found, and on what has no body.
	equal(t, s.ask(t, "GET", "/nowhere", "", "X-Request-Id: a").Header.Get("X-Request-Id"), "a")
	equal(t, s.ask(t, "PUT", tasks, "", "X-Request-Id: a").Header.Get("X-Request-Id"), "a")
}

func TestATraceIsCarriedOn(t *testing.T) {
	t.Parallel()
	s := start(t)
	const trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	got := s.ask(t, "POST", tasks, `{"title":"a"}`, "traceparent: "+trace).status(t, http.StatusCreated)
	equal(t, got.Header.Get("traceparent"), trace)
	equal(t, s.traces(t), []string{trace})
	for _, broken := range []string{
		"", "x", strings.ToUpper(trace), trace + "-x", "ff" + trace[2:], "00-" + strings.Repeat("0", 32) + trace[35:], trace[:36] + strings.Repeat("0", 16) + trace[52:], strings.Replace(trace, "-01", "-0g", 1),
	} {
		equal(t, s.ask(t, "GET", tasks, "", "traceparent: "+broken).Header.Get("traceparent"), "")
	}
	equal(t, s.ask(t, "GET", tasks, "", "traceparent: "+strings.Replace(trace, "-01", "-00", 1)).Header.Get("traceparent"), strings.Replace(trace, "-01", "-00", 1))
	// The trace and the request id are on every line logged for the request.
	s.ask(t, "GET", tasks+"?x", "", "traceparent: "+trace, "X-Request-Id: logged").status(t, http.StatusBadRequest)
	lines := s.logs.FilterField(zap.String("request_id", "logged")).FilterField(zap.String("trace_id", trace[3:35]))
	equal(t, lines.Len(), 1)
	equal(t, lines.All()[0].Level, zap.DebugLevel)
}

// traces returns those that the changes so far were stored with.
func (s *service) traces(t *testing.T) []string {
	t.Helper()
	rows, err := storageOf(t).super.Query(t.Context(), `select trace from outbox where owner_id = $1 order by generation, seq`, s.owner)
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestTheFirstAnswerSaysHowLongTheProcessTookToStartWhateverProbesCameBefore(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, path := range []string{"/health/ready", "/health/live"} {
		if probe := s.ask(t, "GET", path, "").Header.Get("Server-Timing"); strings.Contains(probe, "cold") {
			t.Errorf("a probe says %q", probe)
		}
	}
	if first := s.ask(t, "GET", "/health", "").Header.Get("Server-Timing"); !strings.Contains(first, ", cold;dur=") {
		t.Errorf("the first says %q", first)
	}
	if second := s.ask(t, "GET", "/health", "").Header.Get("Server-Timing"); strings.Contains(second, "cold") {
		t.Errorf("the second says %q", second)
	}
}

func TestAPageOfAnotherSiteMayNotWrite(t *testing.T) {
	t.Parallel()
	s := start(t)
	id := at(s.create(t, `{"title":"a"}`).ID)
	for _, r := range [][3]string{
		{"POST", tasks, `{"title":"b"}`}, {"PATCH", id, `{"title":"b"}`}, {"PUT", id, `{"title":"b"}`}, {"DELETE", id, ""}, {"DELETE", tasks + "?all=true", ""},
		{"POST", id + "/complete", ""}, {"POST", id + "/reopen", ""}, {"PUT", settings, `{"time_zone":"Asia/Tokyo"}`}, {"POST", "/", `{"title":"b"}`},
	} {
		for _, headers := range [][]string{{"Sec-Fetch-Site: cross-site"}, {"Sec-Fetch-Site: same-site"}, {"Origin: https://evil.example"}, {"Origin: null"}} {
			s.ask(t, r[0], r[1], r[2], headers...).status(t, http.StatusForbidden)
		}
	}
	equal(t, s.titles(t, ""), []string{"a"})
	s.ask(t, "GET", tasks, "", "Sec-Fetch-Site: cross-site").status(t, http.StatusOK)
	s.ask(t, "PATCH", id, `{"title":"b"}`, "Sec-Fetch-Site: same-origin").status(t, http.StatusOK)
	s.ask(t, "PATCH", id, `{"title":"b"}`, "Origin: "+s.url).status(t, http.StatusOK)
}

func TestAPanicIsAnsweredAndLogged(t *testing.T) {
	t.Parallel()
	s := start(t, func(a *httpapi.API) {
		a.Receive = func(*http.Request, []byte) ([]httpapi.Command, error) { panic("the secret of the panic") }
	})
	got := s.ask(t, "POST", "/", `{}`, "X-Request-Id: panicked").status(t, http.StatusInternalServerError)
	if strings.Contains(got.Body, "secret") || got.problem(t).Instance != "panicked" {
		t.Errorf("the answer is %s", got.Body)
	}
	lines := s.logs.FilterMessage("an endpoint panicked").FilterField(zap.String("request_id", "panicked"))
	equal(t, lines.Len(), 1)
	if !strings.Contains(lines.All()[0].ContextMap()["stack"].(string), "receiveEvents") {
		t.Error("the log has no stack")
	}
	s.observed.await(t, observation{"POST", "/{$}", http.StatusInternalServerError})
	s.ask(t, "GET", tasks, "").status(t, http.StatusOK) // the process goes on
}

func TestAnErrorOfOursSaysNothing(t *testing.T) {
	t.Parallel()
	s := start(t, func(a *httpapi.API) {
		a.Receive = func(*http.Request, []byte) ([]httpapi.Command, error) {
			return nil, errors.New(`ERROR: relation "secrets" does not exist (SQLSTATE 42P01)`)
		}
	})
	got := s.ask(t, "POST", "/", `{}`).status(t, http.StatusInternalServerError)
	equal(t, got.problem(t).Detail, "something went wrong here; the request id helps to find out what")
	equal(t, s.logs.FilterMessage("request not answered").Len(), 1)
}

// With Postgres gone every request is refused in time, with when to try again.
func TestWithoutPostgresTheAnswerIs503(t *testing.T) {
	t.Parallel()
	own, err := postgrestest.Start()
	if err != nil {
		t.Fatal(err)
	}
	closed := false
	defer func() {
		if !closed {
			own.Close()
		}
	}()
	pool, err := postgres.Open(t.Context(), postgres.Options{URL: own.URL(postgres.AppRole, "todo_template"), MaxConns: 4, Name: t.Name()})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	s := startOn(t, pool)
	id := at(s.create(t, `{"title":"a"}`).ID)
	s.ask(t, "GET", "/health", "").status(t, http.StatusOK)
	s.ask(t, "GET", "/ready", "").status(t, http.StatusOK)
	own.Close()
	closed = true
	for _, r := range [][3]string{
		{"GET", tasks, ""}, {"GET", tasks + "?q=a", ""}, {"GET", id, ""}, {"POST", tasks, `{"title":"b"}`}, {"PATCH", id, `{"title":"b"}`}, {"PUT", id, `{"title":"b"}`},
		{"DELETE", id, ""}, {"DELETE", tasks + "?all=true", ""}, {"POST", id + "/complete", ""}, {"GET", settings, ""}, {"PUT", settings, `{"time_zone":"UTC"}`},
	} {
		began := time.Now()
		got := s.ask(t, r[0], r[1], r[2])
		if got.Status != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" {
			t.Errorf("%s %s is answered with %d, %s", r[0], r[1], got.Status, got.Body)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s %s took %v", r[0], r[1], took)
		}
	}
	s.ask(t, "POST", tasks, `{"title":"b"}`, "Idempotency-Key: key").status(t, http.StatusServiceUnavailable)
	for began := time.Now(); s.ask(t, "GET", "/health", "").Status == http.StatusOK; { // the last look counts for a second
		if time.Since(began) > 20*time.Second {
			t.Fatal("it is still healthy")
		}
	}
	equal(t, s.ask(t, "GET", "/health", "").status(t, http.StatusServiceUnavailable).Header.Get("Content-Type"), "application/json")
	s.ask(t, "GET", "/ready", "").status(t, http.StatusServiceUnavailable)
	s.ask(t, "GET", "/health/live", "").status(t, http.StatusOK)
	// What is wrong with a request is said all the same.
	s.ask(t, "POST", tasks, `{}`).status(t, http.StatusBadRequest)
	s.ask(t, "GET", tasks+"?x", "").status(t, http.StatusBadRequest)
}

// lock holds the owner's row, so that writes wait, until release is called.
func lock(t *testing.T, owner string) (release func()) {
	t.Helper()
	conn, err := storageOf(t).super.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `select from owners where owner_id = $1 for update`, owner); err != nil {
		t.Fatal(err)
	}
	return func() {
		tx.Rollback(context.Background())
		conn.Release()
	}
}

// waiting returns once so many writes wait for a lock.
func waiting(t *testing.T, blocked int) {
	t.Helper()
	for began := time.Now(); time.Since(began) < 20*time.Second; {
		var n int
		err := storageOf(t).super.QueryRow(t.Context(), `select count(*) from pg_locks where not granted and pid <> pg_backend_pid()`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		if n >= blocked {
			return
		}
	}
	t.Fatal("nothing waits")
}

func TestARequestThatItsClientGaveUpIsNotCarriedOut(t *testing.T) {
	s := start(t)
	s.create(t, `{"title":"a"}`)
	release := lock(t, s.owner)
	ctx, leave := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		r, err := http.NewRequestWithContext(ctx, "POST", s.url+tasks, strings.NewReader(`{"title":"b"}`))
		if err == nil {
			r.Header.Set("Content-Type", "application/json")
			_, err = s.http.Do(r)
		}
		gone <- err
	}()
	waiting(t, 1)
	leave()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("the client saw %v", err)
	}
	s.observed.await(t, observation{"POST", tasks, 499})
	release()
	equal(t, s.titles(t, ""), []string{"a"})
	for _, line := range s.logs.All() {
		if line.Level >= zap.WarnLevel {
			t.Errorf("logged: %s %v", line.Message, line.ContextMap())
		}
	}
}

func TestARequestThatTakesTooLongIsAnsweredByItsDeadline(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the ten seconds that a request may take")
	}
	t.Parallel()
	s := start(t)
	s.create(t, `{"title":"a"}`)
	release := lock(t, s.owner)
	began := time.Now()
	got := s.ask(t, "POST", tasks, `{"title":"b"}`).status(t, http.StatusServiceUnavailable)
	if took := time.Since(began); took < 9*time.Second || took > 12*time.Second {
		t.Errorf("it took %v", took)
	}
	if got.Header.Get("Retry-After") == "" {
		t.Error("the answer does not say when to try again")
	}
	release()
	equal(t, s.titles(t, ""), []string{"a"})
}

func TestABulkThatTakesTooLongIsRefusedWithWhatItLeft(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.create(t, `{"title":"a"}`)
	release := lock(t, s.owner)
	defer release()
	for key, says := range map[string]string{"": "nothing was done", "k": "with the same key"} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond) // in place of the endpoint's own
		defer cancel()
		r := httptest.NewRequestWithContext(ctx, http.MethodDelete, tasks+"?all=true", nil)
		if key != "" {
			r = httptest.NewRequestWithContext(ctx, http.MethodPost, tasks+"/archive-completed", nil)
			r.Header.Set("Idempotency-Key", key)
		}
		w := httptest.NewRecorder()
		s.api.Handler(everything(s.api)...).ServeHTTP(w, r)
		if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), says) || w.Header().Get("Retry-After") == "" {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
}

func TestRequestsAreMeasuredByPattern(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.ask(t, "GET", tasks+"/"+nobody, "")
	s.ask(t, "HEAD", tasks, "")
	s.ask(t, "POST", settings, "")
	s.ask(t, "GET", "/secret", "")
	for _, want := range []observation{
		{"GET", tasks + "/{id}", 404}, {"GET", tasks, 200}, {"POST", settings, 405}, {"GET", "/", 404},
	} {
		s.observed.await(t, want)
	}
}

func TestHealthSaysHowEachComponentIs(t *testing.T) {
	t.Parallel()
	say := func(detail string) error { return &httpapi.Problem{Detail: detail} }
	up := func(context.Context) error { return nil }
	for name, c := range map[string]struct {
		checks []httpapi.Check
		status int
		ready  int
		body   string
	}{
		"nothing to look at": {nil, 200, 200, `{"status":"healthy","version":"test","components":{}}`},
		"all is well": {[]httpapi.Check{{Name: "database", Essential: true, Run: up}, {Name: "cache", Run: func(context.Context) error { return httpapi.ErrOff }}}, 200, 200,
			`{"status":"healthy","version":"test","components":{"cache":{"status":"off","detail":"not configured"},"database":{"status":"up"}}}`},
		"the cache is down": {[]httpapi.Check{{Name: "cache", Run: func(context.Context) error { return say("no answer") }}, {Name: "database", Essential: true, Run: up}}, 200, 200,
			`{"status":"degraded","version":"test","components":{"cache":{"status":"down","detail":"no answer"},"database":{"status":"up"}}}`},
		"the database is down": {[]httpapi.Check{{Name: "database", Essential: true, Run: func(context.Context) error { return errors.New("dial unix /run/secret") }}, {Name: "cache", Run: func(context.Context) error { return say("no answer") }}}, 503, 503,
			`{"status":"unhealthy","version":"test","components":{"cache":{"status":"down","detail":"no answer"},"database":{"status":"down","detail":"something went wrong here; the request id helps to find out what"}}}`},
		"a check that never ends": {[]httpapi.Check{{Name: "database", Essential: true, Run: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}}, 503, 503,
			`{"status":"unhealthy","version":"test","components":{"database":{"status":"down","detail":"the request took too long"}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, func(a *httpapi.API) { a.Checks = c.checks })
			got := s.ask(t, "GET", "/health", "").status(t, c.status)
			equal(t, got.Body, c.body)
			equal(t, got.Header.Get("Cache-Control"), "no-store")
			s.ask(t, "GET", "/ready", "").status(t, c.ready)
			s.ask(t, "GET", "/health/live", "").status(t, http.StatusOK)
			health, err := s.client.Health(t.Context())
			if err != nil || len(health.Components) != len(c.checks) {
				t.Errorf("the client read %v, %v", health, err)
			}
		})
	}
}

func TestManyWhoAskForHealthAreOneLook(t *testing.T) {
	t.Parallel()
	var looks atomic.Int32
	check := httpapi.Check{Name: "database", Run: func(ctx context.Context) error {
		looks.Add(1)
		return ctx.Err()
	}}
	s := start(t, func(a *httpapi.API) { a.Checks = []httpapi.Check{check} })
	began := time.Now()
	for range 50 {
		s.ask(t, "GET", "/health", "").status(t, http.StatusOK)
	}
	if n, most := looks.Load(), 1+int32(time.Since(began)/time.Second); n < 1 || n > most {
		t.Errorf("%d looks in %v", n, time.Since(began))
	}
}

func TestAFunctionIsReadyUnlessItsSchemaIsUnusable(t *testing.T) {
	t.Parallel()
	var wrong error
	s := start(t, func(a *httpapi.API) { a.Ready = func(context.Context) error { return wrong } })
	for _, path := range []string{"/health/ready", "/health/readiness"} {
		wrong = nil
		equal(t, s.ask(t, "GET", path, "").status(t, http.StatusOK).Body, `{"status":"ready"}`)
		wrong = &postgres.SchemaError{Detail: "the schema is too new"}
		equal(t, s.ask(t, "GET", path, "").status(t, http.StatusServiceUnavailable).problem(t).Detail, "the schema is too new")
	}
	for _, path := range []string{"/health/live", "/health/liveness", "/health/startup"} {
		equal(t, s.ask(t, "GET", path, "").status(t, http.StatusOK).Body, `{"status":"alive"}`)
	}
}

func TestMetricsAreServedWhereThereAreAny(t *testing.T) {
	t.Parallel()
	s := start(t)
	equal(t, s.ask(t, "GET", "/metrics", "").status(t, http.StatusOK).Body, "todo_up 1\n")
	s = start(t, func(a *httpapi.API) { a.Metrics = nil })
	s.ask(t, "GET", "/metrics", "").status(t, http.StatusNotFound)
}

func TestWhatARequestAsksWithinIsNoLoadBesideIt(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.ask(t, http.MethodPost, talk, `{"message": "add Milk"}`).status(t, http.StatusOK)
	call := `{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "add_task", "arguments": {"title": "Bread"}}}`
	s.ask(t, http.MethodPost, "/mcp", call, acceptsBoth).status(t, http.StatusOK)
	load := s.api.Load()
	equal(t, []int{int(load.Requests), load.Busiest, s.api.Busiest()}, []int{2, 1, 1})
	equal(t, s.titles(t, ""), []string{"Milk", "Bread"})
}
