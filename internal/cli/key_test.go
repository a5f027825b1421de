package cli_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"todo-app/internal/pgserver"
	"todo-app/internal/postgres/postgrestest"
	"todo-app/internal/task"
)

// as asks for the tasks with a credential, and returns the status and titles.
func (s *service) as(t testing.TB, token string) (status int, titles []string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/api/v1/tasks", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var tasks []struct{ Title string }
	if response.StatusCode == http.StatusOK {
		if err := json.NewDecoder(response.Body).Decode(&tasks); err != nil {
			t.Fatal(err)
		}
	}
	for _, one := range tasks {
		titles = append(titles, one.Title)
	}
	return response.StatusCode, titles
}

func TestServeMakesTheFirstKeyOnceAndOperatorsIssueOthers(t *testing.T) {
	t.Parallel()
	server, _ := postgrestest.Own(t, nil)
	database := "DATABASE_URL=" + server.URL(pgserver.Superuser, "postgres")
	firsts, migrated := 0, 0
	for range 2 {
		s := serve(t, database, "TODO_AUTH=apikey")
		if status, _ := s.as(t, ""); status != http.StatusUnauthorized {
			t.Errorf("without a key: %d", status)
		}
		s.cmd.Process.Signal(syscall.SIGINT)
		if err := s.end(t); err != nil {
			t.Fatal(err, s.stderr)
		}
		said := strings.Join(s.lines(), "\n")
		migrated += strings.Count(said, "migrated the database")
		if want := ": open that in a browser, try curl -H 'Authorization: Bearer KEY' " + s.url + "/api/v1/tasks, or read " + s.url + "/docs; TODO_URL=" + s.url; !strings.Contains(said, want) {
			t.Errorf("it says %s, want %s", said, want)
		}
		for _, line := range s.lines() {
			if token, ok := strings.CutPrefix(line, "the first API key, shown this once: "); ok {
				firsts++
				if _, _, ok := task.ParseAPIKey(token); !ok {
					t.Errorf("it prints %q", token)
				}
			}
		}
	}
	if firsts != 1 || migrated != 1 {
		t.Errorf("%d first keys, %d lines of migrations", firsts, migrated)
	}
	issued := map[string]string{}
	for _, owner := range []string{"alice", "bob"} {
		code, out, problems := outcome(t, []string{"issue-key", owner, "laptop"}, database)
		if code != 0 {
			t.Fatal(problems)
		}
		issued[owner] = strings.TrimSpace(out)
	}
	installed := task.APIKey{ID: task.ID{0: 1, 15: 1}}.Token("INSTALLED")
	if code, _, problems := outcome(t, []string{"migrate", "up"}, database, "TODO_API_KEY="+installed, "TODO_API_KEY_OWNER=carol"); code != 0 {
		t.Fatal(problems)
	}
	issued["carol"] = installed
	s := serve(t, database, "TODO_AUTH=apikey")
	for owner, token := range issued {
		if code, _, problems := outcome(t, []string{"add", owner + "'s"}, "TODO_URL="+s.url, "TODO_TOKEN="+token, "HOME="+t.TempDir()); code != 0 {
			t.Fatal(problems)
		}
		if status, titles := s.as(t, token); status != http.StatusOK || len(titles) != 1 || titles[0] != owner+"'s" {
			t.Errorf("%s sees %d %q", owner, status, titles)
		}
		if code, _, problems := outcome(t, []string{"verify", s.url}, "TODO_TOKEN="+token); code != 0 {
			t.Errorf("verify for %s: %s", owner, problems)
		}
		if code, _, problems := outcome(t, []string{"verify"}, "TODO_URL="+s.url, "TODO_TOKEN="+token); code != 0 {
			t.Errorf("verify for %s where TODO_URL says: %s", owner, problems)
		}
		if code, _, problems := outcome(t, []string{"verify"}); code != 2 || problems != "todo: it is not said where the service is, as in: todo verify http://localhost:8080\n" {
			t.Errorf("verify of nothing ended with %d: %s", code, problems)
		}
	}
	_, out, _ := outcome(t, []string{"issue-key", "operator", "watching", "--ops"}, database)
	operator := strings.TrimSpace(out)
	if status, _ := s.as(t, operator); status != http.StatusForbidden {
		t.Errorf("a key for operators opens tasks: %d", status)
	}
	for want, token := range map[string]string{"what runs here, at one place": operator, "this is for operators": issued["alice"]} {
		_, told, problems := outcome(t, []string{"scaling"}, "TODO_URL="+s.url, "TODO_TOKEN="+token, "HOME="+t.TempDir())
		if !strings.Contains(told+problems, want) {
			t.Errorf("%q: %s%s", want, told, problems)
		}
	}
	for want, args := range map[string][]string{
		"exclude each":  {"issue-key", "alice", "both", "--ops", "--read-only"},
		"owner":         {"issue-key", " ", "laptop"},
		"name":          {"issue-key", "alice", ""},
		"in the future": {"issue-key", "alice", "old", "--life=-1h"},
	} {
		if code, _, problems := outcome(t, args, database); code == 0 || !strings.Contains(problems, want) {
			t.Errorf("%v: %d %s", args, code, problems)
		}
	}
	if code, _, problems := outcome(t, []string{"migrate", "up"}, database, "TODO_API_KEY=secret"); code == 0 || !strings.Contains(problems, "no API key") {
		t.Errorf("a key that is none: %d %s", code, problems)
	}
	if code, _, problems := outcome(t, []string{"serve"}, database, "TODO_AUTH=jwt"); code == 0 || !strings.Contains(problems, "TODO_JWT_SECRET") {
		t.Errorf("tokens that nobody knows by anything: %d %s", code, problems)
	}
}
