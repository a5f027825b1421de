package client_test

import (
	"io"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"todo-app/internal/cli/terminal/ptytest"
)

// at starts the todo command at a terminal, and returns how it ends.
func (p *person) at(tty ptytest.Terminal, args ...string) (cmd *exec.Cmd, end func() int) {
	p.t.Helper()
	cmd = p.command(args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty.Slave, tty.Slave, tty.Slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	stop := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	return cmd, func() int {
		defer stop.Stop()
		cmd.Wait()
		return cmd.ProcessState.ExitCode()
	}
}

func TestAtATerminalTablesHaveColourAndItsWidth(t *testing.T) {
	t.Parallel()
	p := start(t).person(t, "TERM=xterm")
	rent := p.post(`{"title": "Pay rent", "due": "2026-02-26", "priority": "high"}`)
	milk := p.post(`{"title": "קנה חלב \u001b[2J` + strings.Repeat("x", 100) + `"}`)
	tty := ptytest.Open(t, 50)
	_, end := p.at(tty, "list")
	want := "\x1b[2mID\x1b[0m      \x1b[2mDUE\x1b[0m              \x1b[2mTITLE\x1b[0m\r\n" +
		"\x1b[36m" + rent + "\x1b[0m  \x1b[31m26 Feb, 3d late\x1b[0m  Pay rent\r\n" +
		"\x1b[36m" + milk + "\x1b[0m                   \u2068קנה חלב ␛[2Jxxxxxxxxxxxx…\u2069\r\n"
	if got := tty.Until(t, "…\u2069\r\n"); got != want || end() != 0 {
		t.Errorf("it shows %q\nwant %q", got, want)
	}
	p.env = append(p.env, "NO_COLOR=1")
	_, end = p.at(tty, "show", rent)
	if got := tty.Until(t, "updated     today 10:00\r\n"); strings.Contains(got, "\x1b") || end() != 0 {
		t.Errorf("with NO_COLOR it shows %q", got)
	}
	_, end = p.at(tty, "show", rent, "--json")
	if got := tty.Until(t, "\n}\r\n"); !strings.Contains(got, "\n  \"title\": \"Pay rent\",") || end() != 0 {
		t.Errorf("JSON is shown as %q", got)
	}
	_, end = p.at(tty, "list", "--tag", "none")
	if got := tty.Until(t, "\n"); got != "There are none.\r\n" || end() != 0 {
		t.Errorf("it shows %q", got)
	}
}

func TestDeletingManyIsAskedAbout(t *testing.T) {
	t.Parallel()
	p := start(t).person(t)
	for range 3 {
		p.post(`{"title": "x", "completed": true}`)
	}
	for _, one := range []struct {
		typed string
		code  int
		says  string
	}{
		{"\n", 1, "todo: nothing was done\r\n"},
		{"no\n", 1, "todo: nothing was done\r\n"},
		{"\x04", 1, "todo: nothing was done\r\n"},
		{"\x03", 130, "todo: interrupted\r\n"},
		{"y\n", 0, "deleted    3\r\n"},
	} {
		tty := ptytest.Open(t, 80)
		_, end := p.at(tty, "rm", "--completed")
		tty.Until(t, "Delete all tasks that are done? [y/N] ")
		io.WriteString(tty.Master, one.typed)
		tty.Until(t, one.says)
		if code := end(); code != one.code {
			t.Errorf("after %q it ended with %d", one.typed, code)
		}
	}
}

func TestACredentialIsAskedForWithoutShowingIt(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := elsewhere(t, s)
	tty := ptytest.Open(t, 80)
	_, end := p.at(tty, "login", s.url, "--name", "home")
	tty.Until(t, "Token, empty for none: ")
	tty.Silent(t)
	io.WriteString(tty.Master, "alice\n")
	if shown := tty.Until(t, "there is no keyring\r\n"); strings.Contains(shown, "alice") || end() != 0 {
		t.Errorf("it shows %q", shown)
	}
	_, end = p.at(tty, "login", s.url)
	tty.Until(t, "Token, empty for none: ")
	tty.Silent(t)
	io.WriteString(tty.Master, "\x03")
	tty.Until(t, "todo: interrupted\r\n")
	if code := end(); code != 130 {
		t.Errorf("it ended with %d", code)
	}
	io.WriteString(tty.Master, "seen\n") // the terminal shows what is typed again
	tty.Until(t, "seen")
}

func TestPeopleAreToldWhatIsWaitedFor(t *testing.T) {
	t.Parallel()
	handler, _ := first(1, http.MethodGet, answer(503, "1"))
	s := pretend(t, always(200, "", "[]"))
	s.before(handler)
	p := s.person(t)
	tty := ptytest.Open(t, 80)
	_, end := p.at(tty, "list")
	tty.Until(t, "waiting 1s for the service: 503 Service Unavailable\r\n")
	tty.Until(t, "There are none.\r\n")
	if code := end(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
}

// agreeing runs a verb at a terminal, and answers its question with yes.
func (p *person) agreeing(t *testing.T, question string, args ...string) {
	t.Helper()
	tty := ptytest.Open(t, 80)
	_, end := p.at(tty, args...)
	tty.Until(t, question)
	io.WriteString(tty.Master, "y\n")
	tty.Until(t, "deleted")
	if code := end(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
}

// What somebody agreed to delete is what they were told of, and not what has
// come to meet the filter while they thought.
func TestWhatIsDeletedIsWhatWasAskedAbout(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.person(t)
	p.post(`{"title": "old", "tags": ["gone"]}`)
	s.before(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			if strings.HasSuffix(r.URL.Path, "/bulk") {
				late, _ := http.NewRequest(http.MethodPost, "/api/v1/tasks", strings.NewReader(`{"title": "late", "tags": ["gone"]}`))
				late.Header.Set("Content-Type", "application/json")
				next.ServeHTTP(&nowhere{}, late)
			}
		})
	})
	p.agreeing(t, "Delete the 1 tasks that the filter finds, and their subtasks? [y/N] ", "rm", "--filter", "tag=gone")
	if got := p.ok("list", "--json"); strings.Contains(got, `"old"`) || !strings.Contains(got, `"late"`) {
		t.Error(got)
	}
}

func TestAYesAtATerminalIsAYesInTheConversation(t *testing.T) {
	t.Parallel()
	p := start(t).person(t)
	p.post(`{"title": "Old"}`)
	for _, one := range []struct {
		typed, says string
		left        bool
	}{{"\n", "nothing was done", true}, {"y\n", "Deleted", false}} {
		tty := ptytest.Open(t, 80)
		_, end := p.at(tty, "chat", "delete old")
		tty.Until(t, "Do it? [y/N] ")
		io.WriteString(tty.Master, one.typed)
		tty.Until(t, one.says)
		end()
		if listed := p.run("", "list"); strings.Contains(listed.out, "Old") != one.left {
			t.Errorf("after %q: %+v", one.typed, listed)
		}
	}
}
