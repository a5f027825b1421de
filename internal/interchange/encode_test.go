package interchange_test

import (
	"encoding/csv"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"todo-app/internal/interchange"
	"todo-app/internal/task"
)

func layout(t tb) interchange.Layout {
	return interchange.Layout{
		Zone: zone(t, "Europe/Berlin"), Name: "Tasks, mine", Refresh: time.Hour,
		Link: func(id task.ID) string { return "https://todo.example/tasks/" + id.String() },
	}
}

func TestTheWrittenFilesAreThese(t *testing.T) {
	events := layout(t)
	events.Events = true
	golden(t, "export.csv", encoded(t, interchange.CSV, interchange.Layout{}, samples(t)...))
	golden(t, "todos.ics", encoded(t, interchange.Calendar, layout(t), samples(t)...))
	golden(t, "events.ics", encoded(t, interchange.Calendar, events, samples(t)...))
	golden(t, "empty.ics", encoded(t, interchange.Calendar, interchange.Layout{}))
}

func TestALastMomentThatTheZoneHasInTheYearAfterIsWrittenInUTC(t *testing.T) {
	last := samples(t)[0]
	last.Due = task.Due{At: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)}
	last.Anchor, last.Occurrence = last.Due, last.Due
	last.Recurrence = task.Recurrence{Rule: "daily", From: task.FromDue}
	if file := encoded(t, interchange.Calendar, layout(t), last); !strings.Contains(file, "DUE:99991231T235959Z") {
		t.Error(file)
	}
}

// undo takes the apostrophe off a cell, as csvForm says that a reader does.
func undo(cell string) string { return strings.TrimPrefix(cell, "'") }

func TestACellOfCSVIsNeverAFormulaAndCanBeUndone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		made := anyTask().Draw(t, "task")
		made.Title = rapid.SampledFrom([]string{"", "=", "+", "-", "@", "\t", "\r", "\n", "＝", "'", "'=", "\"", ",", " "}).Draw(t, "begin") + made.Title
		text := encoded(t, interchange.CSV, interchange.Layout{}, made)
		// A reader that, unlike Go's, leaves line ends in cells as they are.
		rows := cells(text)
		if len(rows) != 2 || len(rows[0]) != len(rows[1]) {
			t.Fatalf("%q", rows)
		}
		for _, cell := range rows[1] {
			if cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(cell)[0]) {
				t.Errorf("a formula: %q", cell)
			}
		}
		if got := []string{undo(rows[1][1]), undo(rows[1][2]), undo(rows[1][6]), undo(rows[1][7])}; !cmp.Equal(got, []string{made.Title, made.Description, made.Category, strings.Join(made.Tags, "\n")}) {
			t.Errorf("%q", got)
		}
		if _, err := csv.NewReader(strings.NewReader(text)).ReadAll(); err != nil {
			t.Error(err)
		}
	})
}

// cells reads RFC 4180 to the letter.
func cells(s string) (rows [][]string) {
	var row []string
	for s != "" {
		var cell strings.Builder
		if quoted := strings.HasPrefix(s, `"`); quoted {
			s = s[1:]
			for {
				before, after, _ := strings.Cut(s, `"`)
				cell.WriteString(before)
				if s = after; !strings.HasPrefix(s, `"`) {
					break
				}
				cell.WriteByte('"')
				s = s[1:]
			}
		} else {
			end := strings.IndexAny(s, ",\r\n")
			cell.WriteString(s[:end])
			s = s[end:]
		}
		row = append(row, cell.String())
		if rest, ok := strings.CutPrefix(s, "\r\n"); ok {
			rows, row, s = append(rows, row), nil, rest
		} else {
			s = s[1:]
		}
	}
	return rows
}

func TestLinesOfACalendarAreFoldedWithinCharacters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		made := anyTask().Draw(t, "task")
		l := layout(t)
		l.Events = rapid.Bool().Draw(t, "events")
		file := encoded(t, interchange.Calendar, l, made)
		lines := strings.Split(file, "\r\n")
		if lines[len(lines)-1] != "" || strings.Count(file, "\n") != len(lines)-1 || strings.Count(file, "\r") != len(lines)-1 {
			t.Fatalf("line ends other than CR LF in %q", file)
		}
		for _, line := range lines {
			if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
				t.Errorf("%d octets: %q", len(line), line)
			}
		}
	})
}

// asCalendarsHave returns what of a task can be written as a to-do.
func asCalendarsHave(made task.Task) task.Task {
	second := func(t time.Time) time.Time { return t.Truncate(time.Second) }
	made.CreatedAt, made.UpdatedAt, made.CompletedAt, made.ArchivedAt = second(made.CreatedAt), second(made.UpdatedAt), second(made.CompletedAt), second(made.ArchivedAt)
	made.Due.At = second(made.Due.At)
	made.Order = 0
	return made
}

func TestAToDoIsReadBackAsItWas(t *testing.T) {
	l := layout(t)
	for _, made := range samples(t) {
		r := one(t, interchange.Calendar, encoded(t, interchange.Calendar, l, made), interchange.Options{Zone: l.Zone})
		got, want := asTask(t, r), asCalendarsHave(made)
		switch made.Title {
		case "Pay rent": // text of calendars knows fewer characters, rules no shorthands, and two tags of one name are one
			want.Description = strings.NewReplacer("\r\n", "\n", "\x01", "\ufffd").Replace(want.Description)
			want.Recurrence.Rule = "FREQ=MONTHLY;BYMONTHDAY=-1"
			want.Tags = []string{"bank", "flat, ground floor"}
		case "Standup":
			want.Recurrence.Rule = "FREQ=WEEKLY;BYDAY=MO,FR;UNTIL=20261231T225959Z"
			want.Reminders[0] = "-PT1H0M5S"
			want.Reminders[2] = "-P14D"
		case "Bins":
			want.Recurrence.Rule = "FREQ=WEEKLY;INTERVAL=2;UNTIL=20261231"
		case "Someday":
			want.Reminders = want.Reminders[1:]
		case "Taxes":
			want.Recurrence.Rule = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"
		}
		if got.Recurrence.From == "" && !want.Recurrence.IsZero() { // the default
			got.Recurrence.From = task.FromDue
		}
		var left []string
		for _, n := range notes(r) {
			if n != "/URL is not carried over" {
				left = append(left, n)
			}
		}
		equal(t, made.Title+": notes", left, nil)
		if diff := cmp.Diff(want, got, sameTask); diff != "" {
			t.Errorf("%s: - was, + is:\n%s", made.Title, diff)
		}
	}
}

func TestAnEventKeepsItsTimeOfDayThroughTheYear(t *testing.T) {
	made := samples(t)[2]
	l := layout(t)
	l.Events = true
	for name, want := range map[string]string{
		"Europe/Berlin": "DTSTART;TZID=Europe/Berlin:20260327T093000", "America/St_Johns": "DTSTART;TZID=America/St_Johns:20260327T060000", "UTC": "DTSTART:20260327T083000Z",
	} {
		l.Zone = zone(t, name)
		file := encoded(t, interchange.Calendar, l, made)
		if !strings.Contains(file, "\r\n"+want+"\r\n") || strings.Contains(file, "TZID:"+name) != (name != "UTC") {
			t.Errorf("%s:\n%s", name, file)
		}
	}
}

func TestATimeThatClocksPassTwiceIsWrittenInUTC(t *testing.T) {
	made := samples(t)[2]
	l := layout(t)
	for due, want := range map[string]string{
		"2026-10-25T00:30:00Z": "DUE;TZID=Europe/Berlin:20261025T023000", // the first half past two
		"2026-10-25T01:30:00Z": "DUE:20261025T013000Z",
		"2026-10-25T02:30:00Z": "DUE;TZID=Europe/Berlin:20261025T033000",
		"1969-10-25T02:30:00Z": "DUE:19691025T023000Z", // before what is described
	} {
		made.Due = date(t, due)
		if file := encoded(t, interchange.Calendar, l, made); !strings.Contains(file, "\r\n"+want+"\r\n") {
			t.Errorf("%s:\n%s", want, file)
		}
	}
}

func TestRulesAreWrittenAsCalendarsWantThem(t *testing.T) {
	l := layout(t)
	for _, c := range []struct{ due, rule, want string }{
		{"2026-03-01", "daily", "FREQ=DAILY"},
		{"2026-03-29", "monthly", "FREQ=MONTHLY;BYMONTHDAY=28,29;BYSETPOS=-1"},
		{"2026-03-30", "monthly", "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1"},
		{"2026-03-30T22:30:00Z", "monthly", "FREQ=MONTHLY;BYMONTHDAY=-1"}, // the 31st where clocks stand
		{"2026-03-01", "yearly", "FREQ=YEARLY"},
		{"2026-03-01", "FREQ=HOURLY", ""},
		{"2026-03-01T09:00:00Z", "FREQ=HOURLY;BYHOUR=9,10", "FREQ=HOURLY;BYHOUR=9,10"},
		{"2026-03-01", "UNTIL=20260601T120000Z;FREQ=DAILY;BYMINUTE=5", "FREQ=DAILY;UNTIL=20260601"},
		{"2026-03-01T09:00:00Z", "FREQ=DAILY;UNTIL=20260601T120000Z", "FREQ=DAILY;UNTIL=20260601T120000Z"},
		{"2026-03-01T09:00:00Z", "FREQ=DAILY;UNTIL=20260601T120000", "FREQ=DAILY;UNTIL=20260601T100000Z"},
		{"2026-03-01T09:00:00Z", "FREQ=DAILY;UNTIL=20260601", "FREQ=DAILY;UNTIL=20260601T215959Z"},
	} {
		made := samples(t)[2]
		made.Due, made.Recurrence.Rule = date(t, c.due), c.rule
		file := encoded(t, interchange.Calendar, l, made)
		_, tail, found := strings.Cut(file, "\r\nRRULE:"+c.want)
		if c.want == "" {
			if _, todo, _ := strings.Cut(file, "BEGIN:VTODO"); strings.Contains(todo, "RRULE") {
				t.Errorf("%s %s:\n%s", c.due, c.rule, file)
			}
		} else if !found || !strings.HasPrefix(tail, "\r\n") {
			t.Errorf("%s %s: no %s in\n%s", c.due, c.rule, c.want, file)
		}
	}
}

func TestEventsAreOfWhatIsDue(t *testing.T) {
	l := layout(t)
	l.Events, l.Length = true, 15*time.Minute
	file := encoded(t, interchange.Calendar, l, samples(t)...)
	equal(t, "events", strings.Count(file, "BEGIN:VEVENT"), 7)
	equal(t, "of a quarter of an hour", strings.Count(file, "DURATION:PT15M"), 4)
	equal(t, "of a day", strings.Count(file, "DURATION:P1D"), 3)
	equal(t, "rules, and the zone's two; what counts from completion has none", strings.Count(file, "\r\nRRULE:"), 4+2)
}

func TestOnlyThreeFormatsAreWritten(t *testing.T) {
	for _, f := range []interchange.Format{interchange.Legacy, interchange.Todoist, "", "xml"} {
		if _, err := interchange.NewEncoder(&strings.Builder{}, f, interchange.Layout{}); err == nil {
			t.Errorf("%q is written", f)
		}
	}
	for _, f := range []interchange.Format{interchange.CSV, interchange.Calendar} {
		var b strings.Builder
		e, err := interchange.NewEncoder(&b, f, interchange.Layout{})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(e.Settings(task.Settings{Zone: "UTC"}), e.Template(&task.Template{Name: "x"}), e.Close()); err != nil {
			t.Error(err)
		}
		equal(t, string(f)+" without settings and templates", b.String(), encoded(t, f, interchange.Layout{}))
	}
}

// full is a disk that is full, after some bytes.
type full struct{ room int }

var errFull = errors.New("the disk is full")

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestAnErrorOfTheWriterIsKept(t *testing.T) {
	made := samples(t)[0]
	for _, room := range []int{0, 100_000} {
		e, err := interchange.NewEncoder(&full{room}, interchange.JSON, interchange.Layout{})
		if err != nil {
			t.Fatal(err)
		}
		for range 1000 {
			if err = e.Task(&made); err != nil {
				break
			}
		}
		if again := e.Close(); !errors.Is(err, errFull) || !errors.Is(again, errFull) {
			t.Error(room, err, again)
		}
	}
	e, err := interchange.NewEncoder(&full{0}, interchange.JSON, interchange.Layout{})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); !errors.Is(err, errFull) {
		t.Error(err)
	}
}

func TestAFormatThatIsNotReadIsRefused(t *testing.T) {
	for _, f := range []interchange.Format{interchange.CSV, "", "xml"} {
		if _, err := decode(f, "x", interchange.Options{}); err == nil {
			t.Errorf("%q is read", f)
		}
	}
}
