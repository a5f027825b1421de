package cli_test

import (
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
