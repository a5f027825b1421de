package client_test

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"todo-app/internal/app"
	chatting "todo-app/internal/app/chat"
	"todo-app/internal/httpapi"
	"todo-app/internal/postgres"
	"todo-app/internal/serve"
	"todo-app/internal/task"
	"todo-app/internal/task/chat"
)

var update = flag.Bool("update", false, "write the golden files anew")

// patience is how long a test waits for what must come.
const patience = 40 * time.Second

// today is when the tests happen: a Sunday.
const today = "2026-03-01T09:00:00Z"

// service is all functions on one listener, as todo serve has them, with a
// clock and ids that are the same in every run. Who signs in with a token is the
// owner of that name.
type service struct {
	url   string
	clock *clock
	ids   *ids

	api http.Handler

	mu   sync.Mutex
	next http.Handler
}

// start runs a service until the test ends.
func start(t testing.TB) *service {
	t.Helper()
	s := &service{clock: &clock{}, ids: &ids{}}
	s.clock.set(today)
	pool := postgresOf(t).New(t).Pool(t, postgres.AppRole)
	api := &httpapi.API{
		Tasks: &task.Service{
			Store: &postgres.Store{Pool: pool, Nonce: func() int64 { return 1 }},
			Now:   s.clock.now, NewID: s.ids.next, NewSecret: func() string { return "SECRET" }, Zone: time.UTC, Zones: &task.Zones{},
		},
		TakesKeys: true,
		WriteFile: app.WriteFile,
		Identify: func(r *http.Request) (task.Caller, error) {
			switch token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "); token {
			case "wrong":
				return task.Caller{}, &httpapi.Problem{Status: http.StatusUnauthorized, Detail: "the credential is not known"}
			default:
				return task.Caller{Owner: "owner " + token, Scope: task.ScopeWrite}, nil
			}
		},
		URL:     func(*http.Request) string { return "http://todo.example" },
		Log:     zap.NewNop(),
		Request: serve.WithRequest,
		Observe: func(string, string) func(int, time.Duration) { return func(int, time.Duration) {} },
		Changed: func(string) {},
	}
	operations := slices.Concat(api.Create(), api.List(), api.Update(), api.Delete())
	api.Behalf = chatting.Tools(api.Handler(operations...), s.clock.now)
	api.Talk = &chat.Service{Store: &postgres.Store{Pool: pool}, Now: s.clock.now, NewID: (&ids{}).next}
	s.api = api.Handler(slices.Concat(operations, api.Chat(), api.Health())...)
	return s.listen(t)
}

// pretend runs something that answers like a service, or does not.
func pretend(t testing.TB, h http.Handler) *service {
	t.Helper()
	return (&service{api: h}).listen(t)
}

func (s *service) listen(t testing.TB) *service {
	s.next = s.api
	l := httptest.NewServer(s)
	t.Cleanup(l.Close)
	s.url = l.URL
	return s
}

// ServeHTTP lets a test stand before the service.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	next := s.next
	s.mu.Unlock()
	next.ServeHTTP(w, r)
}

// before has a handler see requests first from now on, in place of any other
// that did, and pass on those that it likes.
func (s *service) before(first func(next http.Handler) http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = first(s.api)
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

// ids makes ids like those of a UUIDv7, the same in every run.
type ids struct {
	mu    sync.Mutex
	count uint64
	first []task.ID // before those made
}

func (i *ids) next() task.ID {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.first) > 0 {
		id := i.first[0]
		i.first = i.first[1:]
		return id
	}
	i.count++
	hash := sha256.Sum256(binary.BigEndian.AppendUint64(nil, i.count))
	return task.ID(append([]byte{0x01, 0x9c, 0xa7, 0x00, 0x00, 0x00, 0x70, 0x00}, hash[:8]...))
}

// person is somebody who uses the todo command, and what they saw.
type person struct {
	t          testing.TB
	service    *service
	env        []string
	home       string
	transcript bytes.Buffer
}

func (s *service) person(t testing.TB, env ...string) *person {
	home := t.TempDir()
	if testing.CoverMode() != "" { // of the command, too, and without warnings on its standard error
		env = append(env, "GOCOVERDIR="+cmp.Or(os.Getenv("GOCOVERDIR"), t.TempDir()))
	}
	return &person{t: t, service: s, home: home, env: append([]string{
		asCommand + "=1", nowIs + "=" + today, "PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + home, "TZ=Europe/Berlin", "TODO_URL=" + s.url,
	}, env...)}
}

// result is how a command ended.
type result struct {
	code         int
	out, problem string
}

// command prepares the todo command as a job of its own.
func (p *person) command(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = p.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// run runs the todo command with an input.
func (p *person) run(in string, args ...string) result {
	p.t.Helper()
	cmd := p.command(args...)
	cmd.Stdin = strings.NewReader(in)
	var out, problem bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	stop := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	defer stop.Stop()
	cmd.Wait()
	return result{cmd.ProcessState.ExitCode(), out.String(), problem.String()}
}

// begin starts the todo command, to be waited for.
func (p *person) begin(args ...string) (cmd *exec.Cmd, problem *bytes.Buffer) {
	p.t.Helper()
	cmd, problem = p.command(args...), &bytes.Buffer{}
	cmd.Stderr = problem
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	stop := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	p.t.Cleanup(func() { stop.Stop() })
	return cmd, problem
}

// todo runs the command and writes down what it was and what came of it.
func (p *person) todo(args ...string) result {
	p.t.Helper()
	r := p.run("", args...)
	fmt.Fprintf(&p.transcript, "$ todo %s\n", quoted(args))
	io.WriteString(&p.transcript, r.out)
	for line := range strings.Lines(r.problem) {
		fmt.Fprintf(&p.transcript, "! %s", line)
	}
	if r.code != 0 {
		fmt.Fprintf(&p.transcript, "exit %d\n", r.code)
	}
	p.transcript.WriteByte('\n')
	return r
}

func quoted(args []string) string {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = arg
		if strings.ContainsAny(arg, " !#\x1b\n") || arg == "" {
			words[i] = "'" + strings.NewReplacer("\x1b", `\e`, "\n", `\n`).Replace(arg) + "'"
		}
	}
	return strings.Join(words, " ")
}

// ok runs the command, which must succeed, and returns what it wrote.
func (p *person) ok(args ...string) string {
	p.t.Helper()
	r := p.run("", args...)
	if r.code != 0 {
		p.t.Fatalf("todo %s ended with %d: %s", quoted(args), r.code, r.problem)
	}
	return r.out
}

// fails runs the command, which must end with a code and say something.
func (p *person) fails(code int, says string, args ...string) {
	p.t.Helper()
	if r := p.run("", args...); r.code != code || !strings.Contains(r.problem, says) || r.out != "" {
		p.t.Errorf("todo %s ended with %d, want %d and %q: %s%s", quoted(args), r.code, code, says, r.out, r.problem)
	}
}

// saw compares what was written down with a golden file.
func (p *person) saw(name string) {
	p.t.Helper()
	path := filepath.Join("testdata", name+".txt")
	got := strings.NewReplacer(p.service.url, "http://todo.example", p.home, "HOME").Replace(p.transcript.String())
	got = madeUp.ReplaceAllString(got, "todo-N.md")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			p.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		p.t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), got); diff != "" {
		p.t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// madeUp matches what differs in every run.
var madeUp = regexp.MustCompile(`todo-[0-9]+\.md`)

// post creates a task and returns the name that people have for it.
func (p *person) post(body string) string {
	p.t.Helper()
	made := p.ask(http.MethodPost, "/api/v1/tasks", body)
	return made.ID.String()[30:]
}

func (p *person) ask(method, target, body string) httpapi.Task {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.service.url+target, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for _, line := range p.env {
		if token, ok := strings.CutPrefix(line, "TODO_TOKEN="); ok {
			r.Header.Set("Authorization", "Bearer "+token)
		}
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	var t httpapi.Task
	if err == nil && response.StatusCode < 300 && len(text) > 0 {
		err = t.UnmarshalJSON(text)
	} else if response.StatusCode >= 300 {
		err = fmt.Errorf("%s: %s", response.Status, text)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return t
}
