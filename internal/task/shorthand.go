package task

import (
	"slices"
	"strings"
	"time"
)

// withinDay reports whether a rule says at which times of a day.
func withinDay(rule string) bool {
	for _, part := range []string{"HOURLY", "MINUTELY", "SECONDLY", "BYHOUR", "BYMINUTE", "BYSECOND"} {
		if strings.Contains(rule, part) {
			return true
		}
	}
	return false
}

// explicit returns the rule as an RRULE. What is counted from completion has
// another day each time, and stays without one.
func (s Series) explicit() string {
	if strings.Contains(s.Rule, "=") {
		return s.Rule
	}
	rule := "FREQ=" + strings.ToUpper(s.Rule)
	if s.From == FromCompletion {
		return rule
	}
	return meant(rule, s.local(s.Anchor))
}

// meant completes a rule that names no day, as people mean it who begin it on
// one that not every month or year has: the last day takes its place.
func meant(rule string, day time.Time) string {
	if strings.Contains(rule, "BY") {
		return rule
	}
	switch _, m, d := day.Date(); {
	case strings.Contains(rule, "YEARLY") && m == time.February && d == 29:
		return rule + ";BYMONTH=2;BYMONTHDAY=-1"
	case !strings.Contains(rule, "MONTHLY"):
		return rule
	case d == 31:
		return rule + ";BYMONTHDAY=-1"
	case d == 30:
		return rule + ";BYMONTHDAY=28,29,30;BYSETPOS=-1"
	case d == 29:
		return rule + ";BYMONTHDAY=28,29;BYSETPOS=-1"
	}
	return rule
}

// partOf returns the value of a part of an RRULE, "" if it has none.
func partOf(rule, name string) string {
	for part := range strings.SplitSeq(rule, ";") {
		if value, ok := strings.CutPrefix(part, name+"="); ok {
			return value
		}
	}
	return ""
}

// without returns an RRULE without some of its parts.
func without(rule string, names ...string) string {
	var kept []string
	for part := range strings.SplitSeq(rule, ";") {
		name, _, _ := strings.Cut(part, "=")
		if !slices.Contains(names, name) {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, ";")
}
