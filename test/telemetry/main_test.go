// Package telemetry_test runs functions that are built with the tag otel, and is
// the collector they tell.
package telemetry_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"todo-app/internal/cache/redistest"
	"todo-app/internal/postgres"
	"todo-app/internal/postgres/postgrestest"
)

// programs are where the programs lie that TestMain builds: those with the tag
// beside one without.
var programs string

// server is the PostgreSQL of these tests.
var server *postgrestest.Server

// patience is how long anything may take before a test gives up.
const patience = time.Minute

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		os.Exit(m.Run()) // each test says why it is skipped
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	if programs, err = os.MkdirTemp("", "todo-telemetry-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(programs)
	// The door of the benchmarks is that of functions/web, told where functions
	// are by host and port: no name leads to a function on this machine.
	for dir, tag := range map[string]string{"otel": "otel", "plain": "none"} {
		to := filepath.Join(programs, dir) + string(filepath.Separator)
		args := []string{"build", "-trimpath", "-buildvcs=false", "-tags", tag, "-o", to, "../../functions/list"}
		if tag == "otel" {
			args = append(args, "../../functions/create", "../../bench/door", "../../cmd/todo")
		}
		compile := exec.Command("go", args...)
		compile.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := compile.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "building the functions: %v: %s\n", err, out)
			return 1
		}
	}
	if server, err = postgrestest.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "starting PostgreSQL:", err)
		return 1
	}
	defer server.Close()
	return m.Run()
}

// process is a function that runs.
type process struct {
	cmd   *exec.Cmd
	url   string
	wrong bytes.Buffer // what it wrote to standard error

	mu    sync.Mutex
	lines []map[string]any // of its log
	over  chan struct{}    // closed at its end
}

// start runs a program with the settings and returns once it serves or has
// ended.
func start(t *testing.T, program string, settings []string, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(filepath.Join(programs, program), args...), over: make(chan struct{})}
	p.cmd.Env = append([]string{"PORT=0", "TODO_HOST=127.0.0.1", "TODO_AUTH=none", "PATH=" + os.Getenv("PATH")}, settings...)
	p.cmd.Stderr = &p.wrong
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.cmd.Process.Kill(); <-p.over })
	serving := make(chan string, 1)
	go func() {
		defer close(p.over)
		defer close(serving)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			line := map[string]any{}
			if json.Unmarshal(lines.Bytes(), &line) != nil {
				line["message"] = lines.Text()
			}
			p.mu.Lock()
			p.lines = append(p.lines, line)
			p.mu.Unlock()
			if line["message"] == "serving" {
				serving <- line["address"].(string)
			}
		}
	}()
	select {
	case address := <-serving:
		p.url = "http://" + address
	case <-time.After(patience):
		t.Fatal(program, "does not serve")
	}
	return p
}

// said returns the lines of the log with something in their message.
func (p *process) said(message string) (found []map[string]any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, line := range p.lines {
		if said, _ := line["message"].(string); strings.Contains(said, message) {
			found = append(found, line)
		}
	}
	return found
}

// end asks the program to end, and waits until it has.
func (p *process) end(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.ended(t)
}

// ended waits until the program has ended by itself.
func (p *process) ended(t *testing.T) {
	t.Helper()
	select {
	case <-p.over:
	case <-time.After(patience):
		t.Fatal(p.cmd.Path, "does not end")
	}
	_ = p.cmd.Wait()
}

// site is a front door, two functions, and what they connect to.
type site struct {
	door, create, list *process
	collector          *collector
	sink               *sink
}

// newSite runs them; all tell the collector.
func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{collector: newCollector(t), sink: newSink(t)}
	told := s.collector.told()
	stored := append([]string{
		"DATABASE_URL=" + server.New(t).URL(postgres.AppRole), "REDIS_URL=" + redistest.Start(t).URL(), "TODO_RATE_LIMIT=1000/s+1000", "K_SINK=" + s.sink.url,
	}, told...)
	s.create, s.list = start(t, "otel/create", stored), start(t, "otel/list", stored)
	s.door = start(t, "otel/door", append(told, "TODO_FUNCTION_URL=http://{function}.invalid"), "-to", ways(t, s.create.url, s.list.url))
	return s
}

// ways returns a host and port behind which POSTs and GETs go different ways, as
// the hosts of functions do.
func ways(t *testing.T, post, get string) string {
	t.Helper()
	to := func(r *http.Request) *url.URL {
		at := get
		if r.Method == http.MethodPost {
			at = post
		}
		u, err := url.Parse(at)
		if err != nil {
			panic(err)
		}
		return u
	}
	return serve(t, &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.Header["Forwarded"] = r.In.Header["Forwarded"]
		r.SetURL(to(r.In))
	}})
}

// serve serves h and returns its host and port.
func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: h}
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return l.Addr().String()
}

// answer is what a client was told.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask sends a request with headers such as "Name: value".
func ask(t *testing.T, method, url, body string, headers ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	client := &http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	got, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	var whole bytes.Buffer
	if _, err := whole.ReadFrom(got.Body); err != nil {
		t.Fatal(err)
	}
	return answer{got.StatusCode, got.Header, whole.String()}
}

// usable asks again while the answer is 503: connecting to PostgreSQL may take
// longer than a request does, where everything starts at once.
func usable(t *testing.T, method, url, body string, headers ...string) answer {
	t.Helper()
	for began := time.Now(); ; {
		got := ask(t, method, url, body, headers...)
		if got.status != http.StatusServiceUnavailable || time.Since(began) > patience {
			if got.status >= 300 {
				t.Fatal(method, url, got.status, got.body)
			}
			return got
		}
	}
}

// freePort returns one that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}
