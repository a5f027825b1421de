package task

import (
	"iter"
	"time"

	"github.com/teambition/rrule-go"
)

// dates yields the dates of the series after another, in order, until there are
// no more or patience ends.
func (s Series) dates(after Due, left *patience) iter.Seq[Due] {
	return func(yield func(Due) bool) {
		after, last := s.alike(after), s.Anchor
		if after.At.Before(last.At) && !yield(last) {
			return
		}
		p, ok := s.plan()
		if !ok {
			return
		}
		p.patience = left
		from := p.start
		if p.count == 0 && after.At.After(last.At) { // nothing to count: begin there
			last, from = after, p.earliest(after)
		}
		n := 1
		for wall := range p.walls(from) {
			d, ok := p.due(wall)
			if !ok || !d.At.After(last.At) {
				continue
			}
			if p.over(wall, d) || n == p.count {
				return
			}
			n, last = n+1, d
			if d.At.After(after.At) && !yield(d) {
				return
			}
		}
	}
}

// plan is a series made ready to be walked along.
type plan struct {
	*schedule
	clock
	allDay   bool
	fraction time.Duration // of a second, of each of its moments
	count    int           // COUNT, 0 for none
	until    time.Time     // UNTIL, zero for none
	absolute bool          // until is a moment, not a wall time
}

// plan reads the rule. It is not ok if the series has nothing but its anchor.
func (s Series) plan() (*plan, bool) {
	o, err := rrule.StrToROption(s.explicit())
	if err != nil || s.Anchor.AllDay && withinDay(s.Rule) {
		return nil, false
	}
	start := s.local(s.Anchor)
	p := &plan{clock: clock{zone: s.Zone}, allDay: s.Anchor.AllDay, count: o.Count, until: o.Until}
	p.fraction = time.Duration(start.Nanosecond())
	switch len(partOf(s.Rule, "UNTIL")) {
	case len("20060102"): // through that day
		p.until = p.until.AddDate(0, 0, 1).Add(-time.Second)
	case len("20060102T150405Z"):
		p.absolute = !p.allDay
		if p.allDay && !p.until.Equal(dateOf(p.until)) { // midnight in UTC is how many programs write a date
			p.until = p.shown(p.until)
		}
	}
	var ok bool
	p.schedule, ok = newSchedule(*o, start.Add(-p.fraction))
	return p, ok
}

// due returns the date for a wall time; not ok where the rule leaves it out.
func (p *plan) due(wall time.Time) (d Due, ok bool) {
	if p.allDay {
		return Due{At: wall, AllDay: true}, true
	}
	at, skipped := p.clock.moment(wall.Add(p.fraction))
	return Due{At: at}, !skipped || p.unit == secondsOfDay
}

// over reports whether a date comes after the end of the series.
func (p *plan) over(wall time.Time, d Due) bool {
	if p.absolute {
		wall = d.At.Truncate(time.Second)
	}
	return d.At.Year() > lastYear || !p.until.IsZero() && wall.After(p.until)
}

// earliest returns a wall time before which no date after a due can be found.
func (p *plan) earliest(d Due) time.Time {
	if p.allDay {
		return d.At
	}
	return p.nominal(d.At).Truncate(time.Second)
}
