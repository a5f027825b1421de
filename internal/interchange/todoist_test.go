package interchange_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"todo-app/internal/interchange"
	"todo-app/internal/task"
)

// words stands for the reader of dates in words, which is not this package's.
func words(text string, zone *time.Location) (due task.Due, r task.RecurrencePatch, ok bool) {
	nine := time.Date(2026, 3, 6, 9, 0, 0, 0, zone)
	switch text {
	case "tomorrow":
		return task.Due{At: nine.Truncate(24 * time.Hour), AllDay: true}, r, true
	case "every friday at 9am":
		return task.Due{At: nine.UTC()}, task.RecurrencePatch{Rule: task.Value("FREQ=WEEKLY;BYDAY=FR")}, true
	case "every! 3 days":
		return task.Due{At: nine.Truncate(24 * time.Hour), AllDay: true}, task.RecurrencePatch{Rule: task.Value("FREQ=DAILY;INTERVAL=3"), From: task.Value(task.FromCompletion)}, true
	case "nonsense rule":
		return task.Due{At: nine.UTC()}, task.RecurrencePatch{Rule: task.Value("sometimes")}, true
	}
	return due, r, false
}

func inBerlin(t tb) interchange.Options {
	return interchange.Options{Zone: zone(t, "Europe/Berlin"), Words: words}
}

func TestAProjectOfTodoists(t *testing.T) {
	golden(t, "todoist.txt", report(t, read(t, interchange.Todoist, file(t, "todoist.csv"), inBerlin(t))))
}

const columns = "TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,DATE,DATE_LANG,TIMEZONE\n"

func TestLabelsBecomeTags(t *testing.T) {
	for content, want := range map[string]brief{
		"Buy milk @Home @shop": {Title: "Buy milk", Tags: []string{"home", "shop"}},
		"@home Buy  milk":      {Title: "Buy  milk", Tags: []string{"home"}},
		"mail me@home.example": {Title: "mail me@home.example"},
		"@home":                {Title: "@home", Tags: []string{"home"}},
		"meet @ noon":          {Title: "meet @ noon"},
		"x @a @a":              {Title: "x", Tags: []string{"a"}},
		"  plain  ":            {Title: "  plain  "},
		"x @" + strings.Repeat("l", 51): {Title: "x @" + strings.Repeat("l", 51), Notes: []string{
			`/CONTENT "` + strings.Repeat("l", 51) + `" is not carried over as a tag: it must be at most 50 characters; this has 51`}},
	} {
		equal(t, content, briefly(one(t, interchange.Todoist, columns+"task,"+content, interchange.Options{})), want)
	}
	many := "x"
	for i := range 21 {
		many += fmt.Sprintf(" @l%02d", i)
	}
	r := one(t, interchange.Todoist, columns+"task,"+many, interchange.Options{})
	equal(t, "title", r.Patch.Title.Value, "x @l20")
	equal(t, "notes", notes(r), []string{`/CONTENT "l20" is not carried over: a task has at most 20 tags`})
}

func TestDatesOfTodoists(t *testing.T) {
	for row, want := range map[string]brief{
		"2026-03-01,en,":                          {Due: "2026-03-01"},
		"2026-03-01 17:00,en,":                    {Due: "2026-03-01T16:00:00Z"},
		"2026-03-01 17:00,en,America/New_York":    {Due: "2026-03-01T22:00:00Z"},
		"2026-03-01T17:00:00Z,,":                  {Due: "2026-03-01T17:00:00Z"},
		"2026-03-01 17:00,en,Mars/Base":           {Due: "2026-03-01T16:00:00Z", Notes: []string{`/TIMEZONE "Mars/Base" is no zone known here: the time is taken to be of Europe/Berlin`}},
		"2026-03-01,en,Mars/Base":                 {Due: "2026-03-01"},
		"Oct 5 2026,en,":                          {Due: "2026-10-05"},
		"5 October 2026 9:30 PM,en,":              {Due: "2026-10-05T19:30:00Z"},
		"tomorrow,en,":                            {Due: "2026-03-06"},
		"tomorrow,,":                              {Due: "2026-03-06"},
		"tomorrow,de,":                            {Notes: []string{`/DATE "tomorrow" is not carried over: it is not understood`}},
		"every friday at 9am,en,America/New_York": {Due: "2026-03-06T14:00:00Z", Rule: "FREQ=WEEKLY;BYDAY=FR"},
		"every! 3 days,en,":                       {Due: "2026-03-06", Rule: "FREQ=DAILY;INTERVAL=3"},
		"nonsense rule,en,":                       {Due: "2026-03-06T08:00:00Z", Notes: []string{`/DATE "sometimes" is not carried over: it must be daily, weekly, monthly, yearly or an RFC 5545 RRULE; "SOMETIMES" is no part of one`}},
		"whenever,en,":                            {Notes: []string{`/DATE "whenever" is not carried over: it is not understood`}},
		"1800-01-01,en,":                          {Notes: []string{`/DATE "1800-01-01" is not carried over: it is not understood`}},
		strings.Repeat("9", 50) + ",en,":          {Notes: []string{`/DATE "` + strings.Repeat("9", 50) + `" is not carried over: it is not understood`}},
	} {
		want.Title = "x"
		r := one(t, interchange.Todoist, columns+"task,x,,,,"+row, inBerlin(t))
		equal(t, row, briefly(r), want)
	}
	r := one(t, interchange.Todoist, columns+"task,x,,,,every! 3 days,en,", inBerlin(t))
	equal(t, "counted from", r.Patch.Recurrence.Value.From, task.Value(task.FromCompletion))
	r = one(t, interchange.Todoist, columns+"task,x,,,,tomorrow,en,", interchange.Options{})
	equal(t, "without anybody who reads words", notes(r), []string{`/DATE "tomorrow" is not carried over: it is not understood`})
}

func TestPrioritiesOfTodoists(t *testing.T) {
	for written, want := range map[string]brief{
		"1": {Priority: "high"}, "2": {Priority: "medium"}, "4": {Priority: "low"}, "": {},
		"3": {Priority: "low", Notes: []string{"/PRIORITY 3 becomes low, as 4 does"}},
		"5": {Notes: []string{`/PRIORITY "5" is not carried over: priorities are 1 to 4`}},
	} {
		want.Title = "x"
		equal(t, written, briefly(one(t, interchange.Todoist, columns+"task,x,,"+written, interchange.Options{})), want)
	}
}

func TestIndentedTasksArePartsOfTheOneAbove(t *testing.T) {
	records := read(t, interchange.Todoist, columns+`task,orphan,,,2
task,a,,,1
task,b,,,2
task,c,,,3
task,d,,,2
section,S
task,e,,,2
task,f,,,
task,g,,,x
task,h,,,0
`, interchange.Options{})
	title := map[string]string{}
	var tree []string
	for _, r := range records {
		title[r.Source.ID] = r.Patch.Title.Value
		tree = append(tree, fmt.Sprintf("%d %s<%s %s%s", r.Position, r.Patch.Title.Value, title[r.Parent], r.Patch.Category.Value, notes(r)))
	}
	equal(t, "tree", tree, []string{
		"2 orphan< [/INDENT is not carried over: no task stands above this one]",
		"3 a< []", "4 b<a []", "5 c<a [/INDENT was on level 3, and is now a subtask of the task on level 1 above it]", "6 d<a []",
		"8 e< s[/INDENT is not carried over: no task stands above this one]", "9 f< s[]", `10 g< s[/INDENT "x" is not carried over: it is no number of a level]`, "11 h< s[]",
	})
	equal(t, "ids", len(title), len(records))
}

func TestCommentsAreAddedToTheDescription(t *testing.T) {
	long := strings.Repeat("c", task.MaxDescription)
	records := read(t, interchange.Todoist, columns+"note,on the project\ntask,x,d\nnote,one\nnote,\nnote,"+long+"\nnote,\"two\nlines\"\ntask,y\nnote,only\n", interchange.Options{})
	equal(t, "records", len(records), 3)
	equal(t, "on the project", notes(records[0]), []string{`/CONTENT a comment on the project is not carried over: "on the project"`})
	equal(t, "description", records[1].Patch.Description.Value, "d\n\none\n\ntwo\nlines")
	equal(t, "notes", notes(records[1]), []string{" the comment in row 6 is not carried over: the description would have 20008 characters"})
	equal(t, "of the other", records[2].Patch.Description.Value, "only")
	equal(t, "its row", records[2].Position, 8)
}

func TestARowIsKnownByWhatItSaysAndHowManyEqualOnesCameBefore(t *testing.T) {
	for format, begin := range map[interchange.Format]string{interchange.Todoist: columns, interchange.CSV: "title,due,priority\n"} {
		row := map[interchange.Format]string{interchange.Todoist: "task,"}[format]
		keys := func(titles ...string) (keys []string) {
			for _, r := range read(t, format, begin+row+strings.Join(titles, "\n"+row), interchange.Options{}) {
				keys = append(keys, r.Source.Key())
			}
			return keys
		}
		a := keys("milk", "milk", "bread")
		if a[0] == a[1] || a[0] == a[2] || a[1] == a[2] {
			t.Error(format, a)
		}
		equal(t, "again", keys("milk", "milk", "bread"), a)
		mended := keys("eggs", "milk,", "bread", "butter", "milk")
		equal(t, "mended", []string{mended[1], mended[4], mended[2]}, a)
	}
}

func TestASubtaskIsKnownByWhatItIsBelowToo(t *testing.T) {
	records := read(t, interchange.Todoist, columns+"task,a,,,1\ntask,plan,,,2\ntask,b,,,1\ntask,plan,,,2\n", interchange.Options{})
	other := read(t, interchange.Todoist, columns+"task,b,,,1\ntask,plan,,,2\n", interchange.Options{})
	equal(t, "below b", other[1].Source, records[3].Source)
	if records[1].Source == records[3].Source {
		t.Error(records[1].Source)
	}
}

func TestRowsThatAreWrongDoNotEndTheReading(t *testing.T) {
	records := read(t, interchange.Todoist, columns+"task,a\ntask,b \"quoted\" c\ntask,\xff\ntsak,d\ntask,\ntask,e,,,,,,,extra\ntask,\"f", interchange.Options{})
	var all []string
	for _, r := range records {
		all = append(all, fmt.Sprintf("%d %s%s%s", r.Position, r.Patch.Title.Value, notes(r), faults(r)))
	}
	equal(t, "records", all, []string{
		"2 a[][]", `3 [][ is not valid CSV in line 3: bare " in non-quoted-field]`, "4 [][ is not valid UTF-8: save the file as UTF-8]",
		"5 [][/TYPE must be task, section, note or meta]", "6 [][/CONTENT is required, or DESCRIPTION to take it from]",
		"7 e[ has more cells than there are columns, which are not carried over][]", `8 [][ is not valid CSV in line 8: extraneous or missing " in quoted-field]`,
	})
}

func TestWhatIsNoFileOfTodoistsSaysWhy(t *testing.T) {
	for file, want := range map[string]string{
		"":                   "the file is no CSV of Todoist's: it begins with no row of column names",
		"\"":                 "the file is no CSV of Todoist's: it begins with no row of column names",
		"TYPE,DATE\n":        "the file is no CSV of Todoist's: it has no column CONTENT",
		"TYPE,CONTENT,TYPE":  "the file has the column TYPE twice",
		"T\x00Y\x00P\x00E\n": "the file is no CSV of Todoist's: it has no column TYPE",
	} {
		_, err := decode(interchange.Todoist, file, interchange.Options{})
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v", file, err)
		}
	}
}

func TestColumnsMayStandInAnyOrderAndBeApartBySemicolons(t *testing.T) {
	r := one(t, interchange.Todoist, "\xef\xbb\xbfcontent;Priority;TYPE\r\n\"a;b\";1;task\r\n", interchange.Options{})
	equal(t, "record", briefly(r), brief{Title: "a;b", Priority: "high"})
}

func TestADeadlineIsTheDueOfATaskWithoutDate(t *testing.T) {
	const columns = "TYPE,CONTENT,DATE,DEADLINE\n"
	equal(t, "alone", briefly(one(t, interchange.Todoist, columns+"task,x,,2026-03-01", interchange.Options{})),
		brief{Title: "x", Due: "2026-03-01", Notes: []string{"/DEADLINE is taken for the due date, because there is none"}})
	equal(t, "beside a date", briefly(one(t, interchange.Todoist, columns+"task,x,2026-02-01,2026-03-01", interchange.Options{})),
		brief{Title: "x", Due: "2026-02-01", Notes: []string{`/DEADLINE "2026-03-01" is not carried over`}})
	equal(t, "in words", briefly(one(t, interchange.Todoist, columns+"task,x,,soon", interchange.Options{})),
		brief{Title: "x", Notes: []string{`/DEADLINE "soon" is not carried over`}})
}
