package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/pgserver"
	"todo-app/internal/postgres/postgrestest"
)

// patience is how long a test waits for what must come.
const patience = 40 * time.Second

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("after %v still not: %s", patience, what)
		}
		<-tick.C
	}
}

// openFolder returns one that other users may pass through, unlike t.TempDir:
// root's PostgreSQL runs as another.
func openFolder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "todo-cli-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// command prepares the todo command with these settings alone.
func command(args []string, settings ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append([]string{asCommand + "=1", "PATH=" + os.Getenv("PATH")}, settings...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a job of its own, as under a shell
	return cmd
}

// outcome runs the command to its end.
func outcome(t testing.TB, args []string, settings ...string) (code int, out, problems string) {
	t.Helper()
	cmd := command(args, settings...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	defer stop.Stop()
	cmd.Wait()
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// service is a running todo serve.
type service struct {
	cmd    *exec.Cmd
	url    string
	stderr *bytes.Buffer
	ended  chan error

	mu   sync.Mutex
	said []string
}

// lines returns what it has printed so far.
func (s *service) lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.said)
}

func serve(t testing.TB, settings ...string) *service {
	t.Helper()
	return run(t, command([]string{"serve"}, append([]string{"PORT=0"}, settings...)...))
}

func run(t testing.TB, cmd *exec.Cmd) *service {
	t.Helper()
	s := &service{cmd: cmd, stderr: &bytes.Buffer{}, ended: make(chan error, 1)}
	cmd.Stderr = s.stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	at := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			s.mu.Lock()
			s.said = append(s.said, lines.Text())
			s.mu.Unlock()
			if text, ok := strings.CutPrefix(lines.Text(), "todo is at "); ok {
				address, _, _ := strings.Cut(text, ": ")
				at <- address
			}
		}
		s.ended <- cmd.Wait()
		close(at)
	}()
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGINT)
		select {
		case <-s.ended:
		case <-time.After(patience):
			cmd.Process.Kill()
		}
	})
	select {
	case s.url = <-at:
	case <-time.After(patience):
	}
	if s.url == "" {
		t.Fatalf("it does not serve: %s", s.stderr)
	}
	return s
}

// end waits for the process to be over.
func (s *service) end(t testing.TB) error {
	t.Helper()
	select {
	case err := <-s.ended:
		s.ended <- err
		return err
	case <-time.After(patience):
		t.Fatal("it does not end")
		return nil
	}
}

// create adds a task; an empty id means that it was not acknowledged.
func (s *service) create(title string) (id string, err error) {
	r, err := http.Post(s.url+"/api/v1/tasks", "application/json", strings.NewReader(`{"title":"`+title+`"}`))
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	var made struct{ ID string }
	if err == nil && r.StatusCode == http.StatusCreated {
		err = json.Unmarshal(body, &made)
	}
	if err == nil && r.StatusCode != http.StatusCreated && r.StatusCode != http.StatusServiceUnavailable {
		err = fmt.Errorf("%s: %s", r.Status, body)
	}
	return made.ID, err
}

func (s *service) must(t testing.TB, title string) string {
	t.Helper()
	id, err := s.create(title)
	if err != nil || id == "" {
		t.Fatalf("creating %s: %q, %v", title, id, err)
	}
	return id
}

// ids lists all tasks there are.
func (s *service) ids(t testing.TB) []string {
	t.Helper()
	var all []string
	for target := s.url + "/api/v1/tasks?limit=500"; target != ""; {
		r, err := http.Get(target)
		if err != nil {
			t.Fatal(err)
		}
		var page []struct{ ID string }
		err = json.NewDecoder(r.Body).Decode(&page)
		r.Body.Close()
		if err != nil || r.StatusCode != http.StatusOK {
			t.Fatal(r.Status, err)
		}
		for _, one := range page {
			all = append(all, one.ID)
		}
		link, _ := strings.CutSuffix(r.Header.Get("Link"), `>; rel="next"`)
		target = strings.TrimPrefix(link, "<")
	}
	return all
}

// postmaster tells which process serves a folder, and where its socket is.
func postmaster(t testing.TB, dir string) (pid int, sockets string) {
	t.Helper()
	eventually(t, "there is a postmaster", func() bool {
		text, _ := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
		lines := strings.Split(string(text), "\n")
		if len(lines) < 6 {
			return false
		}
		pid, _ = strconv.Atoi(lines[0])
		sockets = lines[4]
		return pid > 0
	})
	return pid, sockets
}

// gone reports whether a process has ended, collected by its parent or not.
func gone(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return syscall.Kill(pid, 0) == syscall.ESRCH || err == nil && bytes.Contains(stat, []byte(") Z "))
}

// shows fails the test unless a page is there for a browser.
func (s *service) shows(t testing.TB, path, text string) {
	t.Helper()
	r, err := http.Get(s.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if body, err := io.ReadAll(r.Body); err != nil || r.StatusCode != http.StatusOK || !strings.Contains(string(body), text) {
		t.Errorf("%s: %d, %v, %.200s", path, r.StatusCode, err, body)
	}
}

func TestServeKeepsItsTasksOverCtrlCAndLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(openFolder(t), "made", "by", "it")
	s := serve(t, "TODO_DATA_DIR="+dir)
	if said := strings.Join(s.lines(), "\n"); !strings.Contains(said, "; TODO_URL="+s.url+", or todo login "+s.url) {
		t.Error("it is not said how to find it:", said)
	}
	s.shows(t, "/", `<title>Tasks</title>`)
	s.shows(t, "/docs", `src="/docs/redoc.js"`)
	s.shows(t, "/docs/redoc.js", "Redoc")
	s.shows(t, "/openapi.yaml", "openapi: 3.1")
	id := s.must(t, "kept")
	if r, err := http.Get(s.url + "/ready"); err != nil || r.StatusCode != http.StatusOK {
		t.Error("/ready:", r, err)
	}
	pid, sockets := postmaster(t, dir)
	if err := syscall.Kill(-s.cmd.Process.Pid, syscall.SIGINT); err != nil { // as a terminal does, to the whole job
		t.Fatal(err)
	}
	if err := s.end(t); err != nil {
		t.Errorf("it ended with %v: %s", err, s.stderr)
	}
	if !gone(pid) {
		t.Error("PostgreSQL is still there")
	}
	if _, err := os.Stat(sockets); !os.IsNotExist(err) {
		t.Error("the socket's folder is still there:", err)
	}
	again := serve(t, "TODO_DATA_DIR="+dir)
	if ids := again.ids(t); !slices.Equal(ids, []string{id}) {
		t.Errorf("after the restart there is %v", ids)
	}
}

func TestServeStartsAgainWithItsTasksAfterItWasKilled(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	s := serve(t, "TODO_DATA_DIR="+dir)
	id := s.must(t, "kept")
	pid, _ := postmaster(t, dir)
	s.cmd.Process.Kill()
	s.end(t)
	again := serve(t, "TODO_DATA_DIR="+dir) // at once, while the orphan may still be ending
	if ids := again.ids(t); !slices.Equal(ids, []string{id}) {
		t.Errorf("after the kill there is %v", ids)
	}
	if !gone(pid) {
		t.Error("the orphaned PostgreSQL is still there")
	}
}

func TestServeOutlivesItsPostgreSQLAndLosesNothingItAcknowledged(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	s := serve(t, "TODO_DATA_DIR="+dir)
	first, _ := postmaster(t, dir)
	var mu sync.Mutex
	var acknowledged []string
	var count, refused atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var clients sync.WaitGroup
	for range 6 {
		clients.Go(func() {
			for ctx.Err() == nil {
				id, err := s.create("under load")
				switch {
				case err != nil:
					t.Error("neither done nor refused:", err)
					return
				case id == "":
					refused.Add(1)
				default:
					mu.Lock()
					acknowledged = append(acknowledged, id)
					mu.Unlock()
					count.Add(1)
				}
			}
		})
	}
	eventually(t, "fifty are acknowledged", func() bool { return count.Load() >= 50 })
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the server is gone", func() bool { return refused.Load() > 0 })
	before := count.Load()
	eventually(t, "fifty more are acknowledged", func() bool { return count.Load() >= before+50 })
	stop()
	clients.Wait()
	if second, _ := postmaster(t, dir); second == first {
		t.Error("PostgreSQL was not killed")
	}
	stored := map[string]bool{}
	for _, id := range s.ids(t) {
		stored[id] = true
	}
	for _, id := range acknowledged {
		if !stored[id] {
			t.Error("acknowledged and lost:", id)
		}
	}
	t.Logf("%d acknowledged, %d refused meanwhile, %d stored", len(acknowledged), refused.Load(), len(stored))
}

func TestASecondServeOnTheSameFolderSaysSo(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	s := serve(t, "TODO_DATA_DIR="+dir)
	code, _, problems := outcome(t, []string{"serve"}, "PORT=0", "TODO_DATA_DIR="+dir)
	want := fmt.Sprintf("the folder %s is in use by process %d: stop that first or choose another folder", dir, s.cmd.Process.Pid)
	if code != 1 || !strings.HasPrefix(problems, "todo: ") || !strings.Contains(problems, want) || strings.Count(problems, "\n") != 1 {
		t.Errorf("it ended with %d: %s", code, problems)
	}
	s.must(t, "the first one goes on")
}

func TestAPortInUseIsNamedAndNothingIsLeftRunning(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	dir := openFolder(t)
	code, out, problems := outcome(t, []string{"serve"}, "PORT="+port, "TODO_DATA_DIR="+dir)
	if want := "todo: listening on 127.0.0.1:" + port + ": address already in use\n"; code != 1 || problems != want {
		t.Errorf("it ended with %d: %s", code, problems)
	}
	if strings.Contains(out, "todo is at") {
		t.Error("it says that it serves:", out)
	}
	if _, err := os.Stat(filepath.Join(dir, "data", "postmaster.pid")); !os.IsNotExist(err) {
		t.Error("PostgreSQL is still there:", err)
	}
}

func TestServeRefusesStrangersAndWrongSettingsBeforeItStartsAnything(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	code, _, problems := outcome(t, []string{"serve"}, "TODO_HOST=0.0.0.0", "PORT=none", "TODO_DATA_DIR="+dir)
	if code != 1 || !strings.Contains(problems, "TODO_AUTH is not set") || !strings.Contains(problems, "PORT must be") {
		t.Errorf("it ended with %d: %s", code, problems)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Error("it began all the same:", left, err)
	}
}

func sql(t testing.TB, conn *pgx.Conn, statement string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatalf("%v in %s", err, statement)
	}
}

func TestServeUsesADatabaseElsewhereAsItsSuperuserOrAsAPlainOwner(t *testing.T) {
	t.Parallel()
	server, admin := postgrestest.Own(t, nil)
	sql(t, admin, "create role plain login createrole")
	for _, role := range []string{"plain", pgserver.Superuser} { // the plain one makes the roles
		name := "of_" + role
		sql(t, admin, "create database "+name+" owner "+role)
		dir := openFolder(t)
		s := serve(t, "DATABASE_URL="+server.URL(role, name), "TODO_DATA_DIR="+dir)
		id := s.must(t, "kept")
		if ids := s.ids(t); !slices.Equal(ids, []string{id}) {
			t.Errorf("as %s: %v", role, ids)
		}
		r, err := http.Get(s.url + "/health/ready") // which a login that bypasses row-level security is not
		if err != nil || r.StatusCode != http.StatusOK {
			t.Errorf("as %s: not ready: %v, %v", role, r, err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("as %s it brought a database all the same: %v, %v", role, left, err)
		}
		s.cmd.Process.Signal(syscall.SIGTERM)
		if err := s.end(t); err != nil {
			t.Errorf("as %s it ended with %v: %s", role, err, s.stderr)
		}
		again := serve(t, "DATABASE_URL="+server.URL(role, name))
		if ids := again.ids(t); !slices.Equal(ids, []string{id}) {
			t.Errorf("as %s after a restart: %v", role, ids)
		}
	}
	sql(t, admin, "create role feeble login")
	sql(t, admin, "create database of_feeble owner feeble")
	code, _, problems := outcome(t, []string{"serve"}, "PORT=0", "DATABASE_URL="+server.URL("feeble", "of_feeble"))
	if code != 1 || !strings.Contains(problems, "setting up the database: creating the role todo_app") {
		t.Errorf("an owner who may make no roles, nor act as those there are: %d %s", code, problems)
	}
	sql(t, admin, "grant todo_app, todo_sweep to feeble")
	serve(t, "DATABASE_URL="+server.URL("feeble", "of_feeble")).must(t, "kept")
}

func TestADatabaseOutOfReachIsNamedWithoutItsPassword(t *testing.T) {
	t.Parallel()
	code, _, problems := outcome(t, []string{"serve"}, "PORT=0", "DATABASE_URL=postgres://me:hunter2@127.0.0.1:1/db?sslmode=disable")
	if code != 1 || !strings.Contains(problems, "connecting to the database") || strings.Contains(problems, "hunter2") {
		t.Errorf("it ended with %d: %s", code, problems)
	}
}

func TestAnOrdinaryUserServesFromTheirOwnDataFolder(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	args, settings := []string{"serve"}, []string{"PORT=0", "HOME=" + dir, "XDG_DATA_HOME=" + filepath.Join(dir, "data home")}
	cmd := command(args, settings...)
	if os.Geteuid() == 0 {
		cmd = asNobody(t, dir, args, settings)
	}
	s := run(t, cmd)
	id := s.must(t, "kept")
	at := filepath.Join(dir, "data home", "todo-app")
	pid, _ := postmaster(t, at)
	s.cmd.Process.Signal(syscall.SIGINT)
	if err := s.end(t); err != nil {
		t.Errorf("it ended with %v: %s", err, s.stderr)
	}
	if !gone(pid) {
		t.Error("PostgreSQL is still there")
	}
	// Root takes over such a folder and leaves it its owner's.
	again := serve(t, "TODO_DATA_DIR="+at)
	if ids := again.ids(t); !slices.Equal(ids, []string{id}) {
		t.Errorf("after the restart there is %v", ids)
	}
}

// asNobody has a command run as another user, from a copy that user can reach.
func asNobody(t testing.TB, dir string, args, settings []string) *exec.Cmd {
	t.Helper()
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Skip(err)
	}
	uid, _ := strconv.Atoi(nobody.Uid)
	gid, _ := strconv.Atoi(nobody.Gid)
	// Copied by another process: a descriptor of ours, open for writing, would
	// pass to whatever a parallel test starts meanwhile and make the file busy.
	copied := filepath.Join(openFolder(t), "todo")
	if out, err := exec.Command("install", "-m", "755", os.Args[0], copied).CombinedOutput(); err != nil {
		t.Fatalf("copying the program: %v: %s", err, out)
	}
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	cmd := command(args, settings...)
	cmd.Path, cmd.Dir = copied, dir
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return cmd
}

func TestMigrateAppliesTellsAndIsDone(t *testing.T) {
	t.Parallel()
	server, admin := postgrestest.Own(t, nil)
	sql(t, admin, "create database todo")
	set := []string{"DATABASE_URL=" + server.URL(pgserver.Superuser, "todo"), "TODO_APP_PASSWORD=one", "TODO_SWEEP_PASSWORD=two"}
	expect := func(args string, want int, says ...string) {
		t.Helper()
		code, out, problems := outcome(t, strings.Fields(args), set...)
		for _, s := range says {
			if code != want || !strings.Contains(out+problems, s) {
				t.Errorf("todo %s ended with %d and without %q: %s%s", args, code, s, out, problems)
			}
		}
	}
	expect("migrate status", 0, "STEP", "0001", "pending")
	expect("migrate up", 0, "applied 0001 tasks\n")
	expect("migrate up", 0, "nothing to apply\n")
	expect("migrate status", 0, "0001  tasks", time.Now().UTC().Format("2006-01-"))
	expect("sweep", 0, "swept")
	var login bool
	if err := admin.QueryRow(t.Context(), "select count(*) = 2 from pg_authid where rolname in ('todo_app', 'todo_sweep') and rolpassword like 'SCRAM%' and rolcanlogin").Scan(&login); err != nil || !login {
		t.Error("the roles have no passwords:", err)
	}
	set[0] = "DATABASE_URL="
	for _, args := range []string{"migrate up", "migrate status", "sweep"} {
		expect(args, 1, "todo: DATABASE_URL is required")
	}
	expect("migrate down", 2, `unknown command "down"`) // there is no way back
	expect("nothing", 2, `todo: unknown command "nothing"`)
}

func TestMigrateWaitsForADatabaseThatIsNotThereYet(t *testing.T) {
	t.Parallel()
	server, _ := postgrestest.Own(t, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close() // nobody listens there yet
	set := "DATABASE_URL=postgres://" + pgserver.Superuser + "@" + addr + "/postgres?sslmode=disable"
	if code, _, problems := outcome(t, []string{"migrate", "up"}, set); code != 1 || !strings.Contains(problems, "refused") {
		t.Errorf("without waiting it ended with %d: %s", code, problems)
	}
	began := time.Now()
	if code, _, problems := outcome(t, []string{"migrate", "up", "--wait", "1s"}, set); code != 1 || time.Since(began) > 10*time.Second {
		t.Errorf("in vain it ended with %d after %v: %s", code, time.Since(began), problems)
	}
	cmd := command([]string{"migrate", "up", "--wait", "30s"}, set)
	progress, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(progress)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "waiting for the database: ") {
		t.Errorf("it says %q", lines.Text())
	}
	forward(t, addr, server)
	for lines.Scan() {
	}
	if err := cmd.Wait(); err != nil || !strings.Contains(out.String(), "applied 0001 tasks") {
		t.Errorf("it ended with %v: %s", err, &out)
	}
}

// forward makes a server's socket answer at a TCP address.
func forward(t testing.TB, addr string, server *pgserver.Server) {
	t.Helper()
	u, err := url.Parse(server.URL(pgserver.Superuser, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			backend, err := net.Dial("unix", u.Query().Get("host")+"/.s.PGSQL."+u.Query().Get("port"))
			if err != nil {
				client.Close()
				continue
			}
			go func() { io.Copy(backend, client); backend.Close() }()
			go func() { io.Copy(client, backend); client.Close() }()
		}
	}()
}
