package client_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"todo-app/internal/cli/terminal"
)

// fill gives somebody tasks of every kind.
func fill(p *person) map[string]string {
	p.t.Helper()
	named := map[string]string{}
	for _, one := range [][2]string{
		{"rent", `{"title": "Pay rent", "due": "2026-03-02", "priority": "high", "category": "home", "tags": ["flat", "money"], "recurrence": {"rule": "monthly"}, "reminders": ["-P1D"]}`},
		{"late", `{"title": "Return the book", "due": "2026-02-26", "tags": ["library"]}`},
		{"noon", `{"title": "Call back", "due": "2026-03-01T11:00:00Z", "priority": "low", "category": "work"}`},
		{"today", `{"title": "Water the plants", "due": "2026-03-01", "category": "home"}`},
		{"some day", `{"title": "Learn to juggle"}`},
		{"cjk", `{"title": "買い物リストを作る、牛乳とパンと卵を忘れないこと、それから洗剤も", "due": "2026-03-06", "tags": ["家"]}`},
		{"emoji", `{"title": "👨‍👩‍👧 trip to 🇩🇪 with tickets, passports, sandwiches and a very long title indeed", "due": "2026-07-01"}`},
		{"rtl", `{"title": "לקנות חלב", "category": "קניות", "tags": ["בית"]}`},
		{"hostile", `{"title": "\u001b]0;owned\u0007\u001b[31mred \u202egnp.exe\u009b2J\nsecond line", "tags": ["\u001b[1m"]}`},
	} {
		named[one[0]] = p.post(one[1])
	}
	parent := p.ask(http.MethodPost, "/api/v1/tasks", `{"title": "Move house", "due": "2026-04-01"}`)
	boxes := p.ask(http.MethodPost, "/api/v1/tasks", fmt.Sprintf(`{"title": "Pack boxes", "parent_id": %q}`, parent.ID))
	van := p.ask(http.MethodPost, "/api/v1/tasks", fmt.Sprintf(`{"title": "Load the van", "parent_id": %q, "depends_on": [%q]}`, parent.ID, boxes.ID))
	named["move"], named["boxes"], named["van"] = parent.ID.String()[30:], boxes.ID.String()[30:], van.ID.String()[30:]
	done := p.ask(http.MethodPost, "/api/v1/tasks", `{"title": "Buy milk", "completed": true}`)
	named["done"] = done.ID.String()[30:]
	return named
}

func TestListsFitTheWindowWhateverIsInThem(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, width := range []string{"", "120", "80", "60", "40", "20"} {
		p := s.person(t, "COLUMNS="+width)
		if width == "" {
			fill(p)
		}
		p.todo("list", "--status", "all")
		p.saw("list-" + width)
		for line := range strings.Lines(p.transcript.String()) {
			if strings.ContainsFunc(line, func(r rune) bool { return r == 0x1b || r == 0x07 || r == 0x9b || r == 0x202e }) {
				t.Errorf("a terminal would obey %q", line)
			}
			if most, _ := strconv.Atoi(width); most > 0 && !strings.HasPrefix(line, "$") && terminal.Width(strings.TrimSuffix(line, "\n")) > most {
				t.Errorf("%q is wider than %d", line, most)
			}
		}
	}
}

func TestListsFilterAndSortAsTheAPIDoes(t *testing.T) {
	t.Parallel()
	p := start(t).person(t, "COLUMNS=100")
	named := fill(p)
	p.todo("list")
	p.todo("list", "--priority", "high", "--tag", "flat,money")
	p.todo("list", "--category", "HOME", "--sort", "-title")
	p.todo("list", "--due", "week", "--sort", "priority", "--limit", "2")
	p.todo("list", "--due-after", "2026-03-01", "--due-before", "2026-04-01")
	p.todo("list", "--blocked", "true")
	p.todo("list", "--parent", "none", "--sort", "title", "--limit", "1")
	p.todo("list", "--status", "completed")
	p.todo("list", "--tree", "--due-after", "2026-03-06")
	p.todo("list", "--parent", named["move"])
	p.todo("list", "--parent", "0000000")
	p.todo("list", "--due", "soon", "--sort", "colour")
	p.todo("today")
	p.todo("tomorrow")
	p.todo("overdue")
	p.todo("search", "the", "BOO")
	p.todo("search", "milk")
	p.todo("search", "nothing of that kind")
	p.saw("filters")
}

func TestTodayIsTheCallersWhereTheyAre(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.clock.set("2026-03-01T23:30:00Z") // past midnight in Berlin
	p := s.person(t)
	p.post(`{"title": "Monday's", "due": "2026-03-02"}`)
	for args, want := range map[string]bool{"today": true, "today --tz UTC": false, "tomorrow --tz UTC": true, "tomorrow": false} {
		if got := strings.Contains(p.ok(strings.Fields(args)...), "Monday's"); got != want {
			t.Errorf("todo %s has the task: %v", args, got)
		}
	}
	p.env = append(p.env, "TODO_TZ=UTC")
	if strings.Contains(p.ok("today"), "Monday's") {
		t.Error("TODO_TZ does not count")
	}
	p.fails(2, "there is no time zone", "today", "--tz", "Nowhere/Land")
}

func TestDaysAreCalledWhatPeopleCallThem(t *testing.T) {
	t.Parallel()
	p := start(t).person(t)
	for _, due := range []string{
		"2025-12-31", "2026-01-01", "2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03", "2026-03-07", "2026-03-08",
		"2026-12-31", "2027-01-01", "2026-02-28T22:59:59Z", "2026-02-28T23:00:00Z", "2026-03-02T23:00:00Z",
	} {
		p.post(`{"title": "` + due + `", "due": "` + due + `"}`)
	}
	p.todo("list")
	p.saw("days")
}

func TestListsWalkAllPagesByThemselves(t *testing.T) {
	t.Parallel()
	p := start(t).person(t)
	const n = 1203
	for from := 0; from < n; from += 401 {
		var body strings.Builder
		for i := range 401 {
			fmt.Fprintf(&body, `%c{"title": "task %d"}`, "[,"[min(i, 1)], from+i)
		}
		r, err := http.Post(p.service.url+"/api/v1/tasks", "application/json", strings.NewReader(body.String()+"]"))
		if err != nil || r.StatusCode != http.StatusCreated {
			t.Fatal(r, err)
		}
		r.Body.Close()
	}
	if got := strings.Count(p.ok("list", "--all"), "\n"); got != n+1 { // and the header
		t.Errorf("--all has %d lines", got)
	}
	if got := p.run("", "list", "--limit", "502"); strings.Count(got.out, "\n") != 503 || !strings.Contains(got.problem, "There are more") {
		t.Errorf("--limit 502 has %d lines and says %q", strings.Count(got.out, "\n"), got.problem)
	}
	if got := p.run("", "list", "--limit", fmt.Sprint(n)); got.problem != "" {
		t.Errorf("where there are no more it says %q", got.problem)
	}
	for limit, want := range map[string]int{"--all": n, "--limit=502": 502, "--limit=1": 1} {
		var list []struct{ Title string }
		if err := json.Unmarshal([]byte(p.ok("list", "--json", limit)), &list); err != nil || len(list) != want {
			t.Errorf("--json %s has %d, %v", limit, len(list), err)
		}
	}
	p.fails(2, "--limit must be 1 or more", "list", "--limit", "0")
	p.fails(2, "do not go together", "list", "--limit", "3", "--all")
}

func TestJSONIsTheAPIsOwnAndObeysNobody(t *testing.T) {
	t.Parallel()
	p := start(t).person(t)
	if out := p.ok("list", "--json"); out != "[]\n" {
		t.Errorf("an empty list is %q", out)
	}
	made := p.ask(http.MethodPost, "/api/v1/tasks", `{"title": "a\u009b2J \u202eb\u007f <&>"}`)
	var list []map[string]any
	out := p.ok("list", "--json")
	if err := json.Unmarshal([]byte(out), &list); err != nil || list[0]["title"] != made.Title || list[0]["url"] != made.URL {
		t.Errorf("%s: %v", out, err)
	}
	if strings.ContainsAny(out, "\u009b\u202e\u007f") || !strings.Contains(out, `"a\u009b2J \u202eb\u007f <&>"`) {
		t.Errorf("%q", out)
	}
	short := made.ID.String()[30:]
	for _, args := range [][]string{{"show", short}, {"edit", short, "--note", "x"}} {
		var one map[string]any
		if err := json.Unmarshal([]byte(p.ok(append(args, "--json")...)), &one); err != nil || one["id"] != made.ID.String() {
			t.Errorf("%s: %v, %v", args, one, err)
		}
	}
	for _, args := range [][]string{{"done", short}, {"undone", short}} {
		var many []map[string]any
		if err := json.Unmarshal([]byte(p.ok(append(args, "--json")...)), &many); err != nil || len(many) != 1 || many[0]["id"] != made.ID.String() {
			t.Errorf("%s: %v, %v", args, many, err)
		}
	}
}
