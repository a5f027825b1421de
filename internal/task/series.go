package task

import (
	"errors"
	"strconv"
	"time"
)

// Series is the dates on which a recurring task is due: first its anchor, then
// those that the rule gives after it. COUNT counts all of them, UNTIL and
// INTERVAL count from the anchor too. The dates are all days or all moments,
// as the anchor is.
//
// Moments keep the wall-clock time that the anchor has in the zone. A time that
// clocks skip in spring is moved forward by the gap, or left out of rules for
// each hour, minute or second; one that they show twice is the first. Where a
// time moved meets or passes the next one, one date is left of the two.
//
// Every search is bounded: a series also ends with the year 9999, and where its
// next date would take more than some milliseconds to find.
type Series struct {
	Recurrence // as Recurrence.Anchored returns it
	Anchor     Due
	Zone       *time.Location
}

// Anchored begins a series at a due, in the form in which it is stored: a
// shorthand becomes the RRULE that does what is meant by it from there. The
// error says why the rule cannot be followed from this due.
func (r Recurrence) Anchored(due Due, zone *time.Location) (Series, error) {
	left := much
	return r.anchored(due, zone, &left)
}

// anchored searches no longer than Anchored does, and not at all if nothing is
// left for it.
func (r Recurrence) anchored(due Due, zone *time.Location, left *patience) (Series, error) {
	s := Series{r, due, zone}
	s.Rule = s.explicit()
	p, ok := s.plan()
	switch {
	case due.AllDay && withinDay(s.Rule):
		return Series{}, errors.New("repeats at times of day: the due must have one too")
	case ok && p.over(p.start, due):
		return Series{}, errors.New("must not have an UNTIL before the due")
	}
	endless := s
	endless.Rule = without(s.Rule, "COUNT", "UNTIL")
	if *left <= 0 {
		return Series{}, errImpatient
	}
	mine := min(much, *left)
	*left -= mine
	_, ok = endless.next(due, &mine)
	*left += max(mine, 0)
	if !ok {
		return Series{}, errors.New("gives no date after the due")
	}
	return s, nil
}

// errImpatient says of a rule that it was not looked at.
var errImpatient = errors.New("would take too long to follow beside the others: send the task by itself")

// next returns the first date of the series after another, which need not be
// one of it; not ok if there is none.
func (s Series) next(after Due, left *patience) (next Due, ok bool) {
	for d := range s.dates(after, left) {
		return d, true
	}
	return Due{}, false
}

// nextSince returns the first date that is after another and after now, which
// for days is after today.
func (s Series) nextSince(after Due, now time.Time, left *patience) (next Due, ok bool) {
	if after, now := s.alike(after), s.alike(Due{At: now}); now.At.After(after.At) {
		return s.next(now, left)
	}
	return s.next(after, left)
}

// occurrences returns the first n dates of the series after another, fewer if
// it ends.
func (s Series) occurrences(after Due, n int, left *patience) []Due {
	dates := []Due{}
	if n < 1 {
		return dates
	}
	for d := range s.dates(after, left) {
		if dates = append(dates, d); len(dates) == n {
			break
		}
	}
	return dates
}

// follow returns the date that follows an occurrence which is completed, or
// skipped, at a moment, and the series that it belongs to; not ok if it was the
// last. The occurrence is the date that the series gave, wherever the task's
// own due was moved since.
//
// Counted from due the series stays as it is. Counted from completion another
// one begins with the next date, with one fewer to COUNT.
func (s Series) follow(occurrence Due, at time.Time, left *patience) (next Series, due Due, ok bool) {
	s.Rule = s.explicit()
	switch {
	case s.From == FromCompletion:
		next, ok = s.restarted(at, left)
		return next, next.Anchor, ok
	case s.SkipIfOpen:
		due, ok = s.nextSince(occurrence, at, left)
	default:
		due, ok = s.next(occurrence, left)
	}
	if !ok {
		return Series{}, Due{}, false
	}
	return s, due, true
}

// restarted returns the series that begins with what follows a completion: the
// first date that the rule gives after it when it is counted from that day, at
// the anchor's time of day. Hours, minutes and seconds are counted from the
// moment itself.
func (s Series) restarted(at time.Time, left *patience) (next Series, ok bool) {
	count := partOf(s.Rule, "COUNT")
	if count == "1" {
		return Series{}, false
	}
	from := s
	from.Anchor = s.sameTime(at)
	from.Rule = meant(without(s.Rule, "COUNT"), from.local(from.Anchor))
	next = s
	if next.Anchor, ok = from.nextSince(from.Anchor, at, left); !ok {
		return Series{}, false
	}
	if n, err := strconv.Atoi(count); err == nil {
		next.Rule = without(s.Rule, "COUNT") + ";COUNT=" + strconv.Itoa(n-1)
	}
	return next, true
}

// sameTime returns the day that a moment falls on, at the anchor's time of day.
func (s Series) sameTime(at time.Time) Due {
	p, ok := s.plan()
	c := clock{zone: s.Zone}
	switch day := dateOf(c.shown(at)); {
	case s.Anchor.AllDay:
		return Due{At: day, AllDay: true}
	case ok && p.unit < secondsOfDay:
		return Due{At: at.UTC().Truncate(time.Second)}
	default:
		anchor := c.shown(s.Anchor.At)
		moment, _ := c.moment(day.Add(anchor.Sub(dateOf(anchor))))
		return Due{At: moment}
	}
}

// Projected returns the next n dates of a task with an occurrence, as far as
// they can be told: as if it were completed now, or when it is due if that is
// later, and each that follows when it is due.
func (s Series) Projected(occurrence Due, now time.Time, n int) []Due {
	left := much
	next, due, ok := s.follow(occurrence, s.later(now, occurrence), &left)
	if !ok || n < 1 {
		return []Due{}
	}
	if s.From != FromCompletion {
		return append([]Due{due}, s.occurrences(due, n-1, &left)...)
	}
	dates := []Due{due}
	for len(dates) < n {
		if next, due, ok = next.follow(due, s.later(now, due), &left); !ok {
			break
		}
		dates = append(dates, due)
	}
	return dates
}

// later returns the later of a moment and a due, which if it is a day begins in
// the series' zone.
func (s Series) later(at time.Time, due Due) time.Time {
	if due.AllDay {
		due.At, _ = (&clock{zone: s.Zone}).moment(due.At)
	}
	if due.At.After(at) {
		return due.At
	}
	return at
}

// local returns what a calendar shows in the series' zone when something is
// due.
func (s Series) local(d Due) time.Time {
	if d.AllDay {
		return d.At
	}
	return (&clock{zone: s.Zone}).shown(d.At)
}

// alike returns a due as a day if the anchor is one, and as a moment if it is
// one.
func (s Series) alike(d Due) Due {
	switch {
	case d.AllDay == s.Anchor.AllDay:
		return d
	case d.AllDay:
		return Due{At: s.later(time.Time{}, d)}
	}
	return Due{At: dateOf(s.local(d)), AllDay: true}
}
