package client_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTasksAreExportedToFilesOrStandardOutput(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.person(t)
	fill(p)
	at := func(name string) string { return filepath.Join(p.home, name) }
	p.todo("export", at("tasks.json"))
	p.todo("export", at("tasks.json"))
	p.todo("export", at("tasks.csv"))
	p.todo("export", at("due.ics"), "--component", "vevent")
	p.todo("export", at("plain"), "--format", "csv", "--json")
	p.todo("export", at("tasks.csv"), "--component", "vevent", "--force")
	p.todo("export", at("nowhere/tasks.json"))
	p.todo("export", at("tasks.xml"))
	p.todo("export", p.home, "--force")
	p.saw("export")
	for name, want := range map[string]string{"tasks.json": `"tasks":`, "tasks.csv": "Return the book", "due.ics": "BEGIN:VEVENT", "plain": "Return the book"} {
		text, err := os.ReadFile(at(name))
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s has not %q: %.200s, %v", name, want, text, err)
		}
		if info, err := os.Stat(at(name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("others may read %s: %v, %v", name, info, err)
		}
	}
	out := p.ok("export")
	if !json.Valid([]byte(out)) {
		t.Errorf("%.300s", out)
	}
	// A link stays one, and what it leads to is replaced.
	if err := os.Symlink(at("tasks.csv"), at("link.json")); err != nil {
		t.Fatal(err)
	}
	p.ok("export", at("link.json"), "--force")
	if text, err := os.ReadFile(at("tasks.csv")); err != nil || !json.Valid(text) {
		t.Error(err)
	}
}

func TestAnExportThatBreaksOffLeavesNoFile(t *testing.T) {
	t.Parallel()
	p := pretend(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, `{"tasks":[`)
		panic(http.ErrAbortHandler)
	})).person(t)
	name := filepath.Join(p.home, "tasks.json")
	if err := os.WriteFile(name, []byte("before"), 0o644); err != nil {
		t.Fatal(err)
	}
	if r := p.run("", "export", name, "--force"); r.code == 0 {
		t.Error(r)
	}
	if text, err := os.ReadFile(name); err != nil || string(text) != "before" {
		t.Errorf("%q, %v", text, err)
	}
	entries, err := os.ReadDir(p.home)
	if left := slices.ContainsFunc(entries, func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), ".todo") }); err != nil || left {
		t.Error(entries, err)
	}
}
