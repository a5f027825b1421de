package task

import (
	"errors"
	"regexp"
	"strings"
	"time"
)

// Reminder is when to speak up: an ISO 8601 duration before the due
// (-PT30M, -P1D), or a moment (RFC 3339). An offset sleeps while the task has
// no due. Kept in the caller's words, moments in UTC.
type Reminder string

var (
	errReminder = errors.New("must be an ISO 8601 offset before the due (-PT30M, -P1D, PT0S) or an RFC 3339 time")
	// offsetForm is RFC 5545's dur-value, whose units stop at weeks because
	// months have no fixed length.
	offsetForm = regexp.MustCompile(`^(-?)P(?:(\d{1,4})W|(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?)$`)
)

// ParseReminder reads either form. A positive offset other than zero would
// come after the due and is refused.
func ParseReminder(s string) (Reminder, error) {
	if at, err := time.Parse(time.RFC3339Nano, s); err == nil {
		if at = at.UTC(); at.Year() < 1900 || at.Year() > 9999 {
			return "", errDueRange
		}
		return Reminder(at.Truncate(time.Microsecond).Format(time.RFC3339Nano)), nil
	}
	part := offsetForm.FindStringSubmatch(s)
	if part == nil || strings.HasSuffix(s, "P") || strings.HasSuffix(s, "T") {
		return "", errReminder
	}
	if part[1] == "" && strings.Trim(s, "PTWDHMS0") != "" {
		return "", errors.New("must not come after the due: begin an offset with a minus sign")
	}
	return Reminder(s), nil
}
