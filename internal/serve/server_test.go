package serve_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap/zapcore"

	"todo-app/internal/serve"
)

// running is a server under test.
type running struct {
	addr, metrics string
	stop          context.CancelFunc
	ended         chan error
}

func (r *running) url() string { return "http://" + r.addr + "/" }

// run starts a server on a free port and stops it after the test.
func run(t *testing.T, server *serve.Server) *running {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r := &running{stop: stop, ended: make(chan error, 1)}
	ready := make(chan struct{})
	server.Addr = "127.0.0.1:0"
	server.Ready = func(api, metrics net.Addr) {
		r.addr = api.String()
		if metrics != nil {
			r.metrics = metrics.String()
		}
		close(ready)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		r.ended <- server.Run(ctx)
	}()
	t.Cleanup(func() { stop(); <-over })
	select {
	case <-ready:
	case err := <-r.ended:
		t.Fatal(err)
	}
	return r
}

// client returns one that keeps its connections to itself.
func client(t *testing.T, h2 bool) *http.Client {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!h2)
	protocols.SetUnencryptedHTTP2(h2)
	transport := &http.Transport{Protocols: protocols, MaxIdleConnsPerHost: 100}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func get(client *http.Client, url string) (*http.Response, string, error) {
	answer, err := client.Get(url)
	if err != nil {
		return nil, "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer, string(body), err
}

func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestBothHTTPVersionsAreServedWithoutTLS(t *testing.T) {
	r := run(t, &serve.Server{Handler: text("hello")})
	for _, h2 := range []bool{false, true} {
		answer, body, err := get(client(t, h2), r.url())
		if err != nil || body != "hello" || (answer.ProtoMajor == 2) != h2 {
			t.Errorf("HTTP/2 %v: got %v, %q, %v", h2, answer, body, err)
		}
	}
}

func TestMetricsAnswerOnAListenerOfTheirOwn(t *testing.T) {
	m := serve.NewMetrics()
	r := run(t, &serve.Server{Handler: http.NotFoundHandler(), MetricsAddr: "127.0.0.1:0", Metrics: m.Handler()})
	c := client(t, false)
	if answer, body, err := get(c, "http://"+r.metrics+"/metrics"); err != nil || !strings.Contains(body, "process_uptime_seconds") {
		t.Errorf("got %v, %q, %v", answer, body, err)
	}
	for _, url := range []string{r.url() + "metrics", "http://" + r.metrics + "/"} {
		if answer, _, err := get(c, url); err != nil || answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s: got %v, %v", url, answer, err)
		}
	}
}

func TestAPortInUseIsNamed(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	addr := taken.Addr().String()
	for _, server := range []*serve.Server{
		{Addr: addr, Handler: text("")},
		{Addr: "127.0.0.1:0", Handler: text(""), MetricsAddr: addr, Metrics: text("")},
	} {
		err := server.Run(t.Context())
		if err == nil || err.Error() != "listening on "+addr+": address already in use" || !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("got %v", err)
		}
	}
	err = (&serve.Server{Addr: "127.0.0.1:99999", Handler: text("")}).Run(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), "listening on 127.0.0.1:99999: ") {
		t.Errorf("got %v", err)
	}
}

func TestAClientThatSendsItsHeaderSlowlyIsCutOff(t *testing.T) {
	r := run(t, &serve.Server{Handler: text(""), ReadHeaderTimeout: 50 * time.Millisecond})
	conn := dial(t, r.addr)
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
	began := time.Now()
	conn.SetReadDeadline(began.Add(5 * time.Second))
	if rest, err := io.ReadAll(conn); err != nil || len(rest) > 0 {
		t.Errorf("after %v got %q, %v", time.Since(began), rest, err)
	}
}

func TestAClientThatSendsItsBodySlowlyIsCutOff(t *testing.T) {
	got := make(chan error, 1)
	r := run(t, &serve.Server{ReadTimeout: 50 * time.Millisecond, Handler: http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(r.Body)
			got <- err
		})})
	conn := dial(t, r.addr)
	io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nslow")
	if err := <-got; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestAnOversizeHeaderIs431(t *testing.T) {
	r := run(t, &serve.Server{Handler: text("")})
	conn := dial(t, r.addr)
	// A write error only means that the answer was faster.
	io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\nX-Big: "+strings.Repeat("x", 80<<10)+"\r\n\r\n")
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "HTTP/1.1 431 ") {
		t.Errorf("got %q, %v", line, err)
	}
}

// buffer is a bytes.Buffer that a server may write while a test reads.
type buffer struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.out.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.out.String()
}

func TestAPanicIsLoggedAsOneErrorLineWithItsStack(t *testing.T) {
	var out buffer
	r := run(t, &serve.Server{
		Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("two\nlines") }),
		Log:     serve.NewLogger(zapcore.AddSync(&out), "create", "1", zapcore.DebugLevel),
	})
	if _, _, err := get(client(t, false), r.url()); err == nil {
		t.Error("the request was answered")
	}
	r.stop()
	if err := <-r.ended; err != nil {
		t.Error(err)
	}
	found := false
	for line := range strings.Lines(out.String()) {
		keys(t, []byte(line))
		found = found || strings.Contains(line, `"level":"ERROR"`) &&
			strings.Contains(line, "panic serving") && strings.Contains(line, "server_test.go")
	}
	if !found {
		t.Error(out.String())
	}
}
