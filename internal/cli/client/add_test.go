package client_test

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestATextBecomesATask(t *testing.T) {
	t.Parallel()
	p := start(t).person(t, "COLUMNS=80")
	p.todo("add", "Pay rent tomorrow 9am !high @home #flat every month !1d // by transfer")
	p.todo("list")
	p.todo("add", "Call", "the", "plumber", "--due", "next friday 14:00", "--note", "The tap drips.", "--tag", "House", "--remind", "1h")
	p.todo("add", "--plain", "Issue #1: !important tomorrow")
	p.todo("add", "Water the plants", "--due", "today", "--repeat", "every! 3 days", "--category", "home")
	p.todo("add", "with a tag #a", "--tag", "b", "--priority", "low")
	p.todo("list")
	p.todo("add", "a\x1b[2Jb")
	p.todo("add", "Call !urgent mum")
	p.saw("add")
	var made struct{ Title string }
	if err := json.Unmarshal([]byte(p.ok("add", "--json", "x tomorrow")), &made); err != nil || made.Title != "x" {
		t.Errorf("%+v, %v", made, err)
	}
}

func TestWhatATextMeansIsShownBeforeAnythingIsAdded(t *testing.T) {
	t.Parallel()
	p := start(t).person(t, "COLUMNS=80")
	p.todo("add", "--dry-run", "Pay rent tomorrow 9am !high @home #flat every! 2 weeks \\#1 !1d // by transfer")
	p.todo("add", "--dry-run", "Pay !high !low", "--due", "2026-03-05")
	p.todo("add", "--dry-run", "Pay tomorrow", "--due", "2026-03-05")
	p.todo("add", "--dry-run", "Pay !high rent every monday !urgent")
	p.todo("add", "--dry-run", "Pay rent every year 9999-12-31")
	p.todo("add", "--dry-run", "\x1b[2J\u202e #\x1b")
	p.todo("list", "--json")
	p.saw("add-dry-run")
}

func TestEveryFaultOfANewTaskIsNamed(t *testing.T) {
	t.Parallel()
	p := start(t).person(t)
	p.todo("add", "Pay tomorrow !high @home every week // x", "--due", "2026-03-05", "--priority", "low", "--category", "x", "--repeat", "daily", "--note", "y")
	p.todo("add", "Pay !high !low tomorrow today")
	p.todo("add", "x", "--due", "every friday", "--repeat", "tomorrow", "--remind", "1y")
	p.todo("add", "x", "--due", "tomorrow tuesday")
	p.todo("add", "x", "--repeat", "daily")
	p.todo("add", "x", "--parent", "0000")
	p.todo("add", "x", "--depends-on", "019ca700-0000-7000-8000-0000000000ff")
	p.todo("add", "x", "--category", "", "--tag", "", "--due", "")
	p.todo("add", "x", "--depends-on", "")
	p.todo("add", "tomorrow")
	p.todo("add", "")
	p.todo("add")
	p.todo("add", "x", "--plain", "--dry-run")
	p.todo("list", "--json")
	p.saw("add-faults")
}

func TestARuleInWordsBeginsWithTheDueThatIsGivenWithIt(t *testing.T) {
	t.Parallel()
	s := start(t)
	const lastOfNovember = "2026-11-30T09:00:00Z"
	s.clock.set(lastOfNovember)
	p := s.person(t, nowIs+"="+lastOfNovember)
	is := func(out, due, rule string) {
		t.Helper()
		var made struct {
			Due        string
			Recurrence struct{ Rule string }
		}
		if err := json.Unmarshal([]byte(out), &made); err != nil || made.Due != due || made.Recurrence.Rule != rule {
			t.Errorf("%+v, %v", made, err)
		}
	}
	is(p.ok("add", "x", "--due", "2026-12-05", "--repeat", "every 2 months", "--json"), "2026-12-05", "FREQ=MONTHLY;INTERVAL=2")
	is(p.ok("add", "--plain", "x", "--due", "2026-12-31", "--repeat", "quarterly", "--json"), "2026-12-31", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1")
	is(p.ok("add", "x 2026-12-31", "--repeat", "every month for 3 months", "--json"), "2026-12-31", "FREQ=MONTHLY;BYMONTHDAY=-1;UNTIL=20270330")
	is(p.ok("add", "Water the plants every friday", "--due", "2026-12-11", "--json"), "2026-12-11", "FREQ=WEEKLY;BYDAY=FR")
	is(p.ok("add", "x every month @home for 10 times", "--due", "2026-12-05", "--json"), "2026-12-05", "FREQ=MONTHLY;COUNT=10")
	p.fails(2, "the text says due already", "add", "x every day 9am", "--due", "2026-12-05")
	if out := p.ok("add", "--dry-run", "x every 2 months", "--due", "2026-12-05"); !strings.Contains(out, "FREQ=MONTHLY;INTERVAL=2\n") || strings.Contains(out, "from the rule") {
		t.Error(out)
	}

	id := p.post(`{"title": "x", "due": "2026-12-31"}`)
	is(p.ok("edit", id, "--repeat", "every 2 months", "--json"), "2026-12-31", "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=-1")
	is(p.ok("edit", id, "--repeat", "every 2 months", "--due", "2027-01-05", "--json"), "2027-01-05", "FREQ=MONTHLY;INTERVAL=2")
	p.env = append(p.env, "EDITOR="+editor(t, "s/^repeat:.*/repeat: every 3 months/")+" --wait")
	is(p.ok("edit", id, "--json"), "2027-01-05", "FREQ=MONTHLY;INTERVAL=3")
	p.env = append(p.env, "EDITOR="+editor(t, "s/^repeat:.*//; s/^title:/repeat: every 2 months\\ntitle:/; s/^due:.*/due: 2027-01-31/")+" --wait")
	is(p.ok("edit", id, "--json"), "2027-01-31", "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=-1")

	for due, rule := range map[string]string{"today": "FREQ=MONTHLY;INTERVAL=2", "2026-12-31": "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=-1"} {
		is(p.ok("template", "save", due, "x", "--due", due, "--repeat", "every 2 months", "--json"), due, rule)
	}
}

func TestTomorrowIsTheCallersWhereTheyAre(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := s.person(t)
	s.clock.set("2026-03-01T23:30:00Z") // past midnight in Berlin
	var made struct{ Due string }
	for zone, want := range map[string]string{"": "2026-03-03T08:00:00Z", "UTC": "2026-03-02T09:00:00Z", "America/New_York": "2026-03-02T14:00:00Z"} {
		if err := json.Unmarshal([]byte(p.ok("add", "--json", "x tomorrow 9am", "--tz", zone)), &made); err != nil || made.Due != want {
			t.Errorf("in %q it is due %s, %v", zone, made.Due, err)
		}
	}
}
