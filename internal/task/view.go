package task

import "time"

// View is how a caller looks at tasks: when, in which zone, and under which
// address. Everything computed rather than stored depends on it alone.
type View struct {
	Now  time.Time
	Zone *time.Location
	URL  string // what precedes a path: scheme and host, no trailing slash
}

// Today returns the caller's date, as midnight UTC of that date, the form in
// which all-day dues are kept.
func (v View) Today() time.Time { return dateOf(v.Now.In(v.Zone)) }

// dateOf returns midnight UTC of the date that t shows in its own zone.
func dateOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// StartOf returns the first moment of a date (midnight UTC of it) in the
// caller's zone, also where clocks skip midnight or pass it twice.
func (v View) StartOf(date time.Time) time.Time {
	y, m, d := date.Date()
	at := time.Date(y, m, d, 0, 0, 0, 0, v.Zone)
	start, end := at.ZoneBounds()
	if dateOf(at).Before(date) { // midnight is in a gap: the day begins where the gap ends
		return end
	}
	if start.IsZero() {
		return at
	}
	// A midnight passed twice: the earlier one, under the offset before.
	_, before := start.Add(-1).In(v.Zone).Zone()
	if early := date.Add(-time.Duration(before) * time.Second); early.Before(start) && early.Before(at) {
		return early.In(v.Zone)
	}
	return at
}

// Tomorrow returns the first moment of the caller's next day.
func (v View) Tomorrow() time.Time { return v.StartOf(v.Today().AddDate(0, 0, 1)) }

// Overdue reports whether an open task's due has passed: a moment before now,
// or a date before today.
func (t Task) Overdue(v View) bool {
	if t.Completed() || t.Due.IsZero() {
		return false
	}
	if t.Due.AllDay {
		return t.Due.At.Before(v.Today())
	}
	return t.Due.At.Before(v.Now)
}

// DaysOverdue returns how many local calendar days an overdue task is late; 0
// when it is not overdue, or only since earlier today.
func (t Task) DaysOverdue(v View) int {
	if !t.Overdue(v) {
		return 0
	}
	due := t.Due.At
	if !t.Due.AllDay {
		due = dateOf(due.In(v.Zone))
	}
	return int(v.Today().Sub(due) / (24 * time.Hour))
}

// Until returns the first moment at which the task's computed fields read
// differently without a write, or zero if they never do.
func (t Task) Until(v View) time.Time {
	switch {
	case t.Completed() || t.Due.IsZero():
		return time.Time{}
	case t.Overdue(v):
		return v.Tomorrow()
	case t.Due.AllDay:
		return v.StartOf(t.Due.At.AddDate(0, 0, 1))
	}
	return past(t.Due.At)
}

// past returns the first moment after one, at the resolution of storage.
func past(at time.Time) time.Time { return at.Add(time.Microsecond) }

// earlier returns the earlier of two moments, zero meaning never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
