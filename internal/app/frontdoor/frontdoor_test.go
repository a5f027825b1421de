package frontdoor_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"todo-app/internal/app"
	"todo-app/internal/app/frontdoor"
	"todo-app/internal/app/function"
	"todo-app/internal/httpapi"
	"todo-app/internal/postgres"
)

const (
	tasks    = "/api/v1/tasks"
	patience = 20 * time.Second
)

// origin is a front door that listens.
type origin struct {
	url  string
	logs *observer.ObservedLogs
}

// before starts a front door before functions at these addresses.
func before(t *testing.T, at map[function.Name]string, adjust ...func(*frontdoor.Settings)) *origin {
	t.Helper()
	s := frontdoor.Settings{Concurrency: 10, FunctionURL: func(f function.Name) *url.URL {
		u, err := url.Parse(at[f])
		if err != nil || u.Host == "" {
			return &url.URL{Scheme: "http", Host: "127.0.0.1:1"}
		}
		return u
	}}
	for _, a := range adjust {
		a(&s)
	}
	core, logs := observer.New(zap.DebugLevel)
	f, err := frontdoor.New(s, zap.New(core))
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(f.Handler())
	t.Cleanup(h.Close)
	return &origin{h.URL, logs}
}

// each starts one server for each function.
func each(t *testing.T, handler func(function.Name) http.Handler) map[function.Name]string {
	t.Helper()
	at := map[function.Name]string{}
	for _, f := range function.Names() {
		s := httptest.NewServer(handler(f))
		t.Cleanup(s.Close)
		at[f] = s.URL
	}
	return at
}

// reply is an answer, read whole.
type reply struct {
	status int
	header http.Header
	body   string
}

// ask sends a request; headers are lines as in "Origin: null".
func (o *origin) ask(t *testing.T, method, target, body string, headers ...string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, o.url+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		if r.Header.Set(name, value); name == "Host" {
			r.Host = value
		}
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header, string(read)}
}

// problem fails the test unless the answer is a whole problem document.
func (r reply) problem(t *testing.T, status int) {
	t.Helper()
	var p httpapi.Problem
	err := json.Unmarshal([]byte(r.body), &p)
	if err != nil || r.status != status || p.Status != status || p.Detail == "" || p.Instance == "" || p.Instance != r.header.Get("X-Request-Id") ||
		r.header.Get("Content-Type") != "application/problem+json" || (status == http.StatusServiceUnavailable) != (r.header.Get("Retry-After") != "") {
		t.Errorf("not a problem of status %d: %d %v %s", status, r.status, r.header, r.body)
	}
}

// named answers with the name of the function that was asked, and how.
func named(f function.Name) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Function", string(f))
		w.Header().Set("X-Asked", r.Method+" "+r.RequestURI)
	})
}

func TestEveryOperationIsPassedOnToItsFunction(t *testing.T) {
	o := before(t, each(t, named))
	own := map[string]bool{"/openapi.yaml": true}
	passed := map[string]bool{}
	for _, f := range function.Names() {
		for _, e := range function.Endpoints(&httpapi.API{}, f) {
			if own[e.Path] {
				continue
			}
			target := strings.NewReplacer("{id}", "an%2Fid", "{name}", "a%20name", "{feed}", "a%20feed").Replace(e.Path) + "?a=%zz"
			r := o.ask(t, e.Method, target, "")
			if r.header.Get("X-Function") != string(f) || r.header.Get("X-Asked") != e.Method+" "+target {
				t.Errorf("%s %s is answered with %d by %q, who was asked %q", e.Method, target, r.status, r.header.Get("X-Function"), r.header.Get("X-Asked"))
			}
			passed[e.Method+" "+e.Path] = true
		}
	}
	// Whatever the API has for a function is one of a function that we know.
	api := reflect.ValueOf(&httpapi.API{})
	beside := map[string]bool{"Probes": true, "Document": true}
	for i := range api.NumMethod() {
		endpoints, ok := api.Method(i).Interface().(func() []httpapi.Endpoint)
		if name := api.Type().Method(i).Name; ok && !beside[name] {
			for _, e := range endpoints() {
				if !passed[e.Method+" "+e.Path] {
					t.Errorf("%s %s of %s is not passed on", e.Method, e.Path, name)
				}
			}
		}
	}
	if r := o.ask(t, "HEAD", tasks, ""); r.header.Get("X-Asked") != "HEAD "+tasks {
		t.Errorf("HEAD came as %q", r.header.Get("X-Asked"))
	}
}

func TestWhatNoFunctionServesIsRefusedAtTheDoor(t *testing.T) {
	o := before(t, each(t, named))
	for _, target := range []string{
		"/nowhere", "/metrics", "/api/v1", tasks + "/", tasks + "/a/b", "//", "//api/v1/tasks", "/api//v1/tasks", "/health/../metrics", tasks + "/..",
		tasks + "/%2e%2e", "/%2e%2e/health", tasks + "/a%2F%2E%2E", "/api/a%2f..%2fb/tasks", "/%2Fapi/v1/tasks", "/docs/", "/docs/none",
	} {
		for _, method := range []string{"GET", "POST"} {
			r := o.ask(t, method, target, "")
			r.problem(t, http.StatusNotFound)
		}
	}
	for target, allow := range map[string]string{
		tasks: "DELETE, GET, HEAD, POST", tasks + "/x": "DELETE, GET, HEAD, PATCH, PUT", tasks + "/x/complete": "POST", "/": "GET, HEAD", "/docs": "GET, HEAD", "/health": "GET, HEAD",
	} {
		r := o.ask(t, "PROPFIND", target, "")
		r.problem(t, http.StatusMethodNotAllowed)
		if r.header.Get("Allow") != allow {
			t.Errorf("%s allows %q, not %q", target, r.header.Get("Allow"), allow)
		}
	}
	o.ask(t, "POST", "/", `{}`).problem(t, http.StatusMethodNotAllowed) // events go to the functions' own hosts
}

func TestTheDoorsOwnPathsNeedNoFunction(t *testing.T) {
	o := before(t, nil)
	for _, target := range []string{"/health/live", "/health/liveness", "/health/startup", "/health/ready", "/health/readiness", "/openapi.yaml", "/docs", "/docs/redoc.js"} {
		if r := o.ask(t, "GET", target, ""); r.status != http.StatusOK || r.body == "" {
			t.Errorf("%s: %d", target, r.status)
		}
	}
	for _, target := range []string{"/health", "/ready"} {
		o.ask(t, "GET", target, "").problem(t, http.StatusServiceUnavailable)
	}
}

func TestOfAFunctionThatIsNotDeployedNobodyIsAsked(t *testing.T) {
	o := before(t, each(t, named), func(s *frontdoor.Settings) { s.Off = []function.Name{function.Chat, function.MCP} })
	for _, request := range []string{"POST /api/v1/chat", "POST /chatkit", "GET /api/v1/chat/conversations", "POST /mcp"} {
		method, target, _ := strings.Cut(request, " ")
		r := o.ask(t, method, target, "")
		r.problem(t, http.StatusNotFound)
		if r.header.Get("X-Function") != "" || !strings.Contains(r.body, "not deployed here") {
			t.Errorf("%s: %v %s", request, r.header, r.body)
		}
	}
	if r := o.ask(t, "GET", tasks, ""); r.header.Get("X-Function") != string(function.List) {
		t.Errorf("the list: %d", r.status)
	}
	if page := o.ask(t, "GET", "/", "").body; !strings.Contains(page, `<meta name="off" content="chat mcp">`) {
		t.Error("the page is not told:", page)
	}
}

// errorLines returns those logged for a request.
func (o *origin) errorLines(id string) int {
	return o.logs.FilterLevelExact(zapcore.ErrorLevel).FilterField(zap.String("request_id", id)).Len()
}

func TestWhatBecameOfARequestIsAProblemAndLoggedOnce(t *testing.T) {
	hold := make(chan struct{})
	held := make(chan struct{}, 1)
	at := each(t, func(f function.Name) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch f {
			case function.List:
				held <- struct{}{}
				<-hold
			case function.Update:
				w.Header().Set("Content-Type", "application/problem+json")
				w.WriteHeader(http.StatusServiceUnavailable)
				io.WriteString(w, `{"detail":"mine"}`)
			default:
				panic(http.ErrAbortHandler)
			}
		})
	})
	delete(at, function.Delete)
	o := before(t, at, func(s *frontdoor.Settings) { s.Concurrency = 1 })
	o.ask(t, "DELETE", tasks+"?all=true", "", "X-Request-Id: away").problem(t, http.StatusServiceUnavailable)
	o.ask(t, "POST", tasks, `{}`, "X-Request-Id: broken").problem(t, http.StatusBadGateway)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if r, err := http.Get(o.url + tasks); err == nil {
			r.Body.Close()
		}
	}()
	<-held
	o.ask(t, "GET", tasks, "", "X-Request-Id: busy").problem(t, http.StatusServiceUnavailable)
	o.ask(t, "POST", tasks, `{}`, "X-Request-Id: other").problem(t, http.StatusBadGateway) // each function has a bound of its own
	close(hold)
	<-done
	for id, lines := range map[string]int{"away": 1, "broken": 1, "busy": 1} {
		if n := o.errorLines(id); n != lines {
			t.Errorf("%s is logged %d times", id, n)
		}
	}
	if r := o.ask(t, "PUT", tasks+"/x", `{}`, "X-Request-Id: function"); r.body != `{"detail":"mine"}` || o.errorLines("function") != 0 {
		t.Errorf("a function's own: %s, logged %d times", r.body, o.errorLines("function"))
	}
}

func TestAClientThatGoesAwayIsNoErrorOfOurs(t *testing.T) {
	began, gone := make(chan struct{}), make(chan struct{})
	o := before(t, each(t, func(function.Name) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(began)
			<-r.Context().Done()
			close(gone)
		})
	}))
	ctx, leave := context.WithCancel(t.Context())
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, o.url+tasks, nil)
	go func() {
		if answer, err := http.DefaultClient.Do(r); err == nil {
			answer.Body.Close()
		}
	}()
	<-began
	leave()
	<-gone
	for deadline := time.Now().Add(patience); o.logs.FilterMessage("request refused").Len() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it is not logged at all")
		}
	}
	if n := o.logs.FilterLevelExact(zapcore.ErrorLevel).Len(); n > 0 {
		t.Errorf("logged as %d errors", n)
	}
}

// site starts real functions, which believe the peers that are trusted, and a
// front door before them.
func site(t *testing.T, trusted string, adjust ...func(*frontdoor.Settings)) (*origin, map[function.Name]string) {
	t.Helper()
	db := server.New(t)
	at := each(t, func(f function.Name) http.Handler {
		a, err := app.New(t.Context(), app.Settings{
			Settings:    function.Settings{TrustedProxies: []netip.Prefix{netip.MustParsePrefix(trusted)}},
			DatabaseURL: db.URL(postgres.AppRole), DatabaseConns: 2, Zone: time.UTC, Source: "/test", ImportMax: 1 << 20,
		}, zap.NewNop())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			a.Close(ctx)
		})
		return a.Handler(f)
	})
	return before(t, at, adjust...), at
}

func TestTheFunctionsAreOneServiceBehindTheDoor(t *testing.T) {
	o, _ := site(t, "127.0.0.0/8")
	const trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	made := o.ask(t, "POST", tasks, `{"title":"a"}`, "Host: todo.example", "X-Request-Id: mine", "Traceparent: "+trace, "X-Forwarded-Host: evil.example", "X-Forwarded-Proto: https")
	var task struct{ ID, URL string }
	if err := json.Unmarshal([]byte(made.body), &task); err != nil || made.status != http.StatusCreated {
		t.Fatalf("%d %s", made.status, made.body)
	}
	at := tasks + "/" + task.ID
	if want := "http://todo.example" + at; task.URL != want || made.header.Get("Location") != want {
		t.Errorf("the task is at %q and %q, not %q", task.URL, made.header.Get("Location"), want)
	}
	for name, want := range map[string]string{"X-Request-Id": "mine", "Traceparent": trace, "X-Content-Type-Options": "nosniff"} {
		if got := made.header.Values(name); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if timing := strings.Join(made.header.Values("Server-Timing"), ", "); !strings.Contains(timing, "app;dur=") || !strings.Contains(timing, "web;dur=") {
		t.Errorf("it took %q", timing)
	}
	fresh := o.ask(t, "GET", at, "")
	if len(fresh.header.Get("X-Request-Id")) != 32 || fresh.header.Get("ETag") == "" {
		t.Errorf("%v", fresh.header)
	}
	for _, c := range []struct {
		method, target, body string
		status               int
	}{
		{"GET", tasks + "?q=a", "", 200}, {"HEAD", tasks, "", 200}, {"GET", at, "", 200}, {"PATCH", at, `{"priority":"high"}`, 200},
		{"POST", at + "/complete", "", 200}, {"POST", at + "/reopen", "", 200}, {"PUT", "/api/v1/settings", `{"time_zone":"Asia/Tokyo"}`, 200},
		{"GET", "/api/v1/settings", "", 200}, {"GET", "/health", "", 200}, {"GET", "/ready", "", 200}, {"DELETE", at, "", 204},
	} {
		if r := o.ask(t, c.method, c.target, c.body); r.status != c.status {
			t.Errorf("%s %s: %d %s", c.method, c.target, r.status, r.body)
		}
	}
	o.ask(t, "GET", tasks+"?a=%zz", "").problem(t, http.StatusBadRequest)
	o.ask(t, "GET", at, "").problem(t, http.StatusNotFound)
	o.ask(t, "POST", tasks, `{"title":"`+strings.Repeat("a", 1<<20)+`"}`).problem(t, http.StatusRequestEntityTooLarge)
	full := `{"title":"a","description":"` + strings.Repeat("d", 1<<20-100) + `"}`
	if r := o.ask(t, "POST", tasks, full); r.status == http.StatusRequestEntityTooLarge || r.status >= 500 {
		t.Errorf("a body of a MiB: %d", r.status)
	}
}

func TestChangesStreamThroughTheDoorAsTheyCome(t *testing.T) {
	o, _ := site(t, "127.0.0.0/8")
	r, err := http.NewRequestWithContext(t.Context(), "GET", o.url+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "gzip")
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if media, encoding := answer.Header.Get("Content-Type"), answer.Header.Get("Content-Encoding"); media != "text/event-stream" || encoding != "" {
		t.Fatalf("it is %s, encoded %q", media, encoding)
	}
	lines := make(chan string)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(answer.Body); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	await := func(part string) {
		t.Helper()
		for deadline := time.After(patience); ; {
			select {
			case line, ok := <-lines:
				if !ok {
					t.Fatal("the stream has ended")
				} else if strings.Contains(line, part) {
					return
				}
			case <-deadline:
				t.Fatalf("%q never comes", part)
			}
		}
	}
	await("id: ")
	for _, title := range []string{"first", "second"} {
		if made := o.ask(t, "POST", tasks, `{"title":"`+title+`"}`); made.status != http.StatusCreated {
			t.Fatal(made)
		}
		await(title)
	}
}

func TestFilesComeAndGoThroughTheDoor(t *testing.T) {
	from, _ := site(t, "127.0.0.0/8")
	to, _ := site(t, "127.0.0.0/8")
	client := func(o *origin) *httpapi.Client { return &httpapi.Client{Base: o.url, HTTP: http.DefaultClient} }
	if _, err := client(from).QuickAdd(t.Context(), "Pay rent tomorrow 9am #flat every month", ""); err != nil {
		t.Fatal(err)
	}
	var file, copied, again bytes.Buffer
	if err := client(from).Export(t.Context(), httpapi.FileJSON, "", io.MultiWriter(&file, &again), nil); err != nil {
		t.Fatal(err)
	}
	sum, err := client(to).Import(t.Context(), &file, "", nil, nil)
	if err != nil || sum.Created != 1 {
		t.Fatal(sum, err)
	}
	if err := client(to).Export(t.Context(), httpapi.FileJSON, "", &copied, nil); err != nil {
		t.Fatal(err)
	}
	tasksOf := func(b bytes.Buffer) string { _, list, _ := strings.Cut(b.String(), `"tasks"`); return list }
	if tasksOf(again) != tasksOf(copied) || tasksOf(again) == "" {
		t.Errorf("%s became %s", again.String(), copied.String())
	}
	calendar := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTODO\r\nUID:x\r\nSUMMARY:x\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
	if sum, err := client(to).Import(t.Context(), strings.NewReader(calendar), "", nil, nil); err != nil || sum.Created != 1 {
		t.Error(sum, err)
	}
	todoist := "TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,DATE,DATE_LANG,TIMEZONE\ntask,x,,4,1,every! 3 days,en,UTC\ntask,y,,4,1,when I like,en,UTC\n"
	var noted int
	sum, err = client(to).Import(t.Context(), strings.NewReader(todoist), httpapi.FileTodoist, nil, func(r httpapi.ImportedRecord) error {
		noted += len(r.Notes)
		return nil
	})
	if err != nil || sum.Created != 2 || noted != 1 {
		t.Error(sum, noted, err)
	}
	for name, file := range map[string]string{"no file": "hello", "none of ours": `{"format":"other"}`} {
		var p *httpapi.Problem
		if _, err := client(to).Import(t.Context(), strings.NewReader(file), "", nil, nil); !errors.As(err, &p) || p.Status != http.StatusBadRequest {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatATrustedProxyForwardsReachesTheFunctions(t *testing.T) {
	o, _ := site(t, "127.0.0.0/8", func(s *frontdoor.Settings) { s.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} })
	r := o.ask(t, "POST", tasks, `{"title":"a"}`, "X-Forwarded-Host: todo.example", "X-Forwarded-Proto: https")
	if !strings.HasPrefix(r.header.Get("Location"), "https://todo.example/") {
		t.Errorf("%d at %q", r.status, r.header.Get("Location"))
	}
}

// Browsers send Sec-Fetch-Site only over TLS and on this machine; elsewhere
// the Origin alone says whose page it is.
func TestAPageOfTheSiteMayWriteThroughTheDoorAndNoOther(t *testing.T) {
	o, at := site(t, "127.0.0.0/8")
	direct := &origin{url: at[function.Create]}
	const body, host = `{"title":"a"}`, "Host: todo.example"
	for _, headers := range [][]string{{"Origin: http://todo.example"}, {"Origin: http://todo.example", "Sec-Fetch-Site: same-origin"}, {}} {
		if r := o.ask(t, "POST", tasks, body, append(headers, host)...); r.status != http.StatusCreated {
			t.Errorf("%q: %d %s", headers, r.status, r.body)
		}
	}
	for _, headers := range [][]string{
		{"Origin: http://evil.example"}, {"Origin: null"}, {"Sec-Fetch-Site: cross-site"}, {"Origin: http://todo.example", "Sec-Fetch-Site: same-site"},
		{"Origin: http://evil.example", "X-Forwarded-Host: evil.example"},
	} {
		o.ask(t, "POST", tasks, body, append(headers, host)...).problem(t, http.StatusForbidden)
	}
	direct.ask(t, "POST", tasks, body, "Origin: http://evil.example", host).problem(t, http.StatusForbidden)

	_, at = site(t, "192.0.2.0/24") // functions that trust nobody here
	stranger := &origin{url: at[function.Create]}
	stranger.ask(t, "POST", tasks, body, "Origin: http://evil.example", "X-Forwarded-Host: evil.example").problem(t, http.StatusForbidden)
}
