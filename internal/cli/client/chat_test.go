package client_test

import (
	"strings"
	"testing"
)

func TestWhatIsSaidIsDoneAndWhatTakesAwayIsAskedAbout(t *testing.T) {
	t.Parallel()
	p := start(t).person(t, "TODO_TOKEN=alice")
	added := p.run("", "chat", "add", "Pay", "rent", "tomorrow", "9am")
	if added.code != 0 || !strings.Contains(added.out, "Pay rent") {
		t.Fatalf("%+v", added)
	}
	if listed := p.run("", "list"); !strings.Contains(listed.out, "Pay rent") || !strings.Contains(listed.out, "9:00") {
		t.Errorf("%+v", listed)
	}
	if asked := p.run("", "chat", "delete rent"); asked.code != 2 || !strings.Contains(asked.out, "Pay rent") || !strings.Contains(asked.problem, "--yes answers") {
		t.Errorf("where nobody is: %+v", asked)
	}
	if listed := p.run("", "list"); !strings.Contains(listed.out, "Pay rent") {
		t.Errorf("it was deleted: %+v", listed)
	}
	if gone := p.run("", "chat", "delete rent", "--yes"); gone.code != 0 || !strings.Contains(gone.out, "Deleted") {
		t.Errorf("%+v", gone)
	}
	if listed := p.run("", "list"); strings.Contains(listed.out, "Pay rent") {
		t.Errorf("it was not deleted: %+v", listed)
	}
	if shown := p.run("", "chat", "list", "--json"); shown.code != 0 || !strings.Contains(shown.out, `"understood_by":"rules"`) || shown.problem != "" {
		t.Errorf("%+v", shown)
	}
	for _, args := range [][]string{{"add Call Ann"}, {"delete Call Ann", "--yes"}} {
		done := p.run("", append([]string{"chat"}, args...)...)
		in, ok := strings.CutPrefix(strings.TrimSuffix(done.problem, " TEXT\n"), "To go on with this: todo chat --in ")
		undone := p.run("", "chat", "undo", "--in", in)
		if !ok || undone.code != 0 || undone.problem != "" || strings.Contains(undone.out, "?") || strings.Contains(undone.out, "language model") {
			t.Errorf("%+v is followed by %+v", done, undone)
		}
		p.post(`{"title": "Call Ann"}`) // to be deleted
	}
	for _, in := range []string{"x", ""} {
		if wrong := p.run("", "chat", "list", "--in="+in); (wrong.code == 0) != (in == "") {
			t.Errorf("%+v", wrong)
		}
	}
	if nowhere := p.run("", "chat", "list", "--in", "0190b6a0-5f3c-7000-8000-5b5e2f0c7a11"); nowhere.code == 0 || !strings.Contains(nowhere.problem, "no such conversation") {
		t.Errorf("%+v", nowhere)
	}
	if nothing := p.run("", "chat"); nothing.code != 2 {
		t.Errorf("%+v", nothing)
	}
	if blank := p.run("", "chat", "", " "); blank.code != 2 || !strings.Contains(blank.problem, "nothing said") {
		t.Errorf("%+v", blank)
	}
}
