package interchange_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"todo-app/internal/interchange"
	"todo-app/internal/task"
)

// todo is a calendar of one VTODO with some lines.
func todo(lines ...string) string {
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTODO\r\nUID:u1\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
}

func TestACalendarOfOthers(t *testing.T) {
	golden(t, "calendar.txt", report(t, read(t, interchange.Calendar, file(t, "calendar.ics"), interchange.Options{Zone: zone(t, "Europe/Berlin")})))
}

func TestLinesAreUnfoldedAndTextsUnescaped(t *testing.T) {
	for lines, want := range map[string]string{
		"SUMMARY:a b":                          "a b",
		"SUMMARY:a\r\n  b":                     "a b",
		"SUMMARY:a\n\tb":                       "ab",
		"SUMMARY:\xc3\r\n \xa9":                "é",
		`SUMMARY:a\, b\; c\\ d\: e\" f`:        `a, b; c\ d: e" f`,
		`SUMMARY:C:\temp\x`:                    `C:\temp\x`,
		`SUMMARY:end\`:                         `end\`,
		"SUMMARY;LANGUAGE=de:x":                "x",
		`SUMMARY;ALTREP="cid:a;b,c":x`:         "x",
		`summary;X-A=1,"2;3",4;X-B="a^'b":x:y`: "x:y",
		"SUMMARY:x\r\n\r\n":                    "x",
	} {
		r := one(t, interchange.Calendar, todo(lines), interchange.Options{})
		equal(t, lines, briefly(r), brief{Title: want})
	}
	r := one(t, interchange.Calendar, todo(`SUMMARY:one\ntwo`, `DESCRIPTION:d\Ne`), interchange.Options{})
	equal(t, "a title of two lines", briefly(r), brief{Title: "one", Description: "one\ntwo\n\nd\ne"})
}

func TestTimesOfCalendars(t *testing.T) {
	for due, want := range map[string]brief{
		"DUE;VALUE=DATE:20260301":                                              {Due: "2026-03-01"},
		"DUE:20260301":                                                         {Due: "2026-03-01"},
		"DUE:20260301T090000Z":                                                 {Due: "2026-03-01T09:00:00Z"},
		"DUE:20260301T090000":                                                  {Due: "2026-03-01T08:00:00Z"},
		"DUE;TZID=America/New_York:20260701T090000":                            {Due: "2026-07-01T13:00:00Z"},
		`DUE;TZID="America/New_York":20260701T090000`:                          {Due: "2026-07-01T13:00:00Z"},
		"DUE;TZID=/example.org/2005/Asia/Tokyo:20260701T090000":                {Due: "2026-07-01T00:00:00Z"},
		"DUE;TZID=Romance Standard Time:20260701T090000":                       {Due: "2026-07-01T07:00:00Z", Notes: []string{`/DUE "Romance Standard Time" is no zone known here: the time is taken to be of Europe/Berlin`}},
		"DUE:2026-03-01":                                                       {Notes: []string{`/DUE "2026-03-01" is not carried over: it is no date or time of iCalendar's`}},
		"DUE:20260301T090000.5Z":                                               {Notes: []string{`/DUE "20260301T090000.5Z" is not carried over: it is no date or time of iCalendar's`}},
		"DUE:20260230":                                                         {Notes: []string{`/DUE "20260230" is not carried over: it is no date or time of iCalendar's`}},
		"DUE:18000101":                                                         {Notes: []string{`/DUE "18000101" is not carried over: it must lie in the years 1900 to 9999`}},
		"DTSTART:20260301T090000Z":                                             {Notes: []string{"/DTSTART is not carried over: tasks have no start"}},
		"DTSTART:20260301T090000Z\r\nDURATION:P1DT1H":                          {Due: "2026-03-02T10:00:00Z", Notes: []string{"/DTSTART is not carried over: tasks have no start"}},
		"DTSTART;VALUE=DATE:20260301\r\nDURATION:P1W":                          {Due: "2026-03-08", Notes: []string{"/DTSTART is not carried over: tasks have no start"}},
		"DTSTART;VALUE=DATE:20260301\r\nDURATION:PT1H":                         {Notes: []string{`/DURATION "PT1H" is not carried over: it is no duration that fits its start`, "/DTSTART is not carried over: tasks have no start"}},
		"DTSTART:20260301T090000Z\r\nRRULE:FREQ=DAILY":                         {Due: "2026-03-01T09:00:00Z", Rule: "FREQ=DAILY", Notes: []string{"/DTSTART is taken for the due date, because there is none to repeat from"}},
		"DTSTART:20260301T090000Z\r\nDUE:20260301T090000Z\r\nRRULE:FREQ=DAILY": {Due: "2026-03-01T09:00:00Z", Rule: "FREQ=DAILY"},
		"DTSTART:20260301T090000Z\r\nDUE:20260302T090000Z":                     {Due: "2026-03-02T09:00:00Z", Notes: []string{"/DTSTART is not carried over: tasks have no start"}},
		"RRULE:FREQ=DAILY":                                                     {Notes: []string{"/RRULE is not carried over: there is no due date to repeat from"}},
		"DUE:20260301\r\nRRULE:FREQ=OFTEN":                                     {Due: "2026-03-01", Notes: []string{`/RRULE "FREQ=OFTEN" is not carried over: it has an invalid value in "FREQ=OFTEN"`}},
		"DUE:20260301\r\nRRULE:FREQ=DAILY\r\nRRULE:FREQ=WEEKLY\r\nEXDATE:20260302": {Due: "2026-03-01", Rule: "FREQ=DAILY", Notes: []string{
			"/RRULE is given more than once, and carried over once", "/EXDATE is not carried over"}},
	} {
		want.Title = "x"
		r := one(t, interchange.Calendar, todo("SUMMARY:x", due), interchange.Options{Zone: zone(t, "Europe/Berlin")})
		equal(t, due, briefly(r), want)
	}
}

func TestWhetherAToDoIsDone(t *testing.T) {
	done := at(t, "2026-03-01T09:00:00Z")
	for lines, want := range map[string]struct {
		completed, archived bool
		at                  time.Time
		notes               []string
	}{
		"STATUS:NEEDS-ACTION": {},
		"STATUS:COMPLETED\r\nCOMPLETED:20260301T090000Z\r\nPERCENT-COMPLETE:100": {completed: true, at: done},
		"status:completed":                                  {completed: true},
		"COMPLETED:20260301T090000Z":                        {completed: true, at: done},
		"PERCENT-COMPLETE:100":                              {completed: true},
		"PERCENT-COMPLETE:0":                                {},
		"PERCENT-COMPLETE:40\r\nSTATUS:IN-PROCESS":          {notes: []string{`/STATUS "IN-PROCESS" becomes open`, `/PERCENT-COMPLETE "40" is not carried over`}},
		"STATUS:NEEDS-ACTION\r\nCOMPLETED:20260301T090000Z": {notes: []string{"/COMPLETED is not carried over, because the task is open"}},
		"STATUS:CANCELLED":                                  {archived: true, notes: []string{"/STATUS CANCELLED becomes archived"}},
	} {
		r := one(t, interchange.Calendar, todo("SUMMARY:x", lines), interchange.Options{})
		equal(t, lines+": completed", r.Patch.Completed.Value, want.completed)
		equal(t, lines+": archived", r.Patch.Archived.Value, want.archived)
		equal(t, lines+": at", r.CompletedAt, want.at)
		equal(t, lines+": notes", notes(r), want.notes)
	}
}

func TestPrioritiesOfCalendars(t *testing.T) {
	for written, want := range map[string]brief{
		"0": {}, "1": {Priority: "high"}, "5": {Priority: "medium"}, "9": {Priority: "low"},
		"4": {Priority: "high", Notes: []string{"/PRIORITY 4 becomes high"}}, "6": {Priority: "low", Notes: []string{"/PRIORITY 6 becomes low"}},
		"10": {Notes: []string{`/PRIORITY "10" is not carried over: priorities are 0 to 9`}},
	} {
		want.Title = "x"
		equal(t, written, briefly(one(t, interchange.Calendar, todo("SUMMARY:x", "PRIORITY:"+written), interchange.Options{})), want)
	}
}

func TestCategoriesAreTags(t *testing.T) {
	r := one(t, interchange.Calendar, todo("SUMMARY:x", `CATEGORIES:Home,a\,b`, "CATEGORIES:work,,home", "X-TODO-APP-CATEGORY:Work"), interchange.Options{})
	equal(t, "record", briefly(r), brief{Title: "x", Category: "work", Tags: []string{"a,b", "home"}})
	r = one(t, interchange.Calendar, todo("SUMMARY:x", "CATEGORIES:"+series(1, 150)), interchange.Options{})
	equal(t, "tags", len(r.Patch.Tags.Value), task.MaxTags)
	equal(t, "notes, with the rest in one", len(r.Notes), 51)
}

func TestRelationsOfToDos(t *testing.T) {
	r := one(t, interchange.Calendar, todo("SUMMARY:x", "RELATED-TO:p", "RELATED-TO;RELTYPE=PARENT:q", "RELATED-TO;RELTYPE=DEPENDS-ON:d", "RELATED-TO;RELTYPE=depends-on:e e",
		"RELATED-TO;RELTYPE=SIBLING:s", "RELATED-TO;RELTYPE=DEPENDS-ON:u1"), interchange.Options{})
	equal(t, "parent", r.Parent, "p")
	equal(t, "depends on", len(r.DependsOn), 2)
	equal(t, "notes", notes(r), []string{
		"/RELATED-TO is not carried over: a task has one parent", "/RELATED-TO SIBLING is not carried over", "/RELATED-TO is not carried over: it is the task itself"})
	itself := one(t, interchange.Calendar, todo("SUMMARY:x", "RELATED-TO:u1"), interchange.Options{})
	equal(t, "of itself", []string{itself.Parent, itself.Notes[0].Detail}, []string{"", "is not carried over: it is the task itself"})
}

func TestAlarmsAreReminders(t *testing.T) {
	alarm := func(trigger string) string { return "BEGIN:VALARM\r\nACTION:DISPLAY\r\n" + trigger + "\r\nEND:VALARM" }
	for lines, want := range map[string][]task.Reminder{
		"DUE:20260301T090000Z\r\n" + alarm("TRIGGER:-PT30M"):                                          {"-PT30M"},
		"DUE:20260301T090000Z\r\n" + alarm("TRIGGER;RELATED=END:-P1D"):                                {"-P1D"},
		"DUE:20260301T090000Z\r\n" + alarm("TRIGGER:-P1W") + "\r\n" + alarm("TRIGGER:-P7D"):           {"-P7D"},
		"DUE:20260301T090000Z\r\n" + alarm("TRIGGER:PT0S"):                                            {"PT0S"},
		"DUE:20260301T090000Z\r\n" + alarm("TRIGGER;VALUE=DATE-TIME:20260228T080000Z"):                {"2026-02-28T08:00:00Z"},
		"DTSTART:20260228T090000Z\r\nDUE:20260301T090000Z\r\n" + alarm("TRIGGER:-PT1H"):               {"-P1DT1H"},
		"DTSTART:20260301T080000Z\r\nDUE:20260301T090000Z\r\n" + alarm("TRIGGER;RELATED=START:-PT1H"): {"-PT2H"},
		"DTSTART:20260228T090000Z\r\nDUE:20260301T090000Z\r\n" + alarm("TRIGGER;RELATED=END:-PT1H"):   {"-PT1H"},
		"DTSTART:20260228T090000Z\r\nDURATION:P1D\r\n" + alarm("TRIGGER:PT0S"):                        {"-P1D"},
		alarm("TRIGGER:-PT15M"):                                {"-PT15M"},
		"DUE:20260301T090000Z\r\n" + alarm("TRIGGER:PT5M"):     nil,
		"DUE:20260301T090000Z\r\n" + alarm("TRIGGER:soon"):     nil,
		"DUE:20260301T090000Z\r\n" + alarm("TRIGGER:20260301"): nil,
	} {
		r := one(t, interchange.Calendar, todo("SUMMARY:x", lines), interchange.Options{})
		equal(t, lines, r.Patch.Reminders.Value, want)
		if want == nil && (len(r.Notes) != 1 || r.Notes[0].Pointer != "/VALARM/TRIGGER") {
			t.Errorf("%s: %v", lines, r.Notes)
		}
	}
	many := []string{"SUMMARY:x", "DUE:20260301T090000Z"}
	for i := range 60 {
		many = append(many, alarm(fmt.Sprintf("TRIGGER:-PT%dM", i+1)))
	}
	r := one(t, interchange.Calendar, todo(many...), interchange.Options{})
	equal(t, "reminders", len(r.Patch.Reminders.Value), task.MaxReminders)
	equal(t, "notes", len(r.Notes), 50)
	r = one(t, interchange.Calendar, todo("SUMMARY:x", "BEGIN:VALARM", "ACTION:EMAIL", "REPEAT:3", "TRIGGER:-PT1M", "END:VALARM", "BEGIN:X-PART", "BEGIN:X-PART", "END:X-PART", "END:X-PART"), interchange.Options{})
	equal(t, "notes", notes(r), []string{"/VALARM/ACTION becomes an ordinary reminder", "/VALARM/REPEAT is not carried over", "/X-PART is not carried over"})
}

func TestWhatIsWrongWithAToDo(t *testing.T) {
	for lines, want := range map[string]string{
		"DUE:20260301":       "/SUMMARY is required, or DESCRIPTION to take it from",
		"SUMMARY:x\r\nnoise": `  has no property in line 6: "noise"`[1:],
		"SUMMARY:\xff":       " is not valid UTF-8 before the end of line 5",
		"SUMMARY:x\r\nDESCRIPTION:" + strings.Repeat("d", task.MaxDescription+1): "/DESCRIPTION must be at most 20000 characters; this has 20001",
		"SUMMARY:x\r\nRECURRENCE-ID:20260301":                                    "/RECURRENCE-ID is not understood: one occurrence cannot differ from the others",
	} {
		r := one(t, interchange.Calendar, todo(lines), interchange.Options{})
		equal(t, lines, faults(r)[:1], []string{want})
	}
}

// What a file calls its things is shown to people, on terminals too.
func TestNamesOfAFileGiveAScreenNoOrders(t *testing.T) {
	for _, r := range []interchange.Record{
		one(t, interchange.JSON, "[{\"title\":\"x\",\"a\\u001b[2J\\u009b\\u202e\\u200b\":1}]", interchange.Options{}),
		one(t, interchange.Legacy, "[{\"description\":\"x\",\"a\\u001b[2J\\u009b\\u202e\\u200b\":1}]", interchange.Options{}),
	} {
		if got := r.Notes[0].Pointer; got != `/a\x1b[2J\u009b\u202e\u200b` {
			t.Errorf("%q", got)
		}
	}
}

func TestAChangeBeforeTheCreationIsTakenForIt(t *testing.T) {
	r := one(t, interchange.Calendar, todo("SUMMARY:x", "CREATED:20260301T090000Z", "LAST-MODIFIED:20260228T090000Z"), interchange.Options{})
	equal(t, "notes", notes(r), []string{"/LAST-MODIFIED is before it was created: it is taken to have been changed then"})
	equal(t, "changed", r.UpdatedAt, r.CreatedAt)
	r = one(t, interchange.JSON, `{"format":"todo-app","templates":[{"name":"t","created_at":"2026-03-01T09:00:00Z","updated_at":"2026-02-28T09:00:00Z","task":{"title":"x"}}]}`, interchange.Options{})
	equal(t, "notes", notes(r), []string{"/updated_at is before it was created: it is taken to have been changed then"})
	equal(t, "changed", r.UpdatedAt, r.CreatedAt)
}

func TestALineThatIsNoPropertyIsAFault(t *testing.T) {
	for _, line := range []string{"A", ":x", "A;B", "A;B:x", "A;B=x", `A;B="x:y`, `A;B="c"x:y`, `A;B="c"x=y:z`, "A;B=c;:x", "A B:x", "A;B=c,", "A_B:x"} {
		r := one(t, interchange.Calendar, todo("SUMMARY:x", line), interchange.Options{})
		if len(r.Faults) != 1 || !strings.HasPrefix(r.Faults[0].Detail, "has no property in line 6: ") {
			t.Errorf("%s: %v", line, r.Faults)
		}
	}
}

func TestAToDoWithoutIDIsKnownByItsContent(t *testing.T) {
	key := func(summary string) string {
		file := "BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:" + summary + "\nEND:VTODO\nEND:VCALENDAR"
		return one(t, interchange.Calendar, file, interchange.Options{}).Source.Key()
	}
	if x, again, y := key("x"), key("x"), key("y"); x != again || x == y {
		t.Error(x, again, y)
	}
	long := one(t, interchange.Calendar, strings.Replace(todo("SUMMARY:x"), "u1", strings.Repeat("u ", 500), 1), interchange.Options{})
	if len(long.Source.ID) > 128 || strings.Contains(long.Source.Key(), " ") {
		t.Error(long.Source)
	}
}

func TestWhatIsNoToDoIsReported(t *testing.T) {
	records := read(t, interchange.Calendar, "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:x\nBEGIN:STANDARD\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nSUMMARY:x\nBEGIN:VALARM\nEND:VALARM\nEND:VEVENT\nBEGIN:vjournal\nEND:vjournal\nEND:VCALENDAR\n"+
		"BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:y\nEND:VTODO\nEND:VCALENDAR\n", interchange.Options{})
	var all []string
	for _, r := range records {
		all = append(all, fmt.Sprintf("%d %s %s%s", r.Position, r.Kind, r.Patch.Title.Value, notes(r)))
	}
	equal(t, "records", all, []string{"1 other [ an event is not carried over: only to-dos are]", "2 other [ VJOURNAL is not carried over: only to-dos are]", "3 task y[]"})
}

func TestWhatIsNoCalendarSaysWhy(t *testing.T) {
	const begin = "BEGIN:VCALENDAR\nVERSION:2.0\n"
	for file, want := range map[string]string{
		"":                                    "the file is not iCalendar: it should begin with BEGIN:VCALENDAR",
		"x":                                   "the file is not iCalendar: it should begin with BEGIN:VCALENDAR",
		"BEGIN:VTODO\n":                       "the file is not iCalendar: it should begin with BEGIN:VCALENDAR",
		begin:                                 "the file, at record 1, ends too early",
		begin + "BEGIN:VTODO\nSUMMARY:x\n":    "the file, at record 1, ends too early",
		begin + "BEGIN:VTODO\nBEGIN:VALARM\n": "the file, at record 1, ends too early",
		begin + "BEGIN:VEVENT\nBEGIN:VALARM\nEND:VALARM\n": "the file, at record 1, ends too early",
		begin + "BEGIN:VTODO\nEND:VEVENT\n":                "the file, at record 1, ends something else than it began: END:VEVENT",
		begin + "BEGIN:VTODO\nBEGIN:VALARM\nEND:VTODO\n":   "the file, at record 1, has an alarm that does not end: END:VTODO",
		begin + "END:VTODO\n":                              "the file, at record 1, ends something that has not begun: END:VTODO",
		"BEGIN:VCALENDAR\nVERSION:1.0\n":                   "the file is of iCalendar version 1.0, and this service reads 2.0",
		begin + "END:VCALENDAR\nrest":                      "the file is not iCalendar: it should begin with BEGIN:VCALENDAR",
	} {
		_, err := decode(interchange.Calendar, file, interchange.Options{})
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v", file, err)
		}
		fileError(t, err)
	}
}
