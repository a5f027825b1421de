package quickadd

import (
	"fmt"
	"strings"
	"time"
)

// rule is how often something repeats, as far as the language can say.
type rule struct {
	frequency frequency
	interval  int
	month     time.Month // of the year; 0 for any
	monthDays uint32     // bit n is the nth of the month, and its last day where it has fewer
	days      weekdays
	nth       []int // which of those days in the month, from 1, or last
	part      clock
	completed bool // counted from completion
}

type frequency string

const (
	minutely frequency = "MINUTELY"
	hourly   frequency = "HOURLY"
	daily    frequency = "DAILY"
	weekly   frequency = "WEEKLY"
	monthly  frequency = "MONTHLY"
	yearly   frequency = "YEARLY"
)

// shorthand returns the contract's word for a rule, empty if it has none.
func (r rule) shorthand() string {
	if r.byClock() || r.interval > 1 || r.month != 0 || r.monthDays != 0 || r.days != 0 {
		return ""
	}
	return strings.ToLower(string(r.frequency))
}

// last is the place of the last day of its kind.
const last = -1

// weekdays is a set of them, by bit.
type weekdays uint8

const workdays weekdays = 1<<time.Monday | 1<<time.Tuesday | 1<<time.Wednesday | 1<<time.Thursday | 1<<time.Friday

// byClock reports whether a rule repeats within a day, so that it needs a time to
// start from.
func (r rule) byClock() bool { return r.frequency == hourly || r.frequency == minutely }

// step is the time between two occurrences of a rule by the clock.
func (r rule) step() time.Duration {
	if r.frequency == hourly {
		return time.Duration(r.interval) * time.Hour
	}
	return time.Duration(r.interval) * time.Minute
}

// first returns the first day from a day on that a rule names. Every rule has
// one within forty years: a fifth monday of February comes no more rarely.
func (r rule) first(day time.Time) time.Time {
	for !r.names(day) {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

func (r rule) names(day time.Time) bool {
	y, m, d := day.Date()
	length := date(y, m+1, 0).Day()
	switch {
	case r.month != 0 && m != r.month:
		return false
	case r.monthDays != 0:
		return r.monthDays>>d&1 != 0 || d == length && r.monthDays>>d != 0
	case r.days == 0:
		return true
	case r.days>>day.Weekday()&1 == 0:
		return false
	}
	for _, n := range r.nth {
		if n == last && r.count(day.AddDate(0, 0, 1), length-d) == 0 || n == r.count(date(y, m, 1), d) {
			return true
		}
	}
	return len(r.nth) == 0
}

// count returns how many of the rule's weekdays are among n days.
func (r rule) count(day time.Time, n int) int {
	found := 0
	for i := range n {
		found += int(r.days >> (int(day.Weekday()+time.Weekday(i)) % 7) & 1)
	}
	return found
}

// anchored returns the rule as it is meant for a series that begins on a day:
// where a rule names no day, that day is meant, and the last of months that
// have fewer.
func (r rule) anchored(day time.Time) rule {
	_, m, d := day.Date()
	switch {
	case d < 29 || r.days != 0 || r.monthDays != 0:
	case r.frequency == monthly:
		r.monthDays = 1 << d
	case r.frequency == yearly && m == time.February:
		r.month, r.monthDays = m, 1<<d
	}
	return r
}

// String returns the rule as an RRULE (RFC 5545, section 3.3.10).
func (r rule) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "FREQ=%s", r.frequency)
	if r.interval > 1 {
		fmt.Fprintf(&b, ";INTERVAL=%d", r.interval)
	}
	if r.month != 0 {
		fmt.Fprintf(&b, ";BYMONTH=%d", r.month)
	}
	if r.monthDays != 0 {
		b.WriteString(r.byMonthDays())
	}
	if r.days != 0 {
		b.WriteString(r.byDays())
	}
	return b.String()
}

// byMonthDays writes days of the month. What the 29th and 30th are in shorter
// months takes BYSETPOS: of the days from the 28th on, the last that there is.
func (r rule) byMonthDays() string {
	var days, places []string
	for d := 1; d <= 28; d++ {
		if r.monthDays>>d&1 != 0 {
			days = append(days, fmt.Sprint(d))
			places = append(places, fmt.Sprint(len(days)))
		}
	}
	moving := false
	switch {
	case r.monthDays>>31 != 0:
		days = append(days, "-1")
	case r.monthDays>>29 != 0:
		moving = true
		if r.monthDays>>28&1 != 0 { // it is one of the days already
			days = days[:len(days)-1]
		}
		days = append(days, "28", "29")
		if r.monthDays>>30 != 0 {
			days = append(days, "30")
		}
	}
	text := ";BYMONTHDAY=" + strings.Join(days, ",")
	if moving {
		text += ";BYSETPOS=" + strings.Join(append(places, "-1"), ",")
	}
	return text
}

func (r rule) byDays() string {
	var days, places []string
	for i := range 7 {
		day := time.Weekday(i+1) % 7 // Monday first
		if r.days>>day&1 == 0 {
			continue
		}
		name := strings.ToUpper(day.String()[:2])
		if len(r.nth) == 0 || r.days == workdays {
			days = append(days, name)
		}
		for _, n := range r.nth {
			if r.days == workdays {
				continue
			}
			days = append(days, fmt.Sprint(n)+name)
		}
	}
	text := ";BYDAY=" + strings.Join(days, ",")
	if r.days == workdays && len(r.nth) != 0 {
		for _, n := range r.nth {
			places = append(places, fmt.Sprint(n))
		}
		text += ";BYSETPOS=" + strings.Join(places, ",")
	}
	return text
}
