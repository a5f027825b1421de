package task

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// Reminder is when to speak up: an ISO 8601 duration before the due
// (-PT30M, -P1D), or a moment (RFC 3339). An offset sleeps while the task has
// no due. Kept in the caller's words, moments in UTC.
type Reminder string

var errReminder = errors.New("must be an ISO 8601 offset before the due (-PT30M, -P1D, PT0S) or an RFC 3339 time")

// ParseReminder reads either form. A positive offset other than zero would
// come after the due and is refused.
func ParseReminder(s string) (Reminder, error) {
	if at, err := parseTime(s); err == nil {
		if at = at.UTC(); at.Year() < 1900 || at.Year() > 9999 {
			return "", errDueRange
		}
		return Reminder(at.Truncate(time.Microsecond).Format(time.RFC3339Nano)), nil
	}
	before, isBefore := strings.CutPrefix(s, "-")
	if !isOffset(before) {
		return "", errReminder
	}
	if !isBefore && strings.Trim(s, "PTWDHMS0") != "" {
		return "", errors.New("must not come after the due: begin an offset with a minus sign")
	}
	return Reminder(s), nil
}

// isOffset reports whether s is a duration as in RFC 5545's dur-value, whose
// units stop at weeks because months have no fixed length: PnW, or days, hours,
// minutes and seconds in this order, each at most once, those of the clock
// behind a T.
func isOffset(s string) bool {
	rest, ok := strings.CutPrefix(s, "P")
	if !ok {
		return false
	}
	if weeks, ok := amount(rest, 'W', 4); ok {
		return weeks == ""
	}
	day, hasDay := amount(rest, 'D', 5)
	clock, hasClock := strings.CutPrefix(day, "T")
	if !hasClock {
		return hasDay && day == ""
	}
	parts := 0
	for _, unit := range "HMS" {
		if after, ok := amount(clock, byte(unit), 6); ok {
			clock, parts = after, parts+1
		}
	}
	return parts > 0 && clock == ""
}

// amount cuts a number of at most most digits and its unit off s; ok is false,
// and rest is s, if it does not begin so.
func amount(s string, unit byte, most int) (rest string, ok bool) {
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	if digits == 0 || digits > most || digits == len(s) || s[digits] != unit {
		return s, false
	}
	return s[digits+1:], true
}

// relative reports whether the reminder is counted from the due.
func (r Reminder) relative() bool { return strings.Contains(string(r), "P") }

// lead returns by how many days, and how much more, an offset comes before the
// due.
func (r Reminder) lead() (days int, more time.Duration) {
	n := 0
	for _, c := range []byte(r) {
		switch c {
		case 'W':
			days += 7 * n
		case 'D':
			days += n
		case 'H':
			more += time.Duration(n) * time.Hour
		case 'M':
			more += time.Duration(n) * time.Minute
		case 'S':
			more += time.Duration(n) * time.Second
		}
		if n = 10*n + int(c-'0'); c > '9' || c < '0' {
			n = 0
		}
	}
	return days, more
}

// Alarm is a moment at which a reminder of a task is due.
type Alarm struct {
	At       time.Time // UTC
	Reminder Reminder
}

// Alarms returns when the task's reminders are due for an owner in a zone, in
// order; none while the task is done or put away. Days before the due are the
// zone's, at the same time of day; what comes before a whole day is counted
// from its first moment.
func (t Task) Alarms(zone *time.Location) []Alarm {
	if t.State() != Pending {
		return nil
	}
	var alarms []Alarm
	for _, r := range t.Reminders {
		if at, ok := r.moment(t.Due, zone); ok {
			alarms = append(alarms, Alarm{at, r})
		}
	}
	slices.SortFunc(alarms, func(a, b Alarm) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(string(a.Reminder), string(b.Reminder))
	})
	return slices.Compact(alarms)
}

// moment returns when the reminder is due; not ok for an offset without a due.
func (r Reminder) moment(due Due, zone *time.Location) (at time.Time, ok bool) {
	if !r.relative() {
		at, err := parseTime(string(r))
		return at.UTC(), err == nil
	}
	days, more := r.lead()
	switch {
	case due.IsZero():
		return time.Time{}, false
	case due.AllDay:
		at = View{Zone: zone}.StartOf(due.At.AddDate(0, 0, -days))
	case days == 0:
		at = due.At
	default:
		c := clock{zone: zone}
		at, _ = c.moment(c.shown(due.At).AddDate(0, 0, -days))
	}
	return at.Add(-more).UTC(), true
}
