package pgserver_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/pgserver"
)

const (
	patience  = time.Minute
	helperDir = "PGSERVER_TEST_HELPER_DIR"
)

// TestMain can also be the program that is killed: with helperDir set it runs a server until then.
func TestMain(m *testing.M) {
	if dir := os.Getenv(helperDir); dir != "" {
		s, err := pgserver.Start(context.Background(), pgserver.Config{Dir: dir})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(s.URL(pgserver.Superuser, pgserver.Superuser))
		select {}
	}
	os.Exit(m.Run())
}

func TestAFreshFolderBecomesAServerThatKeepsItsDataOverARestart(t *testing.T) {
	dir := filepath.Join(openFolder(t), "a", "b")
	s := start(t, pgserver.Config{Dir: dir})
	run(t, s, "create table kept as select 'Zürich ✓' as word")
	for setting, want := range map[string]string{
		"server_encoding":  "UTF8",
		"lc_collate":       "C",
		"data_checksums":   "on",
		"fsync":            "on",
		"listen_addresses": "",
		"timezone":         "UTC",
	} {
		if got := query(t, s, "select current_setting('"+setting+"')"); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
	stop(t, s)

	s = start(t, pgserver.Config{Dir: dir})
	if got := query(t, s, "select word from kept"); got != "Zürich ✓" {
		t.Errorf("after the restart the word is %q", got)
	}
}

func TestSettingsOverrideTheDefaults(t *testing.T) {
	s := start(t, pgserver.Config{
		Dir:      folder(t),
		NoSync:   true,
		Settings: map[string]string{"max_connections": "17", "application_name": "it's a test"},
	})
	for setting, want := range map[string]string{"max_connections": "17", "application_name": "it's a test", "fsync": "off"} {
		if got := query(t, s, "select current_setting('"+setting+"')"); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
}

func TestTheServerIsOutOfReachOfTheTerminalAndOfOtherUsers(t *testing.T) {
	s := start(t, throwaway(folder(t)))
	group, err := syscall.Getpgid(s.PID())
	if err != nil {
		t.Fatal(err)
	}
	if group == syscall.Getpgrp() {
		t.Error("the server is in this program's process group, so that Ctrl-C would reach it")
	}
	info, err := os.Stat(socketDir(t, s.URL(pgserver.Superuser, pgserver.Superuser)))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("the socket's folder has mode %v", info.Mode())
	}
}

func TestStopLeavesNoProcessAndNoSocketBehind(t *testing.T) {
	s := start(t, throwaway(folder(t)))
	sockets, pid := socketDir(t, s.URL(pgserver.Superuser, pgserver.Superuser)), s.PID()
	client := connect(t, s) // must not hold up the shutdown
	stop(t, s)
	if err := client.Ping(t.Context()); err == nil {
		t.Error("the client is still connected")
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("signalling the postmaster after Stop: %v", err)
	}
	if _, err := os.Stat(sockets); !os.IsNotExist(err) {
		t.Errorf("the socket's folder after Stop: %v", err)
	}
	stop(t, s) // a second time does no harm
}

func TestStopKillsWhatDoesNotEndInTimeAndLosesNothing(t *testing.T) {
	dir := folder(t)
	s := start(t, pgserver.Config{Dir: dir})
	run(t, s, "create table kept as select 1 as n")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Stop(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Stop without any time returns %v", err)
	}
	s = start(t, pgserver.Config{Dir: dir})
	if got := query(t, s, "select n::text from kept"); got != "1" {
		t.Errorf("the row is now %q", got)
	}
}

func TestASecondServerInTheSameFolderIsRefusedByName(t *testing.T) {
	dir := folder(t)
	s := start(t, throwaway(dir))
	_, err := pgserver.Start(t.Context(), throwaway(dir))
	var inUse *pgserver.InUseError
	if !errors.As(err, &inUse) {
		t.Fatalf("the second Start returns %v", err)
	}
	if inUse.PID != os.Getpid() || inUse.Dir != dir {
		t.Errorf("the error names process %d and folder %s, want %d and %s", inUse.PID, inUse.Dir, os.Getpid(), dir)
	}
	query(t, s, "select 'still there'")
}

func TestAKilledPostmasterIsReplacedAndNothingIsLost(t *testing.T) {
	s := start(t, pgserver.Config{Dir: folder(t)})
	run(t, s, "create table kept as select 1 as n")
	url := s.URL(pgserver.Superuser, pgserver.Superuser)
	for range 3 {
		connect(t, s) // a backend that outlives its postmaster for a moment
		killed := s.PID()
		if err := syscall.Kill(killed, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		eventually(t, "another postmaster answers", func() error {
			if pid := s.PID(); pid == 0 || pid == killed {
				return fmt.Errorf("the postmaster is process %d", pid)
			}
			_, err := ask(t.Context(), url, "select n::text from kept")
			return err
		})
	}
}

// A process that waits for one that was killed does not notice that its
// postmaster is gone, either; nor does one that is stopped.
func TestAProcessThatDoesNotNoticeItsPostmastersEndDoesNotPreventTheNext(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("such processes are found by /proc")
	}
	s := start(t, pgserver.Config{Dir: folder(t)})
	var backend int
	if err := connect(t, s).QueryRow(t.Context(), "select pg_backend_pid()").Scan(&backend); err != nil {
		t.Fatal(err)
	}
	killed := s.PID()
	for pid, signal := range map[int]syscall.Signal{backend: syscall.SIGSTOP, killed: syscall.SIGKILL} {
		if err := syscall.Kill(pid, signal); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "another postmaster answers", func() error {
		if pid := s.PID(); pid == 0 || pid == killed {
			return fmt.Errorf("the postmaster is process %d", pid)
		}
		_, err := ask(t.Context(), s.URL(pgserver.Superuser, pgserver.Superuser), "select '1'")
		return err
	})
}

func TestAfterItsProgramIsKilledTheFolderStartsAgainWithTheData(t *testing.T) {
	dir := folder(t)
	url, kill := helper(t, dir)
	if _, err := ask(t.Context(), url, "create table kept as select 1 as n"); err != nil {
		t.Fatal(err)
	}
	kill()
	s := start(t, pgserver.Config{Dir: dir}) // at once, while the orphan shuts down
	if got := query(t, s, "select n::text from kept"); got != "1" {
		t.Errorf("the row is now %q", got)
	}
}

func TestTheServerEndsWithAProgramThatIsKilled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells a child of its parent's death")
	}
	dir := folder(t)
	url, kill := helper(t, dir)
	sockets := socketDir(t, url)
	text, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	postmaster, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	kill()
	eventually(t, "the postmaster is gone", func() error {
		if err := syscall.Kill(postmaster, 0); !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("signalling process %d: %w", postmaster, err)
		}
		return nil
	})
	stop(t, start(t, pgserver.Config{Dir: dir})) // tidies up after it
	if _, err := os.Stat(sockets); !os.IsNotExist(err) {
		t.Errorf("the killed program's socket folder: %v", err)
	}
}

func TestAStaleProcessIDThatIsSomebodyElsesByNowDoesNotPreventTheStart(t *testing.T) {
	dir := folder(t)
	s := start(t, throwaway(dir))
	pidFile := filepath.Join(dir, "data", "postmaster.pid")
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	stop(t, s)

	bystander := exec.Command("sleep", "600")
	info, err := os.Stat(filepath.Join(dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	owner := info.Sys().(*syscall.Stat_t)
	if os.Geteuid() == 0 { // PostgreSQL minds only processes of its own user
		bystander.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}}
	}
	if err := bystander.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = bystander.Process.Kill()
		_ = bystander.Wait()
	})
	_, rest, _ := strings.Cut(string(text), "\n")
	if err := os.WriteFile(pidFile, fmt.Appendf(nil, "%d\n%s", bystander.Process.Pid, rest), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(pidFile, int(owner.Uid), int(owner.Gid)); err != nil {
		t.Fatal(err)
	}
	query(t, start(t, throwaway(dir)), "select 'started'")
	if err := bystander.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the bystander was harmed: %v", err)
	}
}

func TestAHalfMadeClusterIsMadeAnew(t *testing.T) {
	dir := folder(t)
	half := filepath.Join(dir, "data.new", "base")
	if err := os.MkdirAll(half, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "data.new", "PG_VERSION"), []byte("1"), 0o600); err != nil {
		t.Fatal(err)
	}
	query(t, start(t, throwaway(dir)), "select 'whole'")
}

func TestALongTemporaryFolderDoesNotMakeTheSocketPathTooLong(t *testing.T) {
	dir, long := folder(t), filepath.Join(openFolder(t), strings.Repeat("long", 30))
	if err := os.Mkdir(long, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", long)
	query(t, start(t, throwaway(dir)), "select 'connected'")
}

func TestWithoutPostgreSQLTheErrorTellsHowToGetIt(t *testing.T) {
	dir := filepath.Join(folder(t), "data folder")
	_, err := pgserver.Start(t.Context(), pgserver.Config{Dir: dir, BinDir: t.TempDir()})
	if !errors.Is(err, pgserver.ErrNotInstalled) {
		t.Fatalf("Start returns %v", err)
	}
	for _, want := range []string{dir, "apt-get install postgresql", "dnf install", "apk add", "pacman -S", "brew install"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q:\n%v", want, err)
		}
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Error("a folder was made all the same")
	}
}

func TestDataOfAnotherVersionIsLeftAloneAndExplained(t *testing.T) {
	dir := folder(t)
	stop(t, start(t, throwaway(dir)))
	version := filepath.Join(dir, "data", "PG_VERSION")
	if err := os.WriteFile(version, []byte("9.6\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := pgserver.Start(t.Context(), throwaway(dir))
	if err == nil || !strings.Contains(err.Error(), "made by PostgreSQL 9.6") || !strings.Contains(err.Error(), "pg_upgrade") {
		t.Errorf("Start returns %v", err)
	}
}

func TestAServerThatCannotStartTellsWhyAtOnce(t *testing.T) {
	config := throwaway(folder(t))
	config.Settings = map[string]string{"no_such_setting": "1"}
	_, err := pgserver.Start(t.Context(), config)
	if err == nil || !strings.Contains(err.Error(), `unrecognized configuration parameter "no_such_setting"`) {
		t.Errorf("Start returns %v", err)
	}
}

func TestAnAncestorThatTheServerCannotEnterIsNamed(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root runs the server as another user")
	}
	parent := folder(t)
	if err := os.Chmod(parent, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := pgserver.Start(t.Context(), throwaway(filepath.Join(parent, "inner", "data")))
	if err == nil || !strings.Contains(err.Error(), "cannot enter "+parent+":") {
		t.Errorf("Start returns %v", err)
	}
}

// folder is not t.TempDir, whose parent only root can enter when root runs the tests. It has mode 0700, like
// what mktemp -d makes.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pgserver-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// openFolder is a folder that every user may enter, to make others in.
func openFolder(t *testing.T) string {
	t.Helper()
	dir := folder(t)
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

func throwaway(dir string) pgserver.Config { return pgserver.Config{Dir: dir, NoSync: true} }

func start(t *testing.T, config pgserver.Config) *pgserver.Server {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s, err := pgserver.Start(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s
}

func stop(t *testing.T, s *pgserver.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// helper runs a server in another process, which kill ends without notice.
func helper(t *testing.T, dir string) (url string, kill func()) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), helperDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	t.Cleanup(kill)
	url, err = bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(url, "postgres:") {
		t.Fatalf("the helper said %q (%v)", url, err)
	}
	return strings.TrimSpace(url), kill
}

func socketDir(t *testing.T, url string) string {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return config.Host
}

func connect(t *testing.T, s *pgserver.Server) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.URL(pgserver.Superuser, pgserver.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func run(t *testing.T, s *pgserver.Server, sql string) {
	t.Helper()
	if _, err := connect(t, s).Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func query(t *testing.T, s *pgserver.Server, sql string) string {
	t.Helper()
	text, err := ask(t.Context(), s.URL(pgserver.Superuser, pgserver.Superuser), sql)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// ask returns the one text that a statement yields, or "" for one that yields no rows.
func ask(ctx context.Context, url, sql string) (text string, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	err = conn.QueryRow(ctx, sql).Scan(&text)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return text, err
}

func eventually(t *testing.T, what string, check func() error) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := check()
		if err == nil {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("waiting until %s: %v", what, err)
		case <-tick.C:
		}
	}
}
