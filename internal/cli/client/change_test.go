package client_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"todo-app/internal/task"
)

func TestFlagsChangeWhatTheyNameAndNothingElse(t *testing.T) {
	t.Parallel()
	p := start(t).person(t)
	named := fill(p)
	rent := named["rent"]
	p.todo("edit", rent, "--title", "Pay the rent", "--due", "2026-03-03 18:30", "--priority", "low", "--category", "Flat")
	p.todo("edit", rent, "--add-tag", "New", "--remove-tag", "MONEY", "--note", "by transfer")
	p.todo("edit", rent, "--remind", "30m,1d", "--remind", "2026-03-02T10:00:00Z", "--repeat-from", "completion", "--skip-if-open")
	p.todo("edit", rent, "--depends-on", named["late"]+","+named["done"], "--parent", named["move"])
	p.todo("show", rent)
	p.todo("edit", rent, "--clear", "remind,repeat,due", "--clear", "tag", "--clear", "note", "--clear", "parent,depends-on,priority,category,order")
	p.todo("show", rent)
	p.todo("edit", rent, "--tag", "a,b", "--repeat", "daily", "--due", "2026-03-05T10:00:00+01:00")
	p.todo("show", rent)
	p.saw("edit")
}

func TestEveryFaultOfAChangeIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	p := start(t).person(t)
	id := p.post(`{"title": "as it is"}`)
	before := p.ok("show", id, "--json")
	p.todo("edit", id, "--due", "whenever", "--priority", "urgent", "--repeat", "sometimes", "--repeat-from", "x", "--remind", "soon")
	p.todo("edit", id, "--title", " ", "--category", strings.Repeat("x", 51), "--tag", " ")
	p.todo("edit", id, "--repeat", "daily")
	p.todo("edit", id, "--clear", "due,colour", "--due", "2026-03-05")
	p.todo("edit", id, "--clear", "tag", "--add-tag", "x")
	p.todo("edit", id, "--parent", id)
	p.todo("edit", id, "--depends-on", "0000000")
	p.todo("edit", id, "--tag", "a", "--add-tag", "x")
	p.todo("edit", id)
	p.todo("edit")
	p.saw("edit-faults")
	if after := p.ok("show", id, "--json"); after != before {
		t.Errorf("it was\n%s and is\n%s", before, after)
	}
}

// editor is a program that changes the file it is given by a script of sed.
func editor(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "editor")
	text := "#!/bin/sh\ntest \"$1\" = --wait || exit 9\ncp \"$2\" " + path + ".was\nsed -i -e '" + script + "' \"$2\"\n"
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAFormIsFilledInWithAnEditor(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.person(t, "COLUMNS=80")
	named := fill(p)
	change := func(name, script string) result {
		t.Helper()
		path := editor(t, script)
		p.env = append(p.env, "VISUAL="+path+" --wait")
		r := p.todo("edit", name)
		form, err := os.ReadFile(path + ".was")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&p.transcript, "form:\n%ssed: %s\n\n", form, script)
		return r
	}
	change(named["rent"], `s/^title:.*/title: Pay the rent/; s/^due:.*/due: 2026-03-03 18:30/; s/^priority:.*/priority:/; s/money//; /^category/d; $a It is *more* now.`)
	p.todo("show", named["rent"])
	change(named["rent"], `s/^repeat:.*/repeat:/; s/^remind:.*/remind: 2h/; s/^parent:.*/parent: `+named["move"]+`/; s/^depends-on:.*/depends-on: `+named["late"]+`/`)
	p.todo("show", named["rent"])
	change(named["hostile"], `s/nothing/changed/`)
	if left, _ := filepath.Glob(filepath.Join(p.home, "todo-*")); len(left) > 0 {
		t.Errorf("it leaves %v", left)
	}
	change(named["late"], `s/^due:.*/due: later/; s/^title:.*/title:/; s/^tags/colour/; 3iwhat is this`)
	change(named["late"], `s/^---.*//`)
	change(named["late"], `s/^priority:.*/priority: urgent/; 2ititle: twice`)
	change(named["late"], `s/^title:.*/title:/`)
	p.saw("form")
	if left, _ := filepath.Glob(filepath.Join(p.home, "todo-*")); len(left) != 4 {
		t.Errorf("of what could not be done it keeps %v", left)
	}
}

func TestAFormChangesWhatWasChangedInItAlone(t *testing.T) {
	t.Parallel()
	p := start(t).person(t)
	id := p.post(`{"title": " Pay rent ", "category": " a  b", "description": "one\r\ntwo\r\n"}`)
	p.env = append(p.env, "EDITOR="+editor(t, "s/^priority:.*/priority: high/")+" --wait")
	before := p.ask(http.MethodGet, "/api/v1/tasks/"+idOf(p, id), "")
	p.ok("edit", id)
	after := p.ask(http.MethodGet, "/api/v1/tasks/"+idOf(p, id), "")
	if after.Title != before.Title || after.Category != before.Category || after.Description != before.Description || after.Priority != task.High {
		t.Errorf("it was %+v, and is %+v", before, after)
	}
}

func TestAFormIsRefusedWhereSomebodyWasFaster(t *testing.T) {
	t.Parallel()
	p := start(t).person(t)
	id := p.post(`{"title": "before"}`)
	whole := idOf(p, id)
	path := filepath.Join(t.TempDir(), "editor")
	script := fmt.Sprintf("#!/bin/sh\n%s edit %s --note theirs >&2\nsed -i 's/^title:.*/title: mine/' \"$1\"\n", os.Args[0], whole)
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	p.env = append(p.env, "EDITOR="+path)
	r := p.run("", "edit", id)
	if r.code != 4 || !strings.Contains(r.problem, "somebody changed the task meanwhile") {
		t.Errorf("it ended with %d: %s", r.code, r.problem)
	}
	kept := r.problem[strings.Index(r.problem, "kept in ")+len("kept in "):]
	if text, err := os.ReadFile(strings.TrimSpace(kept)); err != nil || !strings.Contains(string(text), "title: mine\n") {
		t.Errorf("what is kept: %s, %v", text, err)
	}
	if got := p.ask(http.MethodGet, "/api/v1/tasks/"+whole, ""); got.Title != "before" || got.Description != "theirs" {
		t.Errorf("it is %q, %q", got.Title, got.Description)
	}
}

func TestTagsAreNotChangedOverSomebodyElsesChange(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.person(t)
	id := p.post(`{"title": "x", "tags": ["a"]}`)
	whole := idOf(p, id)
	s.before(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPatch {
				theirs, err := http.NewRequest(http.MethodPatch, "/api/v1/tasks/"+whole, strings.NewReader(`{"tags": ["theirs"]}`))
				if err != nil {
					t.Error(err)
				}
				theirs.Header.Set("Content-Type", "application/json")
				next.ServeHTTP(&nowhere{}, theirs)
			}
			next.ServeHTTP(w, r)
		})
	})
	p.fails(4, "somebody changed the task meanwhile", "edit", id, "--add-tag", "b")
	if got := p.ask(http.MethodGet, "/api/v1/tasks/"+whole, ""); strings.Join(got.Tags, " ") != "theirs" {
		t.Errorf("it has %v", got.Tags)
	}
}

// nowhere is an answer that nobody reads.
type nowhere struct{ header http.Header }

func (n *nowhere) Header() http.Header {
	if n.header == nil {
		n.header = http.Header{}
	}
	return n.header
}
func (*nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (*nowhere) WriteHeader(int)             {}

func TestTasksAreDoneAndUndone(t *testing.T) {
	t.Parallel()
	p := start(t).person(t)
	named := fill(p)
	p.todo("done", named["late"])
	p.todo("done", named["late"], named["noon"], named["late"])
	p.todo("done", named["van"])
	p.todo("done", named["van"], named["today"], "0190b6a0-5f3c-7000-8000-5b5e2f0c7a11")
	p.todo("done", named["van"], "--force")
	p.todo("undone", named["van"], named["late"])
	p.todo("undone", named["hostile"])
	p.todo("done")
	p.saw("done")
}

func TestTasksAreDeleted(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.person(t)
	named := fill(p)
	p.todo("rm", named["late"])
	p.todo("rm", named["noon"], "0190b6a0-5f3c-7000-8000-5b5e2f0c7a11", named["today"])
	p.todo("rm", named["move"], "--promote")
	p.todo("rm", "--completed")
	p.todo("rm", "--all")
	p.todo("rm")
	p.todo("rm", "--all", "--completed", "--yes")
	p.todo("rm", named["rent"], "--all", "--yes")
	p.todo("rm", "--all", "--promote", "--yes")
	p.todo("rm", "--completed", "--yes")
	p.todo("rm", named["rent"], "--json")
	p.todo("list", "--status", "all")
	p.todo("rm", "--all", "--yes", "--json")
	p.todo("list", "--status", "all", "--json")
	p.saw("rm")
}
