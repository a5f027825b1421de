package client_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// completes returns what a shell is told about a line that has been begun.
func (p *person) completes(args ...string) []string {
	p.t.Helper()
	lines := strings.Split(strings.TrimSuffix(p.ok(append([]string{"__complete"}, args...)...), "\n"), "\n")
	return lines[:len(lines)-1] // the last is the directive
}

func TestShellsCompleteWhatThereIs(t *testing.T) {
	t.Parallel()
	p := start(t).person(t)
	rent := p.post(`{"title": "Pay rent", "category": "home", "tags": ["flat", "money"]}`)
	evil := p.post(`{"title": "a\u001b[2Jb\nc\td", "category": "\u001b", "tags": ["\u009b", "fly"]}`)
	done := p.post(`{"title": "Done", "completed": true, "archived": true}`)
	all := []string{done + "\tDone", evil + "\ta␛[2Jb␊c␉d", rent + "\tPay rent"}
	for _, one := range []struct {
		args, want []string
	}{
		{[]string{"done", ""}, all},
		{[]string{"show", rent[:3]}, all[2:]},
		{[]string{"rm", rent, ""}, all[:2]},
		{[]string{"edit", rent, "--parent", done[:5]}, all[:1]},
		{[]string{"edit", rent, "--depends-on", evil[:5]}, all[1:2]},
		{[]string{"list", "--tag", "fl"}, []string{"flat", "fly"}},
		{[]string{"list", "--category", ""}, []string{"home", "other"}},
		{[]string{"edit", "--priority", ""}, []string{"high", "medium", "low"}},
		{[]string{"logo"}, []string{"logout\tForget the credential of a context"}},
	} {
		got := p.completes(one.args...)
		if diff := cmp.Diff(one.want, got); diff != "" {
			t.Errorf("todo %s (-want +got):\n%s", quoted(one.args), diff)
		}
	}
	nobody := pretend(t, always(500, "", "")).person(t)
	if got := nobody.completes("done", ""); len(got) != 0 {
		t.Errorf("without a service there is %q", got)
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if out := p.ok("completion", shell); !strings.Contains(out, "__complete") {
			t.Errorf("%s is given %.100s", shell, out)
		}
	}
}
