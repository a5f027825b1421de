package task

import (
	"errors"
	"strings"
	"time"
)

// Due is when a task should be done: a moment, or a whole day in whatever zone
// it is looked at from. The zero Due is none.
type Due struct {
	At     time.Time // UTC; an all-day due stands at 00:00 of its date
	AllDay bool
}

// IsZero reports whether no due is set.
func (d Due) IsZero() bool { return d.At.IsZero() }

// Equal reports whether both say the same.
func (d Due) Equal(other Due) bool { return d.AllDay == other.AllDay && d.At.Equal(other.At) }

// String returns YYYY-MM-DD, an RFC 3339 time in UTC, or "" for none.
func (d Due) String() string {
	switch {
	case d.IsZero():
		return ""
	case d.AllDay:
		return d.At.Format(time.DateOnly)
	}
	return d.At.Format(time.RFC3339Nano)
}

var (
	errDue      = errors.New("must be a date (YYYY-MM-DD) or an RFC 3339 time with a zone (2026-03-01T09:00:00Z)")
	errDueRange = errors.New("must lie in the years 1900 to 9999")
)

// ParseDue reads what String writes, and any zone offset. Moments are kept to
// the microsecond, the resolution of storage.
func ParseDue(s string) (Due, error) {
	d := Due{AllDay: len(s) == len(time.DateOnly)}
	parse := parseTime
	if d.AllDay {
		parse = func(s string) (time.Time, error) { return time.Parse(time.DateOnly, s) }
	}
	at, err := parse(s)
	if err != nil {
		return Due{}, errDue
	}
	d.At = at.UTC().Truncate(time.Microsecond)
	if d.At.Year() < 1900 || d.At.Year() > 9999 {
		return Due{}, errDueRange
	}
	return d, nil
}

// parseTime reads RFC 3339 and nothing looser: package time also takes hours
// of one digit, a comma before the fraction, and offsets of a day and more.
func parseTime(s string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || len(s) < len("2006-01-02T15:04:05Z") || s[13] != ':' || strings.Contains(s, ",") {
		return time.Time{}, errDue
	}
	if offset := s[len(s)-5:]; s[len(s)-1] != 'Z' && (offset[:2] > "23" || offset[3:] > "59") {
		return time.Time{}, errDue
	}
	return at, nil
}
