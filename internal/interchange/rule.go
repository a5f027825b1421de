package interchange

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"todo-app/internal/task"
)

// expand returns the RRULE of one of the shorthands daily, weekly, monthly and
// yearly, with what stands behind FREQ. A month or year without such a day has
// its turn on the last day it has instead, as people mean it; the RRULE that
// says so needs to know the day.
func expand(shorthand, parts string, due task.Due, zone *time.Location) string {
	at := due.At
	if !due.AllDay {
		at = at.In(zone)
	}
	rule := "FREQ=" + strings.ToUpper(shorthand) + parts
	switch day := at.Day(); {
	case shorthand == "yearly" && day == 29 && at.Month() == time.February:
		return rule + ";BYMONTH=2;BYMONTHDAY=-1"
	case shorthand != "monthly" || day <= 28:
		return rule
	case day == 29:
		return rule + ";BYMONTHDAY=28,29;BYSETPOS=-1"
	case day == 30:
		return rule + ";BYMONTHDAY=28,29,30;BYSETPOS=-1"
	}
	return rule + ";BYMONTHDAY=-1"
}

// calendarRule returns a task's rule as RFC 5545 wants it beside its DTSTART:
// FREQ first, because older readers insist, UNTIL a date for a date and in UTC
// for a moment, and no hours in what has none. It is "" if there is no such
// rule.
func calendarRule(t *task.Task, zone *time.Location) string {
	rule := t.Recurrence.Rule
	if !strings.Contains(rule, "=") {
		if rule == "" {
			return ""
		}
		return expand(rule, "", t.Due, zone)
	}
	var parts []string
	for part := range strings.SplitSeq(rule, ";") {
		name, value, _ := strings.Cut(part, "=")
		clock := slices.Contains([]string{"BYHOUR", "BYMINUTE", "BYSECOND"}, name)
		switch {
		case name == "FREQ" && t.Due.AllDay && slices.Contains([]string{"HOURLY", "MINUTELY", "SECONDLY"}, value):
			return ""
		case name == "FREQ":
			parts = slices.Insert(parts, 0, part)
		case name == "UNTIL":
			parts = append(parts, "UNTIL="+until(value, t.Due.AllDay, zone))
		case !clock || !t.Due.AllDay:
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ";")
}

// until returns the last moment of a rule in the form that its DTSTART asks
// for. A date includes its day.
func until(value string, allDay bool, zone *time.Location) string {
	date, clock, timed := strings.Cut(value, "T")
	switch {
	case allDay:
		return date
	case !timed:
		clock = "235959"
	case strings.HasSuffix(clock, "Z"):
		return value
	}
	at, err := time.ParseInLocation(stampLocal, date+"T"+clock, zone)
	if err != nil {
		return value
	}
	return at.UTC().Format(stampUTC)
}

// The forms of a DATE-TIME, and of a DATE (RFC 5545, sections 3.3.4 and 3.3.5).
const (
	stampUTC   = "20060102T150405Z"
	stampLocal = "20060102T150405"
	stampDate  = "20060102"
)

// duration is RFC 5545's (section 3.3.6): days are of the calendar, the rest
// is of the clock.
type duration struct {
	days  int64
	clock time.Duration
}

// parseDuration reads a duration of less than some hundred years.
func parseDuration(s string) (d duration, ok bool) {
	sign := int64(1)
	if rest, minus := strings.CutPrefix(s, "-"); minus {
		sign, s = -1, rest
	} else {
		s = strings.TrimPrefix(s, "+")
	}
	s, ok = strings.CutPrefix(s, "P")
	day, clock, _ := strings.Cut(s, "T")
	if !ok || s == "" || strings.HasSuffix(s, "T") {
		return d, false
	}
	for _, unit := range []struct {
		in   *string
		name byte
		days int64
		time time.Duration
	}{{&day, 'W', 7, 0}, {&day, 'D', 1, 0}, {&clock, 'H', 0, time.Hour}, {&clock, 'M', 0, time.Minute}, {&clock, 'S', 0, time.Second}} {
		n := amount(unit.in, unit.name)
		d.days += sign * n * unit.days
		d.clock += time.Duration(sign*n) * unit.time
	}
	return d, day == "" && clock == ""
}

// amount cuts a number of at most six digits and its unit off the beginning of
// s; there may be none.
func amount(s *string, unit byte) (n int64) {
	digits := len(*s) - len(strings.TrimLeft(*s, "0123456789"))
	if digits == 0 || digits > 6 || digits == len(*s) || (*s)[digits] != unit {
		return 0
	}
	for _, c := range (*s)[:digits] {
		n = 10*n + int64(c-'0')
	}
	*s = (*s)[digits+1:]
	return n
}

// String writes the duration as the grammar has it, in which minutes may not
// be left out between hours and seconds.
func (d duration) String() string {
	if d.days <= 0 && d.clock <= 0 && (d.days < 0 || d.clock < 0) {
		return "-" + duration{-d.days, -d.clock}.String()
	}
	s := "P"
	if d.days != 0 {
		s += fmt.Sprintf("%dD", d.days)
	}
	if d.clock == 0 && d.days != 0 {
		return s
	}
	h, m, sec := d.clock/time.Hour, d.clock/time.Minute%60, d.clock/time.Second%60
	s += "T"
	if h > 0 {
		s += fmt.Sprintf("%dH", h)
	}
	if m > 0 || h > 0 && sec > 0 {
		s += fmt.Sprintf("%dM", m)
	}
	if sec > 0 || h == 0 && m == 0 {
		s += fmt.Sprintf("%dS", sec)
	}
	return s
}

// before returns the time from one moment back to an earlier one, days as such
// where it is a number of them.
func before(later, earlier time.Time) duration {
	gap := earlier.Sub(later)
	if gap%(24*time.Hour) == 0 {
		return duration{days: int64(gap / (24 * time.Hour))}
	}
	return duration{clock: gap}
}
