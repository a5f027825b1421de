package task

import (
	"iter"
	"math/bits"
	"slices"
	"time"

	"github.com/teambition/rrule-go"
)

// schedule finds the wall times of a rule: on the days of its calendar, the
// times of day, or those that a period shorter than a day comes to.
type schedule struct {
	calendar
	start     time.Time // wall time of the anchor, in whole seconds
	unit      int       // seconds of a period, at most a day
	interval  int       // between periods shorter than a day
	times     []int     // seconds after a period's beginning, or a day's
	positions []int     // BYSETPOS, where periods are longer than a day

	// Which hours, minutes and seconds a period may begin with, by bit; none
	// for any.
	hours, minutes, seconds uint64

	patience *patience
}

// patience bounds how far a request walks along schedules, to a few
// milliseconds: all that anybody wants ends before, and a rule of seconds, say,
// that meets a certain day once in centuries ends there.
type patience int

const (
	much     = patience(400_000)
	muchMore = 20 * much // for a request of many tasks, whose owner's others wait for it
	perFound = 16        // for rrule-go to return a day
	perTime  = 5
)

// perDay is what rrule-go takes to pass by a day.
var perDay = [...]int{rrule.YEARLY: 1, rrule.MONTHLY: 2, rrule.WEEKLY: 2, rrule.DAILY: 6}

// units are the seconds of each frequency's periods from DAILY on.
var units = map[rrule.Frequency]int{rrule.HOURLY: 60 * 60, rrule.MINUTELY: 60, rrule.SECONDLY: 1}

// newSchedule reads a rule whose series begins at a wall time; to walk along it
// takes patience, which is not there yet. It is not ok if
// it is not of RFC 5545, or no time can ever meet it.
func newSchedule(o rrule.ROption, start time.Time) (s *schedule, ok bool) {
	s = &schedule{start: start, unit: secondsOfDay, interval: max(o.Interval, 1)}
	if s.calendar, ok = newCalendar(o, dateOf(start)); !ok {
		return nil, false
	}
	if unit, shorter := units[o.Freq]; shorter {
		s.unit = unit
	}
	hours := s.within(60*60, o.Byhour, start.Hour(), &s.hours)
	minutes := s.within(60, o.Byminute, start.Minute(), &s.minutes)
	seconds := s.within(1, o.Bysecond, start.Second(), &s.seconds)
	for _, h := range hours {
		for _, m := range minutes {
			for _, sec := range seconds {
				s.times = append(s.times, (h*60+m)*60+sec)
			}
		}
	}
	if o.Freq < rrule.DAILY {
		s.positions = o.Bysetpos
	} else if len(o.Bysetpos) > 0 {
		all := s.times
		s.times = nil
		for _, i := range chosen(o.Bysetpos, len(all)) {
			s.times = append(s.times, all[i])
		}
	}
	return s, len(s.times) > 0 && s.reachable()
}

// reachable reports whether INTERVAL ever comes to a period within a day that
// the limits allow.
func (s *schedule) reachable() bool {
	if s.unit == secondsOfDay {
		return true
	}
	step := gcd(s.interval*s.unit, secondsOfDay)
	first := mod(int(s.start.Unix()), step)
	first -= first % s.unit
	for at := first; at < secondsOfDay; {
		begins := s.allowed(at)
		begins += mod(first-begins, step)
		if begins == at {
			return true
		}
		at = begins
	}
	return false
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// within returns the values, in order, that a part whose value counts so many
// seconds has within each period: those it names, or that of the anchor. Where
// the period is no longer than that, the part limits which periods there are.
func (s *schedule) within(seconds int, named []int, anchor int, limit *uint64) []int {
	if seconds < s.unit && len(named) == 0 {
		return []int{anchor}
	}
	if seconds < s.unit {
		named = slices.Clone(named)
		slices.Sort(named)
		return slices.Compact(named)
	}
	for _, n := range named {
		*limit |= 1 << n
	}
	return []int{0}
}

// chosen returns which of n things, counted from 0, BYSETPOS names, in order.
func chosen(positions []int, n int) []int {
	var indexes []int
	for _, p := range positions {
		if p < 0 {
			p += n + 1
		}
		if 1 <= p && p <= n {
			indexes = append(indexes, p-1)
		}
	}
	slices.Sort(indexes)
	return slices.Compact(indexes)
}

// walls yields the wall times of the rule from one on, in order, until there
// are no more or patience ends.
func (s *schedule) walls(from time.Time) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		timely := func(day time.Time, after int) bool {
			wall := time.Unix(day.Unix()+int64(after), 0).UTC()
			return wall.Before(from) || s.patience.spend(perTime) && yield(wall)
		}
		switch {
		case s.unit < secondsOfDay:
			s.eachPeriod(from, timely)
		case len(s.positions) > 0:
			s.eachPosition(from, timely)
		default:
			s.eachDay(from, timely)
		}
	}
}

// spend uses patience up, and reports whether some is left.
func (p *patience) spend(cost int) bool {
	*p -= patience(cost)
	return *p > 0
}

// found yields the days of the rule, from the beginning of a day's period on.
func (s *schedule) found(from time.Time) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		seen := from
		for day := range s.days(from) {
			passed := max(0, daysBetween(seen, day)) / s.step
			if seen = day; !s.patience.spend(perFound+passed*perDay[s.freq]) || s.has(day) && !yield(day) {
				return
			}
		}
	}
}

// eachDay yields the times of each day.
func (s *schedule) eachDay(from time.Time, yield func(day time.Time, after int) bool) {
	today := dateOf(from)
	for day := range s.found(from) {
		if day.Before(today) {
			continue
		}
		for _, t := range s.times {
			if !yield(day, t) {
				return
			}
		}
	}
}

// eachPosition yields the times that BYSETPOS names of each period.
func (s *schedule) eachPosition(from time.Time, yield func(day time.Time, after int) bool) {
	var period []time.Time
	end := func() bool {
		for _, i := range chosen(s.positions, len(period)*len(s.times)) {
			if !yield(period[i/len(s.times)], s.times[i%len(s.times)]) {
				return false
			}
		}
		return true
	}
	for day := range s.found(from) {
		if len(period) > 0 && s.key(day) != s.key(period[0]) {
			if !end() {
				return
			}
			period = period[:0]
		}
		period = append(period, day)
	}
	end()
}

// eachPeriod yields the times of periods shorter than a day.
func (s *schedule) eachPeriod(from time.Time, yield func(day time.Time, after int) bool) {
	for day := range s.found(from) {
		first := max(0, int(from.Unix()-day.Unix()))
		for at := s.next(day, first-first%s.unit); at < secondsOfDay; at = s.next(day, at+s.unit) {
			for _, t := range s.times {
				if !yield(day, at+t) {
					return
				}
			}
		}
	}
}

// next returns the second of a day at which the first period from one on
// begins, a whole day if none does.
func (s *schedule) next(day time.Time, at int) int {
	for at < secondsOfDay && s.patience.spend(1) {
		begins := s.counted(day, s.allowed(at))
		if begins == at {
			return at
		}
		at = begins
	}
	return secondsOfDay
}

// allowed returns the earliest second of a day from one on that the limits may
// allow, and that second itself if they do.
func (s *schedule) allowed(at int) int {
	h, m, sec := at/3600, at/60%60, at%60
	if n := following(s.hours, h); n > h {
		return n * 3600
	}
	if n := following(s.minutes, m); n > m {
		return h*3600 + min(n, 60)*60
	}
	return at - sec + min(following(s.seconds, sec), 60)
}

// following returns the first of the numbers from n on that bits name, or more
// than any of them.
func following(named uint64, n int) int {
	if named == 0 {
		return n
	}
	return n + bits.TrailingZeros64(named>>n)
}

// counted returns the earliest second of a day from one on with which INTERVAL
// lets a period begin.
func (s *schedule) counted(day time.Time, at int) int {
	began := int(s.start.Unix())
	began -= mod(began, s.unit)
	return at + s.unit*mod((began-int(day.Unix())-at)/s.unit, s.interval)
}
