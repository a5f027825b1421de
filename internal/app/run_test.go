package app_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/app"
	"todo-app/internal/pgserver"
	"todo-app/internal/postgres"
)

// program prepares a function's program.
func program(f app.Function, settings ...string) (*exec.Cmd, *bytes.Buffer) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append([]string{asFunction + "=" + string(f), "PATH=" + os.Getenv("PATH")}, settings...)
	var errors bytes.Buffer
	cmd.Stderr = &errors
	return cmd, &errors
}

// started runs a function's program and returns its address.
func started(t *testing.T, f app.Function, settings ...string) (cmd *exec.Cmd, url string) {
	t.Helper()
	cmd, stderr := program(f, append(settings, "PORT=0", "TODO_HOST=127.0.0.1")...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	address := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var line struct{ Address string }
			if strings.Contains(lines.Text(), `"serving"`) && json.Unmarshal(lines.Bytes(), &line) == nil {
				address <- line.Address
			}
		}
		close(address)
	}()
	select {
	case a := <-address:
		if a == "" {
			t.Fatal("it ended: ", stderr)
		}
		return cmd, "http://" + a
	case <-time.After(20 * time.Second):
		t.Fatal("it does not serve: ", stderr)
	}
	return nil, ""
}

func TestAFunctionThatIsToldToEndAnswersWhatIsInFlightFirst(t *testing.T) {
	db := server.New(t)
	admin, err := pgx.Connect(t.Context(), db.URL(pgserver.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.Background())
	cmd, url := started(t, app.Create, "DATABASE_URL="+db.URL(postgres.AppRole))
	post := func() (int, error) {
		r, err := http.Post(url+"/api/v1/tasks", "application/json", strings.NewReader(`{"title":"a"}`))
		if err != nil {
			return 0, err
		}
		r.Body.Close()
		return r.StatusCode, nil
	}
	if status, err := post(); status != http.StatusCreated || err != nil {
		t.Fatal(status, err)
	}
	tx, err := admin.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	if _, err := tx.Exec(t.Context(), "select from owners for update"); err != nil {
		t.Fatal(err)
	}
	type answer struct {
		status int
		err    error
	}
	answered := make(chan answer, 1)
	go func() {
		status, err := post()
		answered <- answer{status, err}
	}()
	waits(t, tx, true)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for { // it accepts nobody new
		_, err := (&http.Client{Timeout: time.Second}).Get(url + "/health/live")
		if errors.Is(err, syscall.ECONNREFUSED) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("it still accepts connections:", err)
		}
	}
	waits(t, tx, true) // and holds on to what it has
	tx.Rollback(t.Context())
	if a := <-answered; a.status != http.StatusCreated || a.err != nil {
		t.Errorf("the request in flight got %+v", a)
	}
	if err := cmd.Wait(); err != nil {
		t.Error("it ended with", err)
	}
	for n := 1; n > 0; { // a backend takes a moment to notice that its client has closed
		if err := admin.QueryRow(t.Context(), "select count(*) from pg_stat_activity where usename = 'todo_app' and datname = current_database()").Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 && time.Now().After(deadline) {
			t.Fatalf("%d of its connections are left", n)
		}
	}
}

// waits waits until somebody waits for a lock.
func waits(t *testing.T, tx pgx.Tx, want bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for is := !want; is != want; {
		if err := tx.QueryRow(t.Context(), "select exists (select from pg_locks where not granted)").Scan(&is); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(deadline) {
			t.Fatal("nobody waits for the lock")
		}
	}
}

func TestAFunctionThatCannotStartSaysEverythingThatIsWrong(t *testing.T) {
	cmd, stderr := program(app.List, "PORT=none")
	err := cmd.Run()
	if cmd.ProcessState.ExitCode() != 1 {
		t.Error("it ended with", err)
	}
	for _, says := range []string{"list cannot start:", "PORT must be a whole number", "DATABASE_URL is required", "TODO_AUTH is not set"} {
		if !strings.Contains(stderr.String(), says) {
			t.Errorf("no %q in\n%s", says, stderr)
		}
	}
}

func TestAFunctionStartsWithoutItsDatabase(t *testing.T) {
	cmd, url := started(t, app.List, "DATABASE_URL=postgres://todo_app@127.0.0.1:1/none?sslmode=disable", "TODO_METRICS_PORT=0")
	for path, want := range map[string]int{"/health/ready": 200, "/health/live": 200, "/api/v1/tasks": 503, "/metrics": 404} {
		r, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != want {
			t.Errorf("%s is answered %d", path, r.StatusCode)
		}
	}
	cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Error("it ended with", err)
	}
}
