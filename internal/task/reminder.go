package task

import (
	"errors"
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
