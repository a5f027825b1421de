package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPeopleUseWhatServeServes(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	s := serve(t, "TODO_DATA_DIR="+filepath.Join(dir, "data"))
	home := "HOME=" + filepath.Join(dir, "home")
	todo := func(want int, args ...string) string {
		t.Helper()
		code, out, problems := outcome(t, args, home)
		if code != want {
			t.Fatalf("todo %q ended with %d: %s%s", args, code, out, problems)
		}
		return out
	}
	todo(0, "login", s.url, "--name", "here")
	id := strings.Fields(todo(0, "add", "Pay rent tomorrow !high #flat"))[1]
	todo(0, "edit", id, "--note", "by transfer")
	if out := todo(0, "tomorrow"); !strings.Contains(out, id+"  tomorrow  high      other     flat  Pay rent\n") {
		t.Errorf("tomorrow there is\n%s", out)
	}
	todo(0, "done", id)
	todo(0, "rm", id)
	todo(3, "show", id)
}

// earlierDump is one of the earlier command's.
const earlierDump = `{"1": {"id": 1, "description": "Move house", "completed": false, "created_at": "2025-01-31T08:00:00", "priority": "high",
  "category": "home", "due_date": "2025-02-01", "notes": "boxes first", "parent_id": null, "depends_on": [2], "recurring": null, "archived": false, "completed_at": null},
 "2": {"id": 2, "description": "Pack boxes", "completed": true, "created_at": "2025-01-31T08:01:00", "completed_at": "2025-02-01T10:00:00", "parent_id": 1}}`

func TestTheEarlierDumpIsTakenOverOnceAndComesOutAgain(t *testing.T) {
	t.Parallel()
	dir := openFolder(t)
	s := serve(t, "TODO_DATA_DIR="+filepath.Join(dir, "data"))
	file := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(file("dump.json"), []byte(earlierDump), 0o600); err != nil {
		t.Fatal(err)
	}
	todo := func(args ...string) string {
		t.Helper()
		code, out, problems := outcome(t, args, "HOME="+filepath.Join(dir, "home"), "TODO_URL="+s.url)
		if code != 0 {
			t.Fatalf("todo %q ended with %d: %s%s", args, code, out, problems)
		}
		return out
	}
	for _, want := range []string{"created    2\nskipped    0\n", "created    0\nskipped    2\n"} {
		if out := todo("import", file("dump.json")); !strings.Contains(out, want) {
			t.Errorf("the import said\n%s, not %q", out, want)
		}
	}
	if out := todo("list", "--status", "all", "--tree"); !strings.Contains(out, "Move house [1/1]") {
		t.Error(out)
	}
	todo("export", file("again.json"))
	if out := todo("import", file("again.json")); !strings.Contains(out, "created    0\n") {
		t.Errorf("its own export was taken over as\n%s", out)
	}
}
