package web_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"todo-app/internal/web"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// door is a front door before one function.
type door struct {
	*web.Door
	url     string
	trusted bool
	limit   time.Duration
	told    chan error
}

// before starts a door before a function; adjust changes it first.
func before(t *testing.T, function http.HandlerFunc, adjust ...func(*door)) *door {
	t.Helper()
	to := httptest.NewServer(function)
	t.Cleanup(to.Close)
	return beforeAt(t, to.URL, adjust...)
}

func beforeAt(t *testing.T, at string, adjust ...func(*door)) *door {
	t.Helper()
	d := &door{limit: patience, told: make(chan error, 100)}
	d.Door = &web.Door{
		URL:         func(r *http.Request) string { return "https://" + r.Host },
		Trusts:      func(*http.Request) bool { return d.trusted },
		Concurrency: 100,
	}
	for _, a := range adjust {
		a(d)
	}
	to, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	forward := d.To(to).Within(d.limit)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "door")
		err := forward(w, r)
		d.told <- err
		switch {
		case errors.Is(err, web.ErrBusy):
			w.WriteHeader(http.StatusTooManyRequests)
		case err != nil:
			panic(http.ErrAbortHandler)
		}
	}))
	server.Config.ReadTimeout, server.Config.WriteTimeout = time.Second, time.Second
	server.Start()
	t.Cleanup(func() { server.Close(); d.Close() })
	d.url = server.URL
	return d
}

// err returns what became of the next request.
func (d *door) err(t *testing.T) error {
	t.Helper()
	return next(t, d.told)
}

// next returns what comes over a channel.
func next[T any](t *testing.T, from <-chan T) (got T) {
	t.Helper()
	select {
	case got = <-from:
	case <-time.After(patience):
		t.Fatal("it never comes")
	}
	return got
}

// raw sends bytes and returns the connection.
func (d *door) raw(t *testing.T, request string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(d.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	return conn
}

func answerOn(t *testing.T, conn net.Conn, method string) *http.Response {
	t.Helper()
	r, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func get(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r, string(body)
}

func TestASlowUploadReachesTheFunctionBeforeItEnds(t *testing.T) {
	parts := make(chan string)
	d := before(t, func(w http.ResponseWriter, r *http.Request) {
		for b := make([]byte, 100); ; {
			n, err := r.Body.Read(b)
			if n > 0 {
				parts <- string(b[:n])
			}
			if err != nil {
				return
			}
		}
	})
	body, pen := io.Pipe()
	done := make(chan error, 1)
	go func() {
		r, err := http.Post(d.url, "text/plain", body)
		if err == nil {
			r.Body.Close()
		}
		done <- err
	}()
	for _, part := range []string{"one", "two", "three"} {
		io.WriteString(pen, part)
		if got := next(t, parts); got != part {
			t.Errorf("the function read %q, not %q", got, part)
		}
	}
	pen.Close()
	if err := next(t, done); err != nil {
		t.Error(err)
	}
}

func TestASlowAnswerReachesTheClientBeforeItEnds(t *testing.T) {
	for what, length := range map[string]string{"of unknown length": "", "of known length": "6"} {
		t.Run(what, func(t *testing.T) {
			more := make(chan struct{})
			d := before(t, func(w http.ResponseWriter, _ *http.Request) {
				if length != "" {
					w.Header().Set("Content-Length", length)
				}
				for _, part := range []string{"one", "two"} {
					io.WriteString(w, part)
					w.(http.Flusher).Flush()
					<-more
				}
			})
			r, err := http.Get(d.url)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Body.Close()
			b := make([]byte, 3)
			for _, part := range []string{"one", "two"} {
				if _, err := io.ReadFull(r.Body, b); err != nil || string(b) != part {
					t.Errorf("%q, %v", b, err)
				}
				more <- struct{}{}
			}
		})
	}
}

// The server here allows a body and an answer one second.
func TestAFunctionMayTakeLongerToStartThanTheServerAllows(t *testing.T) {
	d := before(t, func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(1500 * time.Millisecond):
		case <-r.Context().Done():
		}
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, n, err)
	})
	if r, body := get(t, d.url); r.StatusCode != http.StatusOK || body != "0 <nil>" {
		t.Errorf("%d %q", r.StatusCode, body)
	}
	const large = 64 << 20 // more than waits in buffers on the way
	r, err := http.Post(d.url, "text/plain", io.LimitReader(neverending{}, large))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if body, err := io.ReadAll(r.Body); err != nil || string(body) != fmt.Sprint(large, nil) {
		t.Errorf("%d %q, %v", r.StatusCode, body, err)
	}
}

type neverending struct{}

func (neverending) Read(b []byte) (int, error) { return len(b), nil }

func TestAStreamHasNoDeadline(t *testing.T) {
	beyond := make(chan struct{})
	d := before(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		select {
		case <-beyond:
			io.WriteString(w, "data: 1\n\n")
		case <-r.Context().Done():
		}
	}, func(d *door) { d.limit = 500 * time.Millisecond })
	r, err := http.Get(d.url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	time.AfterFunc(1200*time.Millisecond, func() { close(beyond) })
	if body, err := io.ReadAll(r.Body); err != nil || string(body) != "data: 1\n\n" {
		t.Errorf("%q, %v", body, err)
	}
}

func TestAStreamEndsWhenTheDoorIsToClose(t *testing.T) {
	ending := make(chan struct{})
	d := before(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}, func(d *door) { d.Ending = ending })
	r, err := http.Get(d.url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	close(ending)
	if body, err := io.ReadAll(r.Body); err == nil {
		t.Errorf("%q, as if that were all", body)
	}
	if err := d.err(t); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestAStreamThatAnswersAPostEndsByItself(t *testing.T) {
	ending, rest := make(chan struct{}), make(chan struct{})
	function := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.(http.Flusher).Flush()
		select {
		case <-rest:
			io.WriteString(w, "data: 1\n\n")
		case <-r.Context().Done():
		}
	}
	d := before(t, function, func(d *door) { d.Ending, d.limit = ending, 3*time.Second })
	ask := func() (string, error) {
		r, err := http.Post(d.url, "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		return string(body), err
	}
	close(ending)
	time.AfterFunc(1200*time.Millisecond, func() { rest <- struct{}{} }) // longer than the server gives an answer
	if body, err := ask(); err != nil || body != "data: 1\n\n" {
		t.Errorf("%q, %v", body, err)
	}
	if err := d.err(t); err != nil {
		t.Error(err)
	}
	if body, err := ask(); err == nil {
		t.Errorf("%q, as if that were all", body)
	}
	if err := d.err(t); !errors.Is(err, web.ErrTimeout) {
		t.Errorf("a stream without an end: %v", err)
	}
}

func TestAnAnswerThatBeginsAtOnceIsWhole(t *testing.T) {
	d := before(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "1")
		w.(http.Flusher).Flush()
		time.Sleep(time.Millisecond)
		io.WriteString(w, "2")
	})
	for i := range 500 {
		r, err := http.Post(d.url, "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		if told := d.err(t); err != nil || string(body) != "12" || told != nil {
			t.Fatalf("the answer to request %d is %q, %v: %v", i, body, err, told)
		}
	}
}

func TestAFunctionThatDoesNotAnswerInTimeIsGivenUp(t *testing.T) {
	gone := make(chan struct{})
	for what, begin := range map[string]bool{"no answer": false, "half an answer": true} {
		d := before(t, func(w http.ResponseWriter, r *http.Request) {
			if begin {
				io.WriteString(w, "half")
				w.(http.Flusher).Flush()
			}
			<-r.Context().Done()
			gone <- struct{}{}
		}, func(d *door) { d.limit = 100 * time.Millisecond })
		r, err := http.Get(d.url)
		if err == nil {
			_, err = io.ReadAll(r.Body)
			r.Body.Close()
		}
		if err == nil {
			t.Errorf("%s: it looks whole", what)
		}
		if err := d.err(t); !errors.Is(err, web.ErrTimeout) {
			t.Errorf("%s: %v", what, err)
		}
		next(t, gone)
	}
}

func TestAnUploadThatTakesTooLongIsGivenUpToo(t *testing.T) {
	d := before(t, func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }, func(d *door) { d.limit = 100 * time.Millisecond })
	d.raw(t, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf") // and no more
	if err := d.err(t); !errors.Is(err, web.ErrTimeout) {
		t.Error(err)
	}
}

func TestARequestThatMayHaveHadAnEffectIsNotCalledUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { // answers once, takes a second request on the same connection, and is gone
		conn, err := l.Accept()
		if err != nil {
			return
		}
		r := bufio.NewReader(conn)
		http.ReadRequest(r)
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		http.ReadRequest(r)
		l.Close()
		conn.Close()
	}()
	d := beforeAt(t, "http://"+l.Addr().String())
	get(t, d.url)
	if err := d.err(t); err != nil {
		t.Fatal(err)
	}
	r, _ := http.NewRequest(http.MethodPost, d.url, nil)
	r.Header.Set("Idempotency-Key", "key") // so that net/http asks once more
	if answer, err := http.DefaultClient.Do(r); err == nil {
		answer.Body.Close()
	}
	if err := d.err(t); err == nil || errors.Is(err, web.ErrUnreachable) {
		t.Error(err)
	}
}

func TestAnUploadThatIsMalformedIsTheClientsFault(t *testing.T) {
	d := before(t, func(_ http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) })
	d.raw(t, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nnonsense\r\n")
	if err := d.err(t); !errors.Is(err, web.ErrCutShort) {
		t.Error(err)
	}
}

func TestAClientThatGoesAwayEndsTheRequestAtTheFunction(t *testing.T) {
	for what, begin := range map[string]bool{"before the answer": false, "in the answer": true} {
		began, gone := make(chan struct{}), make(chan struct{})
		d := before(t, func(w http.ResponseWriter, r *http.Request) {
			if begin {
				io.WriteString(w, "half")
				w.(http.Flusher).Flush()
			}
			close(began)
			<-r.Context().Done()
			close(gone)
		})
		ctx, leave := context.WithCancel(t.Context())
		r, _ := http.NewRequestWithContext(ctx, http.MethodGet, d.url, nil)
		go func() {
			if answer, err := http.DefaultClient.Do(r); err == nil {
				io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
			}
		}()
		next(t, began)
		leave()
		next(t, gone)
		if err := d.err(t); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestAnUploadThatBreaksOffBreaksOffAtTheFunction(t *testing.T) {
	read, began := make(chan error, 1), make(chan struct{})
	d := before(t, func(_ http.ResponseWriter, r *http.Request) {
		close(began)
		_, err := io.ReadAll(r.Body)
		read <- err
	})
	conn := d.raw(t, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
	next(t, began)
	conn.(*net.TCPConn).CloseWrite()
	if err := next(t, read); err == nil {
		t.Error("the function takes it for whole")
	}
	if err := d.err(t); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// function answers each connection with bytes, and closes it.
func function(t *testing.T, answer string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				io.WriteString(conn, answer)
			}
			conn.Close()
		}
	}()
	return "http://" + l.Addr().String()
}

func TestAnAnswerThatIsNoneIsTheFunctionsFault(t *testing.T) {
	for what, answer := range map[string]string{
		"nothing":                   "",
		"nonsense":                  "220 mail.example ESMTP\r\n",
		"half a header":             "HTTP/1.1 200 OK\r\nContent-",
		"half a body":               "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
		"half a chunk":              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf",
		"another protocol":          "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
		"a header beyond measure":   "HTTP/1.1 200 OK\r\nA: " + strings.Repeat("a", 80<<10) + "\r\n\r\n",
		"a fault of what is before": "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nno",
	} {
		d := beforeAt(t, function(t, answer))
		r, err := http.Post(d.url, "text/plain", strings.NewReader("a"))
		if err == nil {
			_, err = io.ReadAll(r.Body)
			r.Body.Close()
		}
		if told := d.err(t); err == nil || !errors.Is(told, web.ErrBroken) {
			t.Errorf("%s: %v, and the client saw %v", what, told, err)
		}
	}
}

func TestAFunctionThatIsNotThereIsUnreachable(t *testing.T) {
	for what, at := range map[string]string{
		"refused":            "http://127.0.0.1:1",
		"no such host":       "http://list.invalid",
		"no TLS":             strings.Replace(function(t, ""), "http:", "https:", 1),
		"unknown on the way": function(t, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
	} {
		d := beforeAt(t, at)
		if r, err := http.Post(d.url, "text/plain", strings.NewReader("a")); err == nil {
			r.Body.Close()
		}
		err := d.err(t)
		if !errors.Is(err, web.ErrUnreachable) {
			t.Errorf("%s: %v", what, err)
		}
		if nameless := what == "no such host" || what == "unknown on the way"; errors.Is(err, web.ErrAbsent) != nameless {
			t.Errorf("%s is told as %v", what, err)
		}
	}
}

func TestAFunctionsOwnFaultsPassThroughUnchanged(t *testing.T) {
	const problem = `{"status":503}`
	d := before(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.Header().Set("Retry-After", "2")
		w.WriteHeader(http.StatusServiceUnavailable)
		io.WriteString(w, problem)
	})
	r, body := get(t, d.url)
	if r.StatusCode != http.StatusServiceUnavailable || body != problem || r.Header.Get("Retry-After") != "2" || d.err(t) != nil {
		t.Errorf("%d %v %s", r.StatusCode, r.Header, body)
	}
}

func TestAFunctionIsGivenNoMoreRequestsThanItsBound(t *testing.T) {
	const bound = 3
	began, release := make(chan struct{}), make(chan struct{})
	d := before(t, func(http.ResponseWriter, *http.Request) {
		began <- struct{}{}
		<-release
	}, func(d *door) { d.Concurrency = bound })
	done := make(chan int, bound)
	ask := func() {
		r, err := http.Get(d.url)
		if err != nil {
			done <- 0
			return
		}
		r.Body.Close()
		done <- r.StatusCode
	}
	for range bound {
		go ask()
		next(t, began)
	}
	ask()
	if status := next(t, done); status != http.StatusTooManyRequests || !errors.Is(d.err(t), web.ErrBusy) {
		t.Errorf("one too many got %d", status)
	}
	close(release)
	for range bound {
		if status := next(t, done); status != http.StatusOK || d.err(t) != nil {
			t.Errorf("one of those before got %d", status)
		}
	}
	go ask()
	next(t, began)
	if status := next(t, done); status != http.StatusOK {
		t.Errorf("one after got %d", status)
	}
}

// seen is what a function was asked.
type seen struct {
	*http.Request
	body string
}

// recording returns a function that tells what it is asked.
func recording(t *testing.T, adjust ...func(*door)) (*door, <-chan seen) {
	asked := make(chan seen, 10)
	return before(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked <- seen{r, string(body)}
		w.Header().Add("Connection", "X-Hop")
		w.Header().Set("X-Hop", "1")
		w.Header().Set("X-Request-Id", "function")
		w.Header().Set("Trailer", "X-Trailer")
		io.WriteString(w, "answer")
		w.Header().Set("X-Trailer", "end")
	}, adjust...), asked
}

func TestOnlyHeadersForTheFunctionReachIt(t *testing.T) {
	const request = "GET /a?b HTTP/1.1\r\nHost: todo.example\r\nForwarded: for=evil\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Host: evil.example\r\n" +
		"X-Forwarded-Proto: gopher\r\nX-Forwarded-Prefix: /evil\r\nConnection: X-Secret, Upgrade, close\r\nX-Secret: 1\r\nKeep-Alive: 5\r\n" +
		"Proxy-Authorization: x\r\nProxy-Connection: x\r\nTE: gzip\r\nUpgrade: \x80\r\nIdempotency-Key: k\r\nX-Idempotency-Key: k\r\nX-Kept: 1\r\n\r\n"
	for trusted, chain := range map[bool]string{false: "127.0.0.1", true: "192.0.2.1, 127.0.0.1"} {
		d, asked := recording(t, func(d *door) { d.trusted = trusted })
		answer := answerOn(t, d.raw(t, request), "GET")
		body, err := io.ReadAll(answer.Body)
		if err != nil || string(body) != "answer" || answer.Trailer.Get("X-Trailer") != "end" {
			t.Errorf("%q, %v, %v", body, answer.Trailer, err)
		}
		if answer.Header.Get("X-Hop") != "" || len(answer.Header.Values("X-Request-Id")) != 1 || answer.Header.Get("X-Request-Id") != "door" {
			t.Errorf("the client was given %v", answer.Header)
		}
		got := next(t, asked)
		want := http.Header{"X-Forwarded-For": {chain}, "X-Forwarded-Host": {"todo.example"}, "X-Forwarded-Proto": {"https"}, "Forwarded": {`host="todo.example";proto=https`}, "X-Kept": {"1"}}
		if fmt.Sprint(got.Header) != fmt.Sprint(want) {
			t.Errorf("trusted %v: the function was given\n%v, not\n%v", trusted, got.Header, want)
		}
		if strings.HasPrefix(got.Host, "todo.example") || !strings.HasPrefix(got.Host, "127.0.0.1:") {
			t.Errorf("the function was asked as %q", got.Host)
		}
	}
}

func TestTheTargetReachesTheFunctionAsItIs(t *testing.T) {
	d, asked := recording(t)
	for sent, want := range map[string]string{
		"/a%2Fb": "/a%2Fb", "/a?x=%zz&y;z": "/a?x=%zz&y;z", "/%C3%A4?": "/%C3%A4?", "/a/../b": "/a/../b",
		"//a": "//a", "http://other.example/x?y": "/x?y", "/a%00": "/a%00", "/a+b%20c": "/a+b%20c",
	} {
		answer := answerOn(t, d.raw(t, "GET "+sent+" HTTP/1.1\r\nHost: todo.example\r\nConnection: close\r\n\r\n"), "GET")
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("%q: %d", sent, answer.StatusCode)
		}
		if got := next(t, asked); got.RequestURI != want {
			t.Errorf("%q arrived as %q", sent, got.RequestURI)
		}
	}
}

func TestARequestThatCouldBeReadInTwoWaysIsRefused(t *testing.T) {
	d, asked := recording(t)
	for what, header := range map[string]string{
		"both lengths":     "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"two lengths":      "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
		"another encoding": "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
		"a folded header":  "Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
		"a spaced name":    "Content-Length : 4\r\n\r\nabcd",
	} {
		answer := answerOn(t, d.raw(t, "POST / HTTP/1.1\r\nHost: x\r\n"+header), "POST")
		if answer.StatusCode >= 400 {
			continue
		}
		// Chunked wins where both stand (RFC 9112, section 6.3), and one way of saying it goes on.
		if got := next(t, asked); got.body != "" || len(got.Header.Values("Content-Length")) > 0 || got.ContentLength > 0 {
			t.Errorf("%s: passed on as %v with %q", what, got.Header, got.body)
		}
	}
}

func TestBodiesPassWhole(t *testing.T) {
	d, asked := recording(t)
	large := string(bytes.Repeat([]byte("0123456789abcdef"), 1<<16)) // 1 MiB
	for name, body := range map[string]io.Reader{
		"of known length": strings.NewReader(large), "in chunks": io.MultiReader(strings.NewReader(large)), "none": http.NoBody,
	} {
		r, err := http.Post(d.url, "text/plain", body)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		want := large
		if name == "none" {
			want = ""
		}
		if got := next(t, asked); got.body != want {
			t.Errorf("%s: %d bytes arrived", name, len(got.body))
		}
	}
}

func TestAHEADIsAnsweredWithoutABody(t *testing.T) {
	d := before(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.Header().Set("X-Method", r.Method)
	})
	r, err := http.Head(d.url)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.ContentLength != 1000 || r.Header.Get("X-Method") != http.MethodHead {
		t.Errorf("%d %v", r.ContentLength, r.Header)
	}
}

func TestAClientIsToldToSendItsBodyOnceTheFunctionWantsIt(t *testing.T) {
	const request = "POST /%s HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
	d := before(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/no" {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		body, _ := io.ReadAll(r.Body)
		w.Write(body)
	})
	conn := d.raw(t, fmt.Sprintf(request, "yes"))
	in := bufio.NewReader(conn)
	if line, err := in.ReadString('\n'); line != "HTTP/1.1 100 Continue\r\n" {
		t.Fatalf("%q, %v", line, err)
	}
	in.ReadString('\n')
	io.WriteString(conn, "body")
	answer, err := http.ReadResponse(in, nil)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(answer.Body)
	if string(body) != "body" || answer.Header.Get("X-Request-Id") != "door" {
		t.Errorf("%q %v", body, answer.Header)
	}
	if answer := answerOn(t, d.raw(t, fmt.Sprintf(request, "no")), "POST"); answer.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a refusal came as %d", answer.StatusCode)
	}
}
