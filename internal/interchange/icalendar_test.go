package interchange_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-ical"
	"pgregory.net/rapid"

	"todo-app/internal/interchange"
	"todo-app/internal/task"
)

// strictly reads a calendar with another's library, which holds the properties
// of each component to RFC 5545 when it writes it again, and holds the lines to
// what that library does not: section 3.1, and text without control characters.
func strictly(t tb, file string) *ical.Calendar {
	t.Helper()
	if !strings.HasSuffix(file, "\r\n") || !utf8.ValidString(file) {
		t.Errorf("no whole lines of UTF-8: %q", file[max(0, len(file)-80):])
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(file, "\r\n"), "\r\n") {
		if len(line) > 75 || line == "" || !utf8.ValidString(line) {
			t.Errorf("no line of 1 to 75 octets and whole characters: %q", line)
		}
		if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			t.Errorf("control characters: %q", line)
		}
	}
	c, err := ical.NewDecoder(strings.NewReader(file)).Decode()
	if err != nil {
		t.Fatalf("%v in\n%s", err, file)
	}
	if err := ical.NewEncoder(&bytes.Buffer{}).Encode(c); err != nil {
		t.Errorf("%v in\n%s", err, file)
	}
	return c
}

// shown is a text as calendars can have it.
func shown(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' || r == 0x7f {
			return utf8.RuneError
		}
		return r
	}, s)
}

func TestWhatIsWrittenIsStrictlyICalendarAndOthersReadWhatWasMeant(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		made := anyTask().Draw(t, "task")
		l := interchange.Layout{
			Zone: rapid.SampledFrom([]*time.Location{time.UTC, berlin}).Draw(t, "zone"), Events: rapid.Bool().Draw(t, "events"),
			Name: text(60).Draw(t, "name"), Refresh: time.Hour, Link: func(id task.ID) string { return "https://todo.example/tasks/" + id.String() },
		}
		if l.Events && made.Due.IsZero() {
			return // it is in no calendar of events
		}
		c := strictly(t, encoded(t, interchange.Calendar, l, made))
		kind, due := ical.CompToDo, ical.PropDue
		if l.Events {
			kind, due = ical.CompEvent, ical.PropDateTimeStart
		}
		var found []*ical.Component
		for _, child := range c.Children {
			switch child.Name {
			case kind:
				found = append(found, child)
			case ical.CompTimezone:
			default:
				t.Errorf("a %s", child.Name)
			}
		}
		if len(found) != 1 {
			t.Fatalf("%d of %s", len(found), kind)
		}
		p := found[0].Props
		for name, want := range map[string]string{ical.PropUID: made.ID.String(), ical.PropSummary: shown(made.Title), ical.PropDescription: shown(made.Description)} {
			if got, err := p.Text(name); got != want || err != nil {
				t.Errorf("%s is %q, not %q: %v", name, got, want, err)
			}
		}
		if made.Due.IsZero() {
			return
		}
		at, err := p.DateTime(due, time.UTC)
		if err != nil || !at.Equal(made.Due.At.Truncate(time.Second)) {
			t.Errorf("%s is %v, not %v: %v", due, at, made.Due, err)
		}
		if rule := p.Get(ical.PropRecurrenceRule); rule != nil {
			if _, err := p.RecurrenceRule(); err != nil || p.Get(ical.PropDateTimeStart) == nil {
				t.Errorf("%s without a beginning, or %v", rule.Value, err)
			}
		}
	})
}

func TestTheGoldenCalendarsAreStrictlyICalendar(t *testing.T) {
	for _, events := range []bool{false, true} {
		l := layout(t)
		l.Events = events
		strictly(t, encoded(t, interchange.Calendar, l, samples(t)...))
	}
}
