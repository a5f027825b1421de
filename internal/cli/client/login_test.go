package client_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// elsewhere returns somebody whom the environment does not tell where the
// service is.
func elsewhere(t *testing.T, s *service, env ...string) *person {
	p := s.person(t, env...)
	p.env = slices.DeleteFunc(p.env, func(line string) bool { return strings.HasPrefix(line, "TODO_URL=") })
	return p
}

// signIn logs in with a token from standard input.
func (p *person) signIn(token string, args ...string) {
	p.t.Helper()
	args = append([]string{"login", p.service.url, "--token-stdin"}, args...)
	if r := p.run(token, args...); r.code != 0 {
		p.t.Fatalf("todo %s ended with %d: %s", quoted(args), r.code, r.problem)
	}
}

func TestWhoSignsInSeesTheirTasksUntilTheySignOut(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := elsewhere(t, s)
	p.todo("context")
	p.todo("logout")
	p.signIn("alice\n", "--name", "alice")
	p.signIn("bob", "--name", "bob")
	p.signIn("", "--name", "nobody")
	p.ok("context", "use", "alice")
	p.todo("context")
	p.todo("context", "--json")
	p.env = append(p.env, "TODO_TOKEN=alice")
	id := p.post(`{"title": "Alice's"}`)
	p.env = p.env[:len(p.env)-1]
	if out := p.ok("show", id); !strings.HasPrefix(out, "Alice's\n") {
		t.Error(out)
	}
	p.fails(3, "there is no task "+id, "show", id, "--context", "bob")
	p.todo("context", "use", "bob")
	p.fails(3, "there is no task "+id, "show", id)
	p.todo("context", "use", "carol")
	p.todo("list", "--context", "carol")
	p.todo("logout", "carol")
	p.todo("logout", "alice")
	p.todo("logout")
	p.fails(3, "there is no task "+id, "show", id, "--context", "alice")
	p.todo("context", "rm", "bob")
	p.todo("context")
	p.saw("contexts")
}

func TestACredentialIsTriedBeforeItIsKept(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := elsewhere(t, s)
	for _, one := range []struct {
		token string
		args  []string
		code  int
		says  string
	}{
		{"wrong", []string{s.url}, 6, "the credential is not known"},
		{"two words", []string{s.url}, 2, "no spaces"},
		{"\x1b", []string{s.url}, 2, "printable characters"},
		{"x", []string{"todo.example"}, 2, "must be the scheme and host"},
		{"x", []string{"http://127.0.0.1:1"}, 5, "cannot be reached"},
		{"x", []string{s.url, "--name", "Two Words"}, 2, "lower-case letters"},
		{"x", nil, 2, "it is not said where the service is, as in: todo login http://localhost:8080\n"},
		{"x", []string{s.url, s.url}, 2, "there must be 1 argument, and there are 2"},
	} {
		if r := p.run(one.token, append([]string{"login", "--token-stdin"}, one.args...)...); r.code != one.code || !strings.Contains(r.problem, one.says) {
			t.Errorf("todo login %v ended with %d: %s", one.args, r.code, r.problem)
		}
	}
	if _, err := os.Stat(filepath.Join(p.home, ".config")); !os.IsNotExist(err) {
		t.Error("something was kept:", err)
	}
}

func TestWhoIsRefusedIsToldWhereToSignIn(t *testing.T) {
	t.Parallel()
	s := start(t)
	const id, other = "0190b6a0-5f3c-7000-8000-5b5e2f0c7a11", "0190b6a0-5f3c-7000-8000-5b5e2f0c7a12"
	says := "Sign in with: todo login " + s.url + "\nTODO_TOKEN wins over that while it is set.\n"
	for _, args := range [][]string{{"list"}, {"done", id}, {"done", id, other}} {
		s.person(t, "TODO_TOKEN=wrong").fails(6, says, args...)
	}
	locked := pretend(t, always(401, "", ""))
	locked.person(t).fails(6, "todo login "+locked.url+"\nTODO_URL wins over that while it is set, and then TODO_TOKEN signs in.\n", "list")
	locked.person(t).fails(2, "as in: todo login "+locked.url+"\n", "login")
}

func TestTheEnvironmentWinsAndNoCredentialGoesToAnotherHost(t *testing.T) {
	t.Parallel()
	s := start(t)
	seen := make(chan string, 10)
	other := pretend(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Header.Get("Authorization")
		w.Write([]byte("[]"))
	}))
	p := elsewhere(t, s)
	p.signIn("alice")
	p.env = append(p.env, "TODO_URL="+other.url)
	if r := p.run("", "context"); !strings.Contains(r.problem, "TODO_URL wins over all of them: "+other.url) {
		t.Error("todo context says", r.problem)
	}
	p.ok("list")
	if got := <-seen; got != "" {
		t.Errorf("the other host is sent %q", got)
	}
	p.env = append(p.env, "TODO_TOKEN=theirs")
	p.ok("list")
	if got := <-seen; got != "Bearer theirs" {
		t.Errorf("the other host is sent %q", got)
	}
	p.env = slices.DeleteFunc(p.env, func(line string) bool { return strings.HasPrefix(line, "TODO_URL=") })
	s.before(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen <- r.Header.Get("Authorization")
			next.ServeHTTP(w, r)
		})
	})
	p.ok("list")
	if got := <-seen; got != "Bearer theirs" {
		t.Errorf("with TODO_TOKEN the context's host is sent %q", got)
	}
}
