package task

import (
	"iter"
	"slices"
	"time"

	"github.com/teambition/rrule-go"
)

// lastYear ends every series: no due lies after it.
const lastYear = rrule.MAXYEAR

// calendar finds the days of a rule.
//
// The days of months, weeks and years are found by rrule-go; it is asked for
// nothing else, because it cannot be stopped while it searches, multiplies the
// times of a day out before it answers, and gets these wrong (1.8.2):
// BYSETPOS in the week of DTSTART, BYWEEKNO where a week spans two years,
// plain weekdays beside numbered ones.
type calendar struct {
	rule   *rrule.RRule // explicit: nothing is left for it to take from its DTSTART
	freq   rrule.Frequency
	wkst   int // 0 for Monday
	weeks  []int
	every  int // INTERVAL
	step   int // INTERVAL as rrule-go is told: weeks of the year are numbered here
	anchor time.Time
	year   int // that the anchor's week belongs to
}

// newCalendar reads the day parts of a rule whose series begins on a day. It is
// not ok if they are not of RFC 5545, or no day can ever meet them.
func newCalendar(o rrule.ROption, anchor time.Time) (c calendar, ok bool) {
	c = calendar{freq: min(o.Freq, rrule.DAILY), wkst: o.Wkst.Day(), weeks: o.Byweekno, every: max(o.Interval, 1), anchor: anchor}
	if o.Freq > rrule.DAILY {
		c.every = 1
	}
	c.step, c.year = c.every, c.week(anchor).year
	if len(c.weeks) > 0 {
		c.step = 1
	}
	days := rrule.ROption{
		Freq: c.freq, Interval: c.step, Wkst: o.Wkst, Dtstart: anchor, Until: endless,
		Bymonth: o.Bymonth, Bymonthday: o.Bymonthday, Byyearday: o.Byyearday, Byweekday: weekdays(o),
	}
	if len(o.Bymonthday)+len(o.Byyearday)+len(o.Byweekday) == 0 {
		c.takeDay(&days)
	}
	var err error
	c.rule, err = rrule.NewRRule(days)
	return c, err == nil && (len(days.Byweekday) > 0 || len(o.Byweekday) == 0)
}

// endless keeps rrule-go from ending a series by itself, after 290 years.
var endless = time.Date(lastYear+2, 1, 1, 0, 0, 0, 0, time.UTC)

// takeDay has a rule that names no day take it from the anchor.
func (c *calendar) takeDay(days *rrule.ROption) {
	switch {
	case c.freq == rrule.WEEKLY || len(c.weeks) > 0:
		days.Byweekday = []rrule.Weekday{everyWeekday[sinceMonday(c.anchor)]}
	case c.freq == rrule.YEARLY && len(days.Bymonth) == 0:
		days.Bymonth, days.Bymonthday = []int{int(c.anchor.Month())}, []int{c.anchor.Day()}
	case c.freq <= rrule.MONTHLY:
		days.Bymonthday = []int{c.anchor.Day()}
	}
}

var everyWeekday = [...]rrule.Weekday{rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU}

func sinceMonday(day time.Time) int { return (int(day.Weekday()) + 6) % 7 }

// weekdays returns BYDAY as rrule-go understands it: where some are numbered,
// a plain day is each of its numbers, and no number is one that a month does
// not have.
func weekdays(o rrule.ROption) []rrule.Weekday {
	if !slices.ContainsFunc(o.Byweekday, func(d rrule.Weekday) bool { return d.N() != 0 }) {
		return o.Byweekday
	}
	most := 53
	if o.Freq == rrule.MONTHLY || len(o.Bymonth) > 0 {
		most = 5
	}
	var days []rrule.Weekday
	for _, d := range o.Byweekday {
		if n := d.N(); -most <= n && n <= most && n != 0 {
			days = append(days, d)
		}
		for n := 1; n <= most && d.N() == 0; n++ {
			days = append(days, d.Nth(n))
		}
	}
	return days
}

// days yields the days of the rule in order, from the beginning of the period
// that a day lies in, until there are no more. Where the rule has BYWEEKNO, has
// tells which of them it means.
func (c *calendar) days(from time.Time) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		start := c.period(from, 0)
		for last := start.Year(); start.Year() <= lastYear && start.Year()-last <= cycle*c.step; {
			found, next := c.search(start, yield)
			if start = next; found {
				last = next.Year()
			}
		}
	}
}

// has reports whether a day that days yields lies in a week that BYWEEKNO names.
func (c *calendar) has(day time.Time) bool { return len(c.weeks) == 0 || c.week(day).among(c.weeks) }

// The calendar repeats itself, weekdays included, after so long: what did not
// come in that time, or in c.step times that, never comes.
const (
	cycle        = 400 // years
	cycleSeconds = 146_097 * secondsOfDay
)

// search yields the days from the beginning of a period on, and returns whether
// there were any and where to go on, which is after the last year if nowhere.
// rrule-go searches until the year 9999, however long that takes: so it is sent
// as many cycles ahead as keep it within its last.
func (c *calendar) search(start time.Time, yield func(day time.Time) bool) (found bool, next time.Time) {
	ahead := (lastYear - start.Year()) / cycle
	c.rule.DTStart(time.Unix(start.Unix()+int64(ahead)*cycleSeconds, 0).UTC())
	days := c.rule.Iterator()
	for at, ok := days(); ok; at, ok = days() {
		day := time.Unix(at.Unix()-int64(ahead)*cycleSeconds, 0).UTC()
		if c.step < c.every {
			year := c.week(day).year
			if off := mod(year-c.year, c.every); off > 0 {
				return true, c.firstWeek(year + c.every - off)
			}
		}
		if day.Year() > lastYear || !yield(day) {
			return true, endless
		}
		found = true
	}
	newYear := time.Date(lastYear-ahead*cycle+1, 1, 1, 0, 0, 0, 0, time.UTC)
	if len(c.weeks) > 0 { // amid a week, maybe
		return found, newYear
	}
	return found, c.period(daysLater(newYear, -1), 1)
}

const secondsOfDay = 24 * 60 * 60

// period returns the first day of the period, of those that INTERVAL leaves,
// that a day lies in or after; or of the one so many periods ahead.
func (c *calendar) period(day time.Time, ahead int) time.Time {
	a := c.anchor
	floor := func(n int) int { return n - mod(n, c.every) + ahead*c.every }
	switch {
	case len(c.weeks) > 0:
		return c.firstWeek(c.year + floor(c.week(day).year-c.year))
	case c.freq == rrule.YEARLY:
		return time.Date(a.Year()+floor(day.Year()-a.Year()), 1, 1, 0, 0, 0, 0, time.UTC)
	case c.freq == rrule.MONTHLY:
		months := 12*(day.Year()-a.Year()) + int(day.Month()-a.Month())
		return time.Date(a.Year(), a.Month()+time.Month(floor(months)), 1, 0, 0, 0, 0, time.UTC)
	case c.freq == rrule.WEEKLY:
		first := c.weekOf(a)
		return daysLater(first, 7*floor(daysBetween(first, c.weekOf(day))/7))
	}
	return daysLater(a, floor(daysBetween(a, day)))
}

// key tells the periods of a rule apart: two days have the same if they lie in
// the same one.
func (c *calendar) key(day time.Time) int {
	switch {
	case len(c.weeks) > 0:
		return c.week(day).year
	case c.freq == rrule.YEARLY:
		return day.Year()
	case c.freq == rrule.MONTHLY:
		return 12*day.Year() + int(day.Month())
	}
	return daysBetween(c.anchor, c.weekOf(day))
}

// weekOf returns the first day of a day's week, which WKST tells.
func (c *calendar) weekOf(day time.Time) time.Time {
	return daysLater(day, -mod(sinceMonday(day)-c.wkst, 7))
}

// firstWeek returns the first day of week 1 of a year, which is the one with 4
// January.
func (c *calendar) firstWeek(year int) time.Time {
	return c.weekOf(time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC))
}

// yearWeek is a week by number, of the year that has most of it (ISO 8601, but
// for the day that weeks begin on).
type yearWeek struct{ year, number, last int }

func (c *calendar) week(day time.Time) yearWeek {
	middle := daysLater(c.weekOf(day), 3)
	year, on := middle.Year(), middle.YearDay()-1
	number := on/7 + 1
	last := time.Date(year, 12, 31, 0, 0, 0, 0, time.UTC).YearDay() - 1
	return yearWeek{year, number, number + (last-on)/7}
}

// among reports whether BYWEEKNO names the week, from either end.
func (w yearWeek) among(numbers []int) bool {
	return slices.Contains(numbers, w.number) || slices.Contains(numbers, w.number-w.last-1)
}

func daysBetween(a, b time.Time) int { return int((b.Unix() - a.Unix()) / secondsOfDay) }

func daysLater(day time.Time, n int) time.Time {
	return time.Unix(day.Unix()+int64(n)*secondsOfDay, 0).UTC()
}

// mod returns the remainder that is not negative.
func mod(a, b int) int { return ((a % b) + b) % b }
