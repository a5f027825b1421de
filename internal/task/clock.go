package task

import "time"

// clock tells what a zone's clock shows at a moment, and when it shows a time.
// Wall times are kept as if they were UTC.
type clock struct {
	zone *time.Location

	// Between these wall times the offset is the same: a long series asks for
	// each of its dates.
	from, to time.Time
	offset   time.Duration
}

// shown returns the wall time at a moment.
func (c *clock) shown(at time.Time) time.Time { return at.UTC().Add(offset(at.In(c.zone))) }

// nominal returns the earliest wall time that a moment can stand for: times
// that a spring gap skips are moved forward, past others.
func (c *clock) nominal(at time.Time) time.Time {
	shown, before := c.shown(at), at.UTC().Add(offset(at.Add(-longestGap).In(c.zone)))
	if before.Before(shown) {
		return before
	}
	return shown
}

// longestGap is how far clocks were ever moved forward: Samoa had no 30
// December 2011.
const longestGap = 24 * time.Hour

// moment returns when the clock shows a wall time, the first time if it does so
// twice. A time that it skips is moved forward by the gap, as RFC 5545 (3.3.5)
// has it for a single time, and reported as skipped.
func (c *clock) moment(wall time.Time) (at time.Time, skipped bool) {
	if wall.After(c.from) && wall.Before(c.to) {
		return wall.Add(-c.offset), false
	}
	y, m, d := wall.Date()
	local := time.Date(y, m, d, wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), c.zone)
	if off := wall.Sub(local.UTC().Add(offset(local))); off != 0 {
		if off > 0 { // package time counted by the offset after the gap
			local = local.Add(off)
		}
		return local.UTC(), true
	}
	start, end := local.ZoneBounds()
	if !start.IsZero() {
		if first := wall.Add(-offset(start.Add(-1).In(c.zone))); first.Before(start) && first.Before(local) {
			return first, false
		}
	}
	c.keep(start, end, offset(local))
	return local.UTC(), false
}

// keep notes the offset between two transitions, well away from either; zero
// means that there is none.
func (c *clock) keep(start, end time.Time, offset time.Duration) {
	const away = 2 * longestGap
	c.from, c.to, c.offset = time.Time{}, time.Date(lastYear+2, 1, 1, 0, 0, 0, 0, time.UTC), offset
	if !start.IsZero() {
		c.from = start.Add(away)
	}
	if !end.IsZero() {
		c.to = end.Add(-away)
	}
}

// offset returns how far ahead of UTC a time's own zone is.
func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}
