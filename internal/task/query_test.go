package task_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"todo-app/internal/task"
)

// admits says whether a due lies in a range, as storage compares them.
func admits(r task.DueRange, d task.Due) bool {
	from, to := r.From, r.To
	if d.AllDay {
		from, to = r.FromDate, r.ToDate
	}
	return !d.At.Before(from) && (to.IsZero() || d.At.Before(to))
}

// localDate is the date of a due in the reader's calendar.
func localDate(d task.Due, v task.View) time.Time {
	if d.AllDay {
		return d.At
	}
	return midnightUTC(d.At.In(v.Zone))
}

// isDue says, by the reader's calendar, whether a due is in a window.
func isDue(window task.DueWindow, d task.Due, v task.View) bool {
	today, on := midnightUTC(v.Now.In(v.Zone)), localDate(d, v)
	days := int(on.Sub(today).Hours() / 24)
	switch window {
	case task.DueOverdue:
		return days < 0 || !d.AllDay && d.At.Before(v.Now)
	case task.DueToday:
		return days == 0
	case task.DueTomorrow:
		return days == 1
	case task.DueWeek:
		return 0 <= days && days <= 6
	}
	end := time.Date(today.Year(), today.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	for end.Day() < today.Day() && end.AddDate(0, 0, 1).Month() == end.Month() {
		end = end.AddDate(0, 0, 1)
	}
	return 0 <= days && on.Before(end)
}

func TestWindowsOfDueFollowTheReadersCalendar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := drawView(t)
		window := rapid.SampledFrom(task.DueWindows[:5]).Draw(t, "window")
		ranges := task.Filter{Due: window}.Ranges(v)
		if len(ranges) != 1 {
			t.Fatalf("%d ranges", len(ranges))
		}
		for range 20 {
			d := drawDue(t, v.Now)
			if d.IsZero() {
				continue
			}
			if rapid.Bool().Draw(t, "far") {
				d.At = d.At.AddDate(0, 0, rapid.IntRange(-40, 40).Draw(t, "days"))
			}
			if admits(ranges[0], d) != isDue(window, d, v) {
				t.Errorf("due %s at %s in %s: %s is %t", d, v.Now, v.Zone, window, admits(ranges[0], d))
			}
		}
	})
}

func TestAMonthEndsTheSameDayOfTheNextOrItsLast(t *testing.T) {
	for today, end := range map[string]string{
		"2026-03-10": "2026-04-10", "2026-01-28": "2026-02-28", "2026-01-29": "2026-02-28", "2026-01-31": "2026-02-28", "2028-01-31": "2028-02-29",
		"2026-02-28": "2026-03-28", "2026-05-31": "2026-06-30", "2026-12-31": "2027-01-31", "2026-11-30": "2026-12-30",
	} {
		v := task.View{Now: due(t, today).At.Add(12 * time.Hour), Zone: time.UTC}
		equal(t, "the month from "+today, task.Filter{Due: task.DueMonth}.Ranges(v), []task.DueRange{{
			FromDate: due(t, today).At, ToDate: due(t, end).At, From: due(t, today).At, To: due(t, end).At,
		}})
	}
}

func TestBoundsOfDueCompareDaysWhereOneIsADay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := drawView(t)
		bound, d := drawDue(t, v.Now), drawDue(t, v.Now)
		if rapid.Bool().Draw(t, "same") {
			d.At = bound.At
		}
		if bound.IsZero() || d.IsZero() {
			t.Skip("no due")
		}
		d.AllDay = d.AllDay && d.At.Equal(midnightUTC(d.At))
		want := d.At.Compare(bound.At)
		if bound.AllDay || d.AllDay {
			want = localDate(d, v).Compare(localDate(bound, v))
		}
		f := task.Filter{DueAfter: bound, DueBefore: bound}
		ranges := f.Ranges(v)
		if len(ranges) != 2 || admits(ranges[0], d) != (want > 0) || admits(ranges[1], d) != (want < 0) {
			t.Errorf("%s against %s in %s: after %t, before %t", d, bound, v.Zone, admits(ranges[0], d), admits(ranges[1], d))
		}
	})
}

func TestTheRangesOfDue(t *testing.T) {
	v := task.View{Now: noon, Zone: zone(t, "America/New_York")} // 07:00, and midnight is 04:00Z
	at := func(s string) time.Time {
		if s == "" {
			return time.Time{}
		}
		return due(t, s).At
	}
	for _, c := range []struct {
		filter                     task.Filter
		fromDate, toDate, from, to string
	}{
		{task.Filter{Due: task.DueOverdue}, "", "2026-03-10", "", "2026-03-10T12:00:00Z"},
		{task.Filter{Due: task.DueToday}, "2026-03-10", "2026-03-11", "2026-03-10T04:00:00Z", "2026-03-11T04:00:00Z"},
		{task.Filter{Due: task.DueTomorrow}, "2026-03-11", "2026-03-12", "2026-03-11T04:00:00Z", "2026-03-12T04:00:00Z"},
		{task.Filter{Due: task.DueWeek}, "2026-03-10", "2026-03-17", "2026-03-10T04:00:00Z", "2026-03-17T04:00:00Z"},
		{task.Filter{DueAfter: due(t, "2026-03-10")}, "2026-03-11", "", "2026-03-11T04:00:00Z", ""},
		{task.Filter{DueAfter: due(t, "2026-03-10T02:00:00Z")}, "2026-03-10", "", "2026-03-10T02:00:00.000001Z", ""},
		{task.Filter{DueBefore: due(t, "2026-03-10")}, "", "2026-03-10", "", "2026-03-10T04:00:00Z"},
		{task.Filter{DueBefore: due(t, "2026-03-10T02:00:00Z")}, "", "2026-03-09", "", "2026-03-10T02:00:00Z"},
	} {
		equal(t, fmt.Sprintf("%+v", c.filter), c.filter.Ranges(v), []task.DueRange{{
			FromDate: at(c.fromDate), ToDate: at(c.toDate), From: at(c.from), To: at(c.to),
		}})
	}
}

func TestAFilterWithoutDuesHasNoRanges(t *testing.T) {
	v := task.View{Now: noon, Zone: time.UTC}
	for _, f := range []task.Filter{{}, {Due: task.DueNone}, {Text: "x", Status: task.Yes}} {
		equal(t, fmt.Sprintf("%+v", f), f.Ranges(v), nil)
	}
}

// queries are queries that ask for different things, each.
func queries(t *testing.T) []task.Query {
	list := []task.Query{{}, {Sort: task.SortDue}, {Sort: task.SortDue, Desc: true}, {Tree: true}}
	for _, f := range []task.Filter{
		{HasText: true}, {HasText: true, Text: "a"}, {HasText: true, Text: "a "}, {HasText: true, Text: `a" true`},
		{Status: task.Yes}, {Status: task.No}, {Archived: task.Yes}, {Archived: task.No}, {Blocked: task.Yes}, {Blocked: task.No},
		{Priority: task.High}, {Priority: task.Low}, {Category: "a"}, {Category: `a" []`},
		{Tags: []string{"a"}}, {Tags: []string{"a", "b"}}, {Tags: []string{"a b"}}, {Tags: []string{`a" "b`}},
		{Due: task.DueToday}, {Due: task.DueWeek}, {DueAfter: due(t, "2026-01-01")}, {DueBefore: due(t, "2026-01-01")},
		{DueAfter: due(t, "2026-01-01T00:00:00Z")}, {Parent: id(1)}, {Parent: id(2)}, {RootsOnly: true},
	} {
		list = append(list, task.Query{Filter: f})
	}
	return list
}

func TestACursorBelongsToItsListAlone(t *testing.T) {
	place := task.Position{Key: "key", ID: id(7)}
	for i, q := range queries(t) {
		cursor := q.Cursor(place)
		for j, other := range queries(t) {
			got, err := other.ParseCursor(cursor)
			if i == j && (err != nil || got != place) {
				t.Errorf("query %d: its own cursor reads %+v, %v", i, got, err)
			}
			if i != j && err == nil {
				t.Errorf("query %d: takes the cursor of query %d", j, i)
			}
		}
	}
	q := task.Query{Filter: task.Filter{Tags: []string{"b", "a", "b"}}, Limit: 5}
	same := task.Query{Filter: task.Filter{Tags: []string{"a", "b"}}, Limit: 9, After: place}
	if _, err := same.ParseCursor(q.Cursor(place)); err != nil {
		t.Errorf("the same list in other words, sizes and places: %v", err)
	}
}

func TestACursorReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := task.Query{Filter: task.Filter{Text: rapid.String().Draw(t, "text"), HasText: true}, Sort: rapid.SampledFrom(task.Sorts).Draw(t, "sort")}
		p := task.Position{Key: string(rapid.SliceOf(rapid.Byte()).Draw(t, "key")), ID: drawID(t)}
		cursor := q.Cursor(p)
		got, err := q.ParseCursor(cursor)
		if err != nil || got != p {
			t.Errorf("%+v reads back as %+v, %v", p, got, err)
		}
		if strings.Trim(cursor, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			t.Errorf("%q would be escaped in a URL", cursor)
		}
		at := rapid.IntRange(0, len(cursor)-1).Draw(t, "at")
		changed := cursor[:at] + string(rapid.Byte().Draw(t, "byte")) + cursor[at+1:]
		if got, err := q.ParseCursor(changed); err == nil && got == p && changed != cursor && !strings.Contains("\r\n", changed[at:at+1]) {
			t.Errorf("%q reads like %q", changed, cursor)
		}
		if _, err := q.ParseCursor(cursor[:rapid.IntRange(0, 31).Draw(t, "length")]); err == nil {
			t.Error("a cursor too short to hold an id is read")
		}
	})
}

func drawID(t *rapid.T) task.ID {
	return task.ID(rapid.SliceOfN(rapid.Byte(), 16, 16).Filter(func(b []byte) bool { return !task.ID(b).IsZero() }).Draw(t, "id"))
}

// views are ways of looking that differ in what answers depend on.
func views(t *testing.T) []task.View {
	return []task.View{
		{Now: noon, Zone: time.UTC, URL: "https://a.example"}, {Now: noon, Zone: zone(t, "Asia/Tokyo"), URL: "https://a.example"},
		{Now: noon, Zone: time.UTC, URL: "https://b.example"}, {Now: noon, Zone: time.UTC},
	}
}

func TestAKeyNamesOneAnswer(t *testing.T) {
	seen := map[string]string{}
	note := func(key, what string) {
		if other, ok := seen[key]; ok {
			t.Errorf("%s and %s have one key: %s", what, other, key)
		}
		seen[key] = what
	}
	for i, v := range views(t) {
		for j, q := range queries(t) {
			for k, q := range []task.Query{q, {Filter: q.Filter, Sort: q.Sort, Desc: q.Desc, Tree: q.Tree, Limit: 3}, {Filter: q.Filter, Sort: q.Sort, Desc: q.Desc, Tree: q.Tree, After: task.Position{Key: "1", ID: id(1)}}, {Filter: q.Filter, Sort: q.Sort, Desc: q.Desc, Tree: q.Tree, After: task.Position{ID: id(1)}}} {
				note(q.Key(v), fmt.Sprint("list ", i, j, k))
			}
		}
		note(task.GetKey(id(1), v), fmt.Sprint("task 1 ", i))
		note(task.GetKey(id(2), v), fmt.Sprint("task 2 ", i))
	}
}

func TestAListsValidatorStandsForOneStateOfOneAnswer(t *testing.T) {
	g := task.Generation{Count: 41, Nonce: -7}
	until := noon.Add(time.Hour)
	for i, q := range queries(t) {
		for j, v := range views(t) {
			for _, until := range []time.Time{until, {}} {
				etag := q.ETag(g, v, until)
				if strings.ContainsFunc(etag, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == ',' }) {
					t.Fatalf("%q needs quoting", etag)
				}
				if !q.Current(etag, g, v) {
					t.Errorf("query %d, view %d: not current at once", i, j)
				}
				for what, g := range map[string]task.Generation{"count": {Count: 42, Nonce: -7}, "nonce": {Count: 41, Nonce: 7}, "both": {}} {
					if q.Current(etag, g, v) {
						t.Errorf("query %d, view %d: current at another %s", i, j, what)
					}
				}
				for k, other := range views(t) {
					if q.Current(etag, g, other) != (k == j) {
						t.Errorf("query %d: the validator of view %d in view %d", i, j, k)
					}
				}
				for k, other := range queries(t) {
					if other.Current(etag, g, v) != (k == i) {
						t.Errorf("view %d: the validator of query %d for query %d", j, i, k)
					}
				}
				for _, d := range []time.Duration{time.Hour - time.Microsecond, time.Hour, 1000 * time.Hour} {
					later := v
					later.Now = v.Now.Add(d)
					if want := until.IsZero() || d < time.Hour; q.Current(etag, g, later) != want {
						t.Errorf("query %d, until %s: current after %s is %t", i, until, d, !want)
					}
				}
			}
		}
	}
}

func TestWhatIsNoValidatorIsNeverCurrent(t *testing.T) {
	q, g, v := task.Query{}, task.Generation{Count: 1}, task.View{Now: noon, Zone: time.UTC}
	never := q.ETag(g, v, time.Time{})
	soon := q.ETag(g, v, noon.Add(time.Hour))
	cut := strings.LastIndex(soon, "~") + 1
	for _, etag := range []string{
		"", "*", "~", "L", "~0", "1-abc", never + "0", never[:len(never)-1], "x" + never, strings.TrimPrefix(never, "L"), never[:len(never)-1] + "-0",
		soon[:cut] + "0" + soon[cut:], soon[:cut] + "+" + soon[cut:], strings.ToUpper(soon), soon + "~" + soon[cut:],
	} {
		if q.Current(etag, g, v) {
			t.Errorf("%q is current", etag)
		}
	}
}

func TestATasksValidatorChangesWithWhatIsShown(t *testing.T) {
	base := task.Task{ID: id(1), Version: 3, Due: due(t, "2026-03-10")}
	v := task.View{Now: noon, Zone: time.UTC, URL: "https://a.example"}
	seen := map[string]string{}
	for what, c := range map[string]struct {
		change func(*task.Task)
		view   func(*task.View)
	}{
		"nothing":       {},
		"the version":   {change: func(t *task.Task) { t.Version = 4 }},
		"blocked":       {change: func(t *task.Task) { t.OpenDependencies = 1 }},
		"a subtask":     {change: func(t *task.Task) { t.Subtasks.Total = 1 }},
		"a done one":    {change: func(t *task.Task) { t.Subtasks = task.Progress{Total: 1, Completed: 1} }},
		"the address":   {view: func(v *task.View) { v.URL = "https://b.example" }},
		"the day after": {view: func(v *task.View) { v.Now = noon.AddDate(0, 0, 1) }},
		"two days":      {view: func(v *task.View) { v.Now = noon.AddDate(0, 0, 2) }},
	} {
		x, v := base, v
		if c.change != nil {
			c.change(&x)
		}
		if c.view != nil {
			c.view(&v)
		}
		r := x.Render(v, task.Generation{})
		if other, ok := seen[r.ETag]; ok {
			t.Errorf("%s and %s have one validator", what, other)
		}
		seen[r.ETag] = what
		if number, _, _ := strings.Cut(r.ETag, "-"); number != fmt.Sprint(x.Version) {
			t.Errorf("%s: %q does not begin with the version", what, r.ETag)
		}
	}
	blockedMore := base
	blockedMore.OpenDependencies = 2
	one := base
	one.OpenDependencies = 1
	equal(t, "one open dependency or two, which nobody is shown", blockedMore.ETag(v), one.ETag(v))
}

func TestWhichEntityTagsMatchAVersion(t *testing.T) {
	for _, c := range []struct {
		tags []string
		want bool
	}{
		{nil, false}, {[]string{}, false}, {[]string{"*"}, true}, {[]string{"3-abc"}, true}, {[]string{"3-"}, true}, {[]string{"2-a", "3-b"}, true},
		{[]string{"3"}, false}, {[]string{"03-a"}, false}, {[]string{"+3-a"}, false}, {[]string{"30-a"}, false}, {[]string{"-3"}, false}, {[]string{"x-3"}, false}, {[]string{""}, false}, {[]string{"L~3-x"}, false},
	} {
		equal(t, fmt.Sprint(c.tags), task.Matches(3, c.tags), c.want)
	}
}

func TestAPageSaysWhereTheNextBegins(t *testing.T) {
	q := task.Query{Sort: task.SortTitle, Limit: 1}
	next := task.Position{Key: "a", ID: id(1)}
	r := task.Page{Next: next}.Render(views(t)[0], q)
	got, err := q.ParseCursor(r.Next)
	if err != nil || got != next {
		t.Errorf("%+v, %v", got, err)
	}
	equal(t, "the last page's", task.Page{}.Render(views(t)[0], q).Next, "")
	equal(t, "an empty page", string(task.Page{}.Render(views(t)[0], q).Body), "[]")
}

func TestAnAnswerThatHoldsUntilTheEpochIsStillTold(t *testing.T) {
	v := task.View{Now: time.Unix(-10, 0), Zone: time.UTC}
	if etag := (task.Query{}).ETag(task.Generation{}, v, time.Unix(-5, 0)); !(task.Query{}).Current(etag, task.Generation{}, v) {
		t.Errorf("%q is not current", etag)
	}
}
