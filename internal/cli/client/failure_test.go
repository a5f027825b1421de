package client_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// always answers every request in one way.
func always(status int, header, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if name, value, ok := strings.Cut(header, ": "); ok {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	})
}

func TestTheExitCodeSaysWhatAScriptWouldDoNext(t *testing.T) {
	t.Parallel()
	const problem = `{"status": %d, "detail": "%s", "instance": "r-1"}`
	for _, one := range []struct {
		status       int
		header, body string
		code         int
		says         string
	}{
		{400, "", `{"status": 400, "detail": "", "errors": [{"pointer": "/due", "detail": "must be\u001b[2J a date"}, {"pointer": "", "detail": "more follows"}, {"pointer": "/x", "detail": "query parameter x is not known here"}]}`,
			2, "todo: 3 things are wrong:\n  due must be␛[2J a date\n  more follows\n  x is not known here\n"},
		{413, "", fmt.Sprintf(problem, 413, "too large"), 2, "todo: too large\n"},
		{404, "", fmt.Sprintf(problem, 404, "there is no such task"), 3, "todo: there is no such task\n"},
		{404, "", "<html>\x1b[2J", 3, "was answered 404 Not Found\n"},
		{409, "", `{"status": 409, "detail": "in the way", "tasks": ["0190b6a0-5f3c-7000-8000-5b5e2f0c7a11"]}`, 4, "todo: in the way: 0c7a11\n"},
		{412, "", fmt.Sprintf(problem, 412, "stale"), 4, "todo: stale\n"},
		{401, "", fmt.Sprintf(problem, 401, "who are you?"), 6, "todo: who are you?\nSign in with: todo login http"},
		{403, "", fmt.Sprintf(problem, 403, "not yours"), 6, "todo: not yours\n"},
		{500, "", fmt.Sprintf(problem, 500, "something went wrong here"), 1, "todo: something went wrong here (request r-1)\n"},
		{503, "Retry-After: 3600", fmt.Sprintf(problem, 503, "come back later"), 5, "todo: come back later (request r-1)\n"},
		{429, "Retry-After: 3600", fmt.Sprintf(problem, 429, "too many"), 5, "todo: too many\n"},
		{302, "Location: http://elsewhere.example/\u202e", "", 5, "cannot be reached: it answers that it has moved to http://elsewhere.example/"},
		{200, "", "<html>", 1, "reading the answer to GET /api/v1/settings"},
	} {
		pretend(t, always(one.status, one.header, one.body)).person(t).fails(one.code, one.says, "settings")
	}
}

func TestWhatCannotBeReachedIsNamed(t *testing.T) {
	t.Parallel()
	s := pretend(t, always(500, "", ""))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + l.Addr().String()
	l.Close()
	p := s.person(t, "TODO_URL="+nobody)
	p.fails(5, "todo: "+nobody+" cannot be reached: dial tcp", "list")
	p.fails(5, "todo: "+nobody+" cannot be reached: dial tcp", "done", "0190b6a0-5f3c-7000-8000-5b5e2f0c7a11")
	p.fails(5, "; TODO_URL or todo login says where else the service is", "list")
	for _, url := range []string{"todo.example", "ftp://x", "http://user:secret@x", "http://x/path", "http://x?q", "http://"} {
		p = s.person(t, "TODO_URL="+url)
		p.fails(2, "must be the scheme and host of a service", "list")
	}
	p = s.person(t)
	p.fails(2, "--timeout must be more than nothing", "list", "--timeout", "0s")
}

// first has the service fail the first n requests of a method in some way, and
// counts all of them.
func first(n int64, method string, fail http.HandlerFunc) (func(http.Handler) http.Handler, *atomic.Int64) {
	var seen atomic.Int64
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == method && seen.Add(1) <= n {
				fail(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}, &seen
}

// vanish ends the connection without an answer.
func vanish(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func answer(status int, retryAfter string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader(status)
	}
}

func TestWhatIsSafeToRepeatIsRepeated(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.person(t)
	for _, one := range []struct {
		what   string
		method string
		fail   http.HandlerFunc
		args   string
		again  bool
	}{
		{"a read", "GET", vanish, "show ID", true},
		{"a read", "GET", answer(502, ""), "show ID", true},
		{"a read", "GET", answer(503, "0"), "show ID", true},
		{"a read", "GET", answer(504, ""), "show ID", true},
		{"a read", "GET", answer(500, ""), "show ID", false},
		{"an action with its key", "POST", vanish, "done ID", true},
		{"an action with its key", "POST", answer(504, ""), "done ID", true},
		{"a change", "PATCH", vanish, "edit ID --note x", false},
		{"a change", "PATCH", answer(504, ""), "edit ID --note x", false},
		{"a change that may have been done", "PATCH", answer(503, ""), "edit ID --note x", false},
		{"a change that was not done", "PATCH", answer(503, "0"), "edit ID --note x", true},
		{"a change that was not done", "PATCH", answer(429, "0"), "edit ID --note x", true},
		{"a delete", "DELETE", vanish, "rm ID", false},
		{"a delete that was not done", "DELETE", answer(503, "1"), "rm ID", true},
		{"settings, if they are still what was read", "PUT", vanish, "settings --time-zone UTC", false},
		{"settings that were not stored", "PUT", answer(503, "0"), "settings --time-zone UTC", true},
	} {
		s.before(func(next http.Handler) http.Handler { return next })
		id := idOf(p, p.post(`{"title": "x"}`))
		handler, seen := first(1, one.method, one.fail)
		s.before(handler)
		r := p.run("", strings.Fields(strings.ReplaceAll(one.args, "ID", id))...)
		if again := seen.Load() > 1; again != one.again || (r.code == 0) != one.again {
			t.Errorf("%s: it was asked %d times and ended with %d: %s", one.what, seen.Load(), r.code, r.problem)
		}
	}
}

func TestRepetitionsHaveOneKeyAndAnEnd(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.person(t)
	id := idOf(p, p.post(`{"title": "x"}`))
	keys := make(chan string, 100)
	handler, seen := first(1000, http.MethodPost, func(w http.ResponseWriter, r *http.Request) {
		keys <- r.Header.Get("Idempotency-Key")
		answer(502, "")(w, r)
	})
	s.before(handler)
	p.fails(5, "502 Bad Gateway", "done", id)
	if n := seen.Load(); n != 4 {
		t.Errorf("it was asked %d times", n)
	}
	one := <-keys
	for range seen.Load() - 1 {
		if key := <-keys; key != one || len(one) != 36 {
			t.Errorf("one has the key %q, another %q", one, key)
		}
	}
	p.fails(5, "502 Bad Gateway", "done", id)
	if key := <-keys; key == one {
		t.Error("another command has the same key")
	}
}

func TestRetryAfterIsWaitedForIfThereIsTime(t *testing.T) {
	t.Parallel()
	s := pretend(t, always(200, "", "[]"))
	p := s.person(t)
	handler, seen := first(1, http.MethodGet, answer(503, "1"))
	s.before(handler)
	began := time.Now()
	p.ok("list")
	if took := time.Since(began); took < time.Second || seen.Load() != 2 {
		t.Errorf("after %v it was asked %d times", took, seen.Load())
	}
	handler, seen = first(1, http.MethodGet, answer(503, "2"))
	s.before(handler)
	began = time.Now()
	p.fails(5, "503 Service Unavailable", "list", "--timeout", "1s")
	if seen.Load() != 1 {
		t.Errorf("it was asked %d times, for %v", seen.Load(), time.Since(began))
	}
}

func TestARequestHasADeadline(t *testing.T) {
	t.Parallel()
	s := pretend(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	s.person(t).fails(5, "did not answer in time; --timeout says how long that may be", "list", "--timeout", "300ms")
}

func TestCtrlCEndsACommandAtOnce(t *testing.T) {
	t.Parallel()
	arrived := make(chan bool, 1)
	s := pretend(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		arrived <- true
		<-r.Context().Done()
	}))
	p := s.person(t)
	cmd, problem := p.begin("list")
	<-arrived
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 130 || problem.String() != "todo: interrupted\n" {
		t.Errorf("it ended with %d: %s", code, problem)
	}
}
