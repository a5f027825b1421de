package task_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"todo-app/internal/task"
)

// zoneNames have clocks that do all that clocks do: skip midnight, pass it
// twice, skip a whole day, move by half an hour, or never move.
var zoneNames = []string{
	"UTC", "Europe/Berlin", "Europe/Lisbon", "America/New_York", "America/St_Johns", "America/Sao_Paulo", "America/Havana",
	"America/Toronto", "America/Asuncion", "America/Santiago", "America/Nuuk", "Atlantic/Azores", "Africa/Cairo", "Africa/Casablanca",
	"Africa/Monrovia", "Asia/Beirut", "Asia/Amman", "Asia/Gaza", "Asia/Tehran", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Pyongyang",
	"Asia/Manila", "Australia/Lord_Howe", "Antarctica/Troll", "Antarctica/Casey", "Pacific/Apia", "Pacific/Kwajalein", "Pacific/Kiritimati", "Pacific/Auckland",
}

// transitions returns when a zone's clocks were moved, between two years.
func transitions(loc *time.Location, from, to int) []time.Time {
	var list []time.Time
	end := time.Date(to, 1, 1, 0, 0, 0, 0, time.UTC)
	for at := time.Date(from, 1, 1, 0, 0, 0, 0, loc); ; {
		_, next := at.ZoneBounds()
		if next.IsZero() || next.After(end) {
			return list
		}
		list = append(list, next)
		at = next
	}
}

func midnightUTC(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// firstMoment finds the first moment of a date, or of a later one if there is
// no such date, by walking there from the day before.
func firstMoment(date time.Time, loc *time.Location) time.Time {
	_, before := date.AddDate(0, 0, -2).In(loc).Zone()
	_, after := date.AddDate(0, 0, 2).In(loc).Zone()
	at := date.Add(-time.Duration(max(before, after))*time.Second - 2*time.Hour)
	// Some offsets have odd seconds.
	for _, step := range []time.Duration{time.Minute, time.Second} {
		for midnightUTC(at.In(loc)).Before(date) {
			at = at.Add(step)
		}
		if step > time.Second {
			at = at.Add(-step)
		}
	}
	return at
}

func TestADayBeginsAtItsFirstMoment(t *testing.T) {
	for _, name := range zoneNames {
		loc := zone(t, name)
		v := task.View{Zone: loc}
		for _, at := range transitions(loc, 1901, 2040) {
			for days := -2; days <= 2; days++ {
				date := midnightUTC(at.In(loc)).AddDate(0, 0, days)
				if got, want := v.StartOf(date), firstMoment(date, loc); !got.Equal(want) {
					t.Errorf("%s: %s begins at %s, want %s", name, date.Format(time.DateOnly), got, want.In(loc))
				}
			}
		}
	}
}

func TestDaysThatBeginInTheirOwnWay(t *testing.T) {
	for _, c := range []struct{ zone, date, want string }{
		{"Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z"},
		{"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"}, // midnight is skipped
		{"Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z"},      // midnight is skipped
		{"Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z"},       // midnight is skipped
		{"America/Havana", "2026-03-08", "2026-03-08T05:00:00Z"},    // midnight is skipped
		{"America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"},    // midnight comes twice
		{"America/Toronto", "1919-03-31", "1919-03-31T04:30:00Z"},   // 23:30 became 00:30
		{"Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z"},
		{"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"}, // there was no such day
		{"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"},
		{"Pacific/Kwajalein", "1993-08-20", "1993-08-20T12:00:00Z"},
		{"Pacific/Kwajalein", "1993-08-21", "1993-08-21T12:00:00Z"}, // nor this one
		{"Pacific/Kwajalein", "1993-08-22", "1993-08-21T12:00:00Z"},
	} {
		v := task.View{Zone: zone(t, c.zone)}
		equal(t, c.zone+" "+c.date, v.StartOf(due(t, c.date).At).UTC().Format(time.RFC3339), c.want)
	}
}

func TestTomorrowIsTheNextDayOfTheReadersCalendar(t *testing.T) {
	v := task.View{Now: noon, Zone: zone(t, "Pacific/Kiritimati")}
	equal(t, "today", v.Today().Format(time.DateOnly), "2026-03-11")
	equal(t, "tomorrow", v.Tomorrow().UTC().Format(time.RFC3339), "2026-03-11T10:00:00Z")
}

func TestWhatIsOverdueAndSinceHowManyDays(t *testing.T) {
	for _, c := range []struct {
		due, now, zone string
		overdue        bool
		days           int
	}{
		{"", "2026-03-10T12:00:00Z", "UTC", false, 0},
		{"2026-03-10", "2026-03-10T23:59:59.999999Z", "UTC", false, 0},
		{"2026-03-10", "2026-03-11T00:00:00Z", "UTC", true, 1},
		{"2026-03-10", "2026-03-11T00:00:00Z", "America/New_York", false, 0},
		{"2026-03-10", "2026-03-11T04:00:00Z", "America/New_York", true, 1},
		{"2026-03-10", "2026-03-10T10:00:00Z", "Pacific/Kiritimati", true, 1},
		{"2026-03-10T12:00:00Z", "2026-03-10T12:00:00Z", "UTC", false, 0},
		{"2026-03-10T12:00:00Z", "2026-03-10T12:00:00.000001Z", "UTC", true, 0},
		{"2026-03-10T12:00:00Z", "2026-03-11T00:00:00Z", "UTC", true, 1},
		{"2026-03-10T12:00:00Z", "2026-03-11T00:00:00Z", "America/New_York", true, 0},
		{"2025-03-10", "2026-03-10T12:00:00Z", "UTC", true, 365},
		{"2011-12-29", "2011-12-30T10:00:00Z", "Pacific/Apia", true, 2},
	} {
		x := task.Task{}
		if c.due != "" {
			x.Due = due(t, c.due)
		}
		now, err := time.Parse(time.RFC3339Nano, c.now)
		if err != nil {
			t.Fatal(err)
		}
		v := task.View{Now: now, Zone: zone(t, c.zone)}
		if x.Overdue(v) != c.overdue || x.DaysOverdue(v) != c.days {
			t.Errorf("due %s at %s in %s: %t, %d days", c.due, c.now, c.zone, x.Overdue(v), x.DaysOverdue(v))
		}
		x.CompletedAt = now
		if x.Overdue(v) || x.DaysOverdue(v) != 0 || !x.Until(v).IsZero() {
			t.Errorf("due %s: overdue though completed", c.due)
		}
	}
}

// drawView looks from somewhere, sometimes within hours of clocks that move.
func drawView(t *rapid.T) task.View {
	loc, err := time.LoadLocation(rapid.SampledFrom(zoneNames).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if moved := transitions(loc, 2012, 2038); len(moved) > 0 && rapid.Bool().Draw(t, "near a transition") {
		now = rapid.SampledFrom(moved).Draw(t, "transition").Add(-36 * time.Hour)
	}
	now = now.Add(time.Duration(rapid.Int64Range(0, 72*3600*1e6).Draw(t, "microseconds")) * time.Microsecond)
	if rapid.Bool().Draw(t, "on the hour") {
		now = now.Truncate(time.Hour)
	}
	return task.View{Now: now.UTC(), Zone: loc, URL: "https://todo.example"}
}

// drawDue draws a due within some days of now, or none, or now.
func drawDue(t *rapid.T, now time.Time) task.Due {
	hours := time.Duration(rapid.IntRange(-100, 100).Draw(t, "hours"))
	switch rapid.IntRange(0, 4).Draw(t, "kind of due") {
	case 0:
		return task.Due{}
	case 1, 2:
		return task.Due{At: midnightUTC(now.Add(hours * time.Hour)), AllDay: true}
	case 3:
		return task.Due{At: now.Add(hours * time.Hour)}
	}
	return task.Due{At: now.Truncate(time.Hour).Add(hours * time.Hour)}
}

func TestNothingComputedChangesBeforeItsMomentAndSomethingDoesThen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := drawView(t)
		x := task.Task{Due: drawDue(t, v.Now)}
		if rapid.IntRange(0, 5).Draw(t, "completed") == 0 {
			x.CompletedAt = v.Now
		}
		computed := func(at time.Time) string {
			v := v
			v.Now = at
			return fmt.Sprint(x.Overdue(v), x.DaysOverdue(v))
		}
		until, end := x.Until(v), v.Now.AddDate(0, 0, 10)
		if !until.IsZero() {
			if !until.After(v.Now) {
				t.Fatalf("at %s it holds until %s", v.Now, until)
			}
			if computed(until) == computed(v.Now) {
				t.Errorf("at %s it holds until %s, and does after", v.Now, until)
			}
			end = until.Add(-time.Microsecond)
		}
		moments := []time.Time{end, x.Due.At, x.Due.At.Add(time.Microsecond)}
		for at := v.Now; at.Before(end); at = at.Add(time.Hour) {
			moments = append(moments, at, v.StartOf(midnightUTC(at.In(v.Zone))))
		}
		for _, at := range moments {
			if at.After(v.Now) && !at.After(end) && computed(at) != computed(v.Now) {
				t.Errorf("%s at %s, and %s at %s though it holds until %s", computed(v.Now), v.Now, computed(at), at, until)
			}
		}
	})
}

func TestAPageHoldsUntilTheFirstOfItsTasksChanges(t *testing.T) {
	v := task.View{Now: noon, Zone: time.UTC}
	soon := task.Task{ID: id(1), Due: task.Due{At: noon.Add(time.Hour)}}
	later := task.Task{ID: id(2), Due: due(t, "2026-03-12")}
	never := task.Task{ID: id(3)}
	midnight := time.Date(2026, 3, 11, 0, 0, 0, 0, time.UTC)
	overdue := task.Query{Filter: task.Filter{Due: task.DueOverdue}}
	for what, c := range map[string]struct {
		page  task.Page
		query task.Query
		want  time.Time
	}{
		"nothing":                     {task.Page{}, task.Query{}, time.Time{}},
		"no due":                      {task.Page{Tasks: []task.Task{never}}, task.Query{}, time.Time{}},
		"a due in an hour":            {task.Page{Tasks: []task.Task{never, later, soon}}, task.Query{}, noon.Add(time.Hour + time.Microsecond)},
		"the same, the other way":     {task.Page{Tasks: []task.Task{soon, later, never}}, task.Query{}, noon.Add(time.Hour + time.Microsecond)},
		"a subtask's":                 {task.Page{Tasks: []task.Task{later}, Children: map[task.ID][]task.Task{id(2): {never, soon}}}, task.Query{Tree: true}, noon.Add(time.Hour + time.Microsecond)},
		"a window":                    {task.Page{Tasks: []task.Task{later}}, task.Query{Filter: task.Filter{Due: task.DueWeek}}, midnight},
		"no window":                   {task.Page{Tasks: []task.Task{later}}, task.Query{Filter: task.Filter{Due: task.DueNone}}, midnight.AddDate(0, 0, 2)},
		"what will be overdue":        {task.Page{NextDue: noon.Add(time.Minute)}, overdue, noon.Add(time.Minute + time.Microsecond)},
		"what is due this moment":     {task.Page{NextDue: noon}, overdue, noon.Add(time.Microsecond)},
		"what is overdue by tomorrow": {task.Page{NextDue: noon.AddDate(0, 0, 3)}, overdue, midnight},
		"nothing that gets overdue":   {task.Page{}, overdue, midnight},
	} {
		r := c.page.Render(v, c.query)
		if !r.Until.Equal(c.want) {
			t.Errorf("%s: holds until %s, want %s", what, r.Until, c.want)
		}
		fresh := []bool{r.Fresh(noon), r.Fresh(c.want.Add(-time.Microsecond)), r.Fresh(c.want)}
		if !c.want.IsZero() && !slices.Equal(fresh, []bool{true, true, false}) || c.want.IsZero() && !r.Fresh(noon.AddDate(100, 0, 0)) {
			t.Errorf("%s: fresh now, just before and then: %v", what, fresh)
		}
	}
}
