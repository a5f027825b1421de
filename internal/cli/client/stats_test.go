package client_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"todo-app/internal/cli/terminal"
	"todo-app/internal/httpapi"
)

func TestStatisticsAreShownAndTrendsHaveBarsWhereThereIsRoom(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.person(t, "COLUMNS=80")
	p.todo("stats")
	fill(p)
	p.ask(http.MethodPost, "/api/v1/tasks", `{"title": "done too", "completed": true, "category": "home", "tags": ["x"]}`)
	s.clock.set("2026-03-02T09:00:00Z")
	p.ask(http.MethodPost, "/api/v1/tasks", `{"title": "done later", "completed": true, "category": "a category with a name that is long\u001b", "priority": "high"}`)
	p.todo("stats")
	p.todo("stats", "--trends")
	p.saw("stats")
	var n httpapi.Stats
	if err := json.Unmarshal([]byte(p.ok("stats", "--json")), &n); err != nil || n.Completed != 3 || n.OldestOverdue == nil {
		t.Error(n, err)
	}
	var trends httpapi.Trends
	if err := json.Unmarshal([]byte(p.ok("stats", "--trends", "--json")), &trends); err != nil || len(trends.Days) != 30 {
		t.Error(trends, err)
	}
	for _, width := range []string{"", "30", "60"} {
		out := s.person(t, "COLUMNS="+width).ok("stats", "--trends")
		if strings.Contains(out, "█") != (width == "60") {
			t.Errorf("in %q columns:\n%s", width, out)
		}
		for line := range strings.Lines(out) {
			if width != "" && terminal.Width(strings.TrimSuffix(line, "\n")) > 60 {
				t.Errorf("%q is wider than %s", line, width)
			}
		}
	}
}

func TestTasksArePutAwayBroughtBackAndSkipped(t *testing.T) {
	t.Parallel()
	p := start(t).person(t, "COLUMNS=80")
	named := fill(p)
	p.todo("archive", named["late"], named["noon"])
	p.todo("list", "--archived", "true")
	p.todo("unarchive", named["late"])
	p.todo("skip", named["rent"])
	p.todo("skip", named["late"], named["rent"])
	p.todo("done", named["rent"])
	p.todo("archive", "ffffff")
	p.todo("settings", "--auto-archive", "30")
	p.todo("settings", "--time-zone", "Asia/Tokyo")
	p.todo("settings", "--auto-archive", "soon")
	p.todo("settings", "--auto-archive", "0")
	p.todo("settings", "--auto-archive", "never")
	p.saw("archive")
}
