package interchange

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"
)

// zoneName returns the name that a calendar gives a zone, "" for UTC, which
// needs none.
func zoneName(zone *time.Location) string {
	switch name := zone.String(); name {
	case "UTC", "Local", "":
		return ""
	default:
		return name
	}
}

// A zone is described from this year on, and by its single changes to the
// year that tzdata lists irregular ones to.
const (
	zoneFrom  = 1970
	zoneUntil = 2087
)

// change is a moment at which a zone's clocks are set.
type change struct {
	at       time.Time // in the zone's local time before the change, as if of UTC
	from, to int       // seconds east of UTC
	name     string
	daylight bool
}

// appendZone appends a VTIMEZONE (RFC 5545, section 3.6.5): how clocks stood
// at first, the changes as long as they followed no rule that still holds, and
// that rule. What they have in common is written together.
func appendZone(b []byte, zone *time.Location) []byte {
	name := zoneName(zone)
	if name == "" {
		name = "UTC"
	}
	b = appendLine(b, "BEGIN", "VTIMEZONE")
	b = appendLine(b, "TZID", name)
	all := changes(zone)
	regular := regularFrom(all)
	for _, group := range grouped(all[:regular]) {
		b = appendChange(b, group[0], dates(group)...)
	}
	for _, rule := range rules(all[regular:]) {
		b = appendChange(b, rule.first, "RRULE", rule.text)
	}
	return appendLine(b, "END", "VTIMEZONE")
}

// appendChange appends an observance, with more properties by name and value.
func appendChange(b []byte, c change, more ...string) []byte {
	kind := "STANDARD"
	if c.daylight {
		kind = "DAYLIGHT"
	}
	b = appendLine(b, "BEGIN", kind)
	b = appendLine(b, "DTSTART", c.at.Format(stampLocal))
	b = appendLine(b, "TZOFFSETFROM", offset(c.from))
	b = appendLine(b, "TZOFFSETTO", offset(c.to))
	b = appendLine(b, "TZNAME", c.name)
	for i := 0; i < len(more); i += 2 {
		b = appendLine(b, more[i], more[i+1])
	}
	return appendLine(b, "END", kind)
}

// offset writes a UTC-OFFSET, with seconds where there are some.
func offset(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	s := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		s += fmt.Sprintf("%02d", seconds%60)
	}
	return s
}

// changes lists a zone's changes, the first of them how clocks stood when
// zoneFrom began. Where a zone goes by a rule, package time also ends a stretch
// with the year, and in a leap year a day before that where it stands.
func changes(zone *time.Location) []change {
	t := time.Date(zoneFrom, 1, 1, 0, 0, 0, 0, time.UTC)
	name, at := t.In(zone).Zone()
	all := []change{{t, at, at, name, t.In(zone).IsDST()}}
	for {
		_, next := t.In(zone).ZoneBounds()
		if next.IsZero() || next.Year() > zoneUntil {
			return all
		}
		if !next.After(t) {
			t = t.Add(24 * time.Hour)
			continue
		}
		_, from := next.Add(-1).Zone()
		name, to := next.Zone()
		c := change{next.UTC().Add(time.Duration(from) * time.Second), from, to, name, next.IsDST()}
		if last := all[len(all)-1]; c.to != last.to || c.name != last.name || c.daylight != last.daylight {
			all = append(all, c)
		}
		t = next
	}
}

// grouped puts changes together that set clocks alike, in the order of the
// first of each.
func grouped(all []change) [][]change {
	var groups [][]change
	for _, c := range all {
		i := slices.IndexFunc(groups, func(g []change) bool { return alike(g[0], c) })
		if i < 0 {
			groups = append(groups, []change{c})
		} else {
			groups[i] = append(groups[i], c)
		}
	}
	return groups
}

func alike(a, b change) bool {
	return a.from == b.from && a.to == b.to && a.name == b.name && a.daylight == b.daylight
}

// dates lists several changes, each in a property and the first with them:
// ical.js reads neither a second date in one nor DTSTART beside them.
func dates(group []change) (more []string) {
	if len(group) == 1 {
		return nil
	}
	for _, c := range group {
		more = append(more, "RDATE", c.at.Format(stampLocal))
	}
	return more
}

// zoneRule is a change that comes every year.
type zoneRule struct {
	first change
	text  string
}

// rules returns the rules of changes that follow some, nil of others.
func rules(all []change) []zoneRule {
	var found []zoneRule
	for _, group := range grouped(all) {
		text := yearlyRule(group)
		if text == "" {
			return nil
		}
		found = append(found, zoneRule{group[0], text})
	}
	return found
}

// regularFrom returns where the changes begin that follow rules to the end: the
// earliest place of which all that comes after does.
func regularFrom(all []change) int {
	first := sort.Search(len(all), func(i int) bool { return i > 0 && rules(all[i:]) != nil })
	if first == len(all) || zoneUntil-all[first].at.Year() < 28 { // fewer years can fit a rule by chance
		return len(all)
	}
	return first
}

// yearlyRule returns the RRULE of a group of changes, one a year to the end at
// the same time of the same weekday of a month: the last such day, or the first
// after some day. It is "" of others.
func yearlyRule(group []change) string {
	first, low, high := group[0].at, 31, 1
	if group[len(group)-1].at.Year() < zoneUntil {
		return "" // it held once
	}
	for i, c := range group {
		at := c.at
		if at.Year() != first.Year()+i || at.Month() != first.Month() || at.Weekday() != first.Weekday() || clock(at) != clock(first) {
			return ""
		}
		low, high = min(low, at.Day()), max(high, at.Day())
	}
	rule := fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;BYDAY=", first.Month())
	day := strings.ToUpper(first.Weekday().String()[:2])
	switch {
	case isLast(group):
		return rule + "-1" + day
	case high-low > 6:
		return ""
	case low%7 == 1 && high == low+6:
		return rule + fmt.Sprint(low/7+1) + day
	}
	return rule + day + ";BYMONTHDAY=" + numbers(low, high)
}

func clock(t time.Time) time.Duration { return t.Sub(t.Truncate(24 * time.Hour)) }

// isLast reports whether all are the last such weekday of their month.
func isLast(group []change) bool {
	return !slices.ContainsFunc(group, func(c change) bool { return c.at.AddDate(0, 0, 7).Month() == c.at.Month() })
}

func numbers(low, high int) string {
	var list []string
	for n := low; n <= high; n++ {
		list = append(list, fmt.Sprint(n))
	}
	return strings.Join(list, ",")
}
