package task

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Recurrence says how a task repeats. The zero Recurrence is none.
type Recurrence struct {
	Rule       string         `json:"rule"` // an RFC 5545 RRULE, or a shorthand
	From       RecurrenceFrom `json:"from"`
	SkipIfOpen bool           `json:"skip_if_open"`
}

// IsZero reports whether the task does not repeat.
func (r Recurrence) IsZero() bool { return r.Rule == "" }

// RecurrenceFrom says what the next occurrence is counted from.
type RecurrenceFrom string

// The two starting points; FromDue is the default.
const (
	FromDue        RecurrenceFrom = "due"
	FromCompletion RecurrenceFrom = "completion"
)

// shorthands are the words accepted in place of a rule.
var shorthands = []string{"daily", "weekly", "monthly", "yearly"}

// ParseRule checks a shorthand or an RRULE (RFC 5545, section 3.3.10) and
// returns its normal form: shorthands in lower case, rules in upper case
// without the "RRULE:" prefix. The error names the offending part.
func ParseRule(s string) (string, error) {
	if lower := strings.ToLower(s); slices.Contains(shorthands, lower) {
		return lower, nil
	}
	rule := strings.TrimPrefix(strings.ToUpper(s), "RRULE:")
	if len(rule) > 500 {
		return "", errors.New("must be at most 500 characters")
	}
	seen := map[string]string{}
	for part := range strings.SplitSeq(rule, ";") {
		name, value, ok := strings.Cut(part, "=")
		check := ruleParts[name]
		switch {
		case !ok || check == nil:
			return "", fmt.Errorf("must be daily, weekly, monthly, yearly or an RFC 5545 RRULE; %q is no part of one", part)
		case seen[name] != "":
			return "", fmt.Errorf("gives %s twice", name)
		case !check(value):
			return "", fmt.Errorf("has an invalid value in %q", part)
		}
		seen[name] = value
	}
	switch {
	case seen["FREQ"] == "":
		return "", errors.New("must have a FREQ part")
	case seen["COUNT"] != "" && seen["UNTIL"] != "":
		return "", errors.New("must not have both COUNT and UNTIL")
	case strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII }):
		return "", errors.New("must be in plain letters and digits")
	case misplaced(seen) != "":
		return "", fmt.Errorf("may not have %s with FREQ=%s", misplaced(seen), seen["FREQ"])
	case seen["BYSETPOS"] != "" && !strings.Contains(strings.ReplaceAll(rule, "BYSETPOS", ""), "BY"):
		return "", errors.New("may have BYSETPOS only beside another BY part")
	}
	return rule, nil
}

// misplaced returns the part that RFC 5545 forbids at the rule's frequency.
func misplaced(parts map[string]string) string {
	freq := parts["FREQ"]
	switch {
	case parts["BYWEEKNO"] != "" && freq != "YEARLY":
		return "BYWEEKNO"
	case parts["BYYEARDAY"] != "" && (freq == "DAILY" || freq == "WEEKLY" || freq == "MONTHLY"):
		return "BYYEARDAY"
	case parts["BYMONTHDAY"] != "" && freq == "WEEKLY":
		return "BYMONTHDAY"
	case strings.ContainsAny(parts["BYDAY"], "0123456789") && (freq != "MONTHLY" && freq != "YEARLY" || parts["BYWEEKNO"] != ""):
		return "a numbered BYDAY"
	}
	return ""
}

// ruleParts holds, for each part of a rule, what its value may be.
var ruleParts = map[string]func(string) bool{
	"FREQ": func(s string) bool {
		return slices.Contains([]string{"SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"}, s)
	},
	"INTERVAL":   number(1, 10_000),
	"COUNT":      number(1, 10_000),
	"UNTIL":      isUntil,
	"WKST":       isWeekday,
	"BYDAY":      each(isNthWeekday),
	"BYMONTH":    each(number(1, 12)),
	"BYMONTHDAY": each(signed(31)),
	"BYYEARDAY":  each(signed(366)),
	"BYWEEKNO":   each(signed(53)),
	"BYSETPOS":   each(signed(366)),
	"BYHOUR":     each(number(0, 23)),
	"BYMINUTE":   each(number(0, 59)),
	"BYSECOND":   each(number(0, 59)),
}

// number accepts digits, with a sign only where low is negative.
func number(low, high int) func(string) bool {
	return func(s string) bool {
		n, err := strconv.Atoi(s)
		return err == nil && low <= n && n <= high && (low < 0 || s[0] >= '0')
	}
}

// signed accepts 1 to high counted from either end.
func signed(high int) func(string) bool {
	check := number(-high, high)
	return func(s string) bool { return check(s) && strings.Trim(s, "+-0") != "" }
}

func each(check func(string) bool) func(string) bool {
	return func(s string) bool {
		for item := range strings.SplitSeq(s, ",") {
			if !check(item) {
				return false
			}
		}
		return true
	}
}

func isWeekday(s string) bool {
	return slices.Contains([]string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}, s)
}

func isNthWeekday(s string) bool {
	if len(s) < 2 {
		return false
	}
	nth, day := s[:len(s)-2], s[len(s)-2:]
	return isWeekday(day) && (nth == "" || signed(53)(nth))
}

func isUntil(s string) bool {
	for _, layout := range []string{"20060102", "20060102T150405", "20060102T150405Z"} {
		if _, err := time.Parse(layout, s); err == nil && len(s) == len(layout) { // Parse takes fractions of a second too
			return true
		}
	}
	return false
}
