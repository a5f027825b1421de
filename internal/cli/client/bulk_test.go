package client_test

import (
	"strings"
	"testing"
	"time"
)

func TestAFilterChoosesManyTasksAndEachIsToldOf(t *testing.T) {
	t.Parallel()
	p := start(t).person(t)
	named := fill(p)
	p.todo("done", "--filter", "category=home", "--dry-run")
	p.todo("done", "--filter", "due=overdue")
	p.todo("done", "--filter", "due=overdue", "--filter", "status=all", "--json")
	p.todo("done", named["van"], named["today"], "--dry-run")
	p.todo("undone", "--filter", "status=completed", "--dry-run")
	p.todo("archive", "--filter", "status=completed")
	p.todo("unarchive", "--filter", "archived=true")
	p.todo("edit", "--filter", "priority=high", "--filter", "tag=money", "--category", "Flat", "--due", "2026-03-09", "--dry-run")
	p.todo("edit", "--filter", "priority=high", "--category", "Flat")
	p.todo("edit", "--filter", "category=flat", "--repeat", "daily", "--clear", "due")
	p.todo("done", "--filter", "text=nothing like it")
	p.todo("rm", "--filter", "parent="+named["move"], "--dry-run")
	p.todo("rm", "--filter", "parent="+named["move"])
	p.todo("rm", "--filter", "parent="+named["move"], "--yes")
	p.todo("rm", named["late"], "--dry-run")
	p.todo("rm", "--completed", "--dry-run")
	p.todo("rm", "--all", "--dry-run", "--json")
	p.todo("edit", "--filter", "tag=money", "--add-tag", "Bank,money", "--remove-tag", "flat", "--dry-run")
	p.todo("edit", "--filter", "tag=money", "--add-tag", "Bank", "--remove-tag", "flat")
	p.todo("done", "--filter", "q=rent", "--dry-run", "--json")
	p.todo("list", "--status", "all")
	p.saw("bulk")
}

func TestEveryFaultOfAFilterIsNamed(t *testing.T) {
	t.Parallel()
	p := start(t).person(t)
	id := p.post(`{"title": "as it is"}`)
	p.todo("done", "--filter", "colour=red", "--filter", "status", "--filter", "status=pending", "--filter", "status=all")
	p.todo("done", "--filter", "status=all")
	p.todo("done", "--filter", "due=whenever")
	p.todo("done", "--filter", "parent=0000000")
	p.todo("done", id, "--filter", "status=pending")
	p.todo("done", "--filter", "tag=a", "--force")
	p.todo("edit", "--filter", "tag=a")
	p.todo("edit", "--filter", "tag=a", "--add-tag", "b", "--tag", "c")
	p.todo("edit", id, "--category", "", "--remind", "", "--note", "")
	p.todo("edit", id, "--parent", "")
	p.todo("list", "--category", "", "--due-after", "", "--tag", "")
	p.todo("list", "--limit", "many")
	p.todo("list", "all")
	p.todo("edit", id, id)
	p.todo("rm", "--filter", "tag=a", "--all", "--yes")
	p.todo("archive")
	p.saw("bulk-faults")
}

func TestATextIsReadByTheServicesClock(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.person(t)
	p.env = append(p.env, nowIs+"="+time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC).Format(time.RFC3339)) // somebody's clock is wrong
	for _, args := range [][]string{{"x tomorrow"}, {"x tomorrow", "--note", "with a flag"}} {
		if got := p.ok(append([]string{"add", "--json"}, args...)...); !strings.Contains(got, `"due":"2026-03-02"`) {
			t.Error(got)
		}
	}
}
