package interchange

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"todo-app/internal/task"
)

// record makes of all the lines what they are together.
func (t *todo) record() Record {
	t.identify()
	t.headline(t.props["SUMMARY"].text(), t.props["DESCRIPTION"].text())
	t.state()
	t.setPriority()
	t.setDue()
	t.repeat()
	if p, ok := t.props[propCategory]; ok {
		t.category("/"+propCategory, p.text())
	}
	for _, name := range t.categories {
		if p := t.Patch.Category; !p.Set || !strings.EqualFold(p.Value, name) {
			t.tag("/CATEGORIES", name)
		}
	}
	for _, p := range t.alarms {
		t.alarm(p)
	}
	return t.finish(calendarPointers)
}

// calendarPointers say what a to-do has for the fields of a task.
var calendarPointers = map[string]string{
	"/title": "/SUMMARY", "/description": "/DESCRIPTION", "/due": "/DUE", "/recurrence": "/RRULE", "/recurrence/rule": "/RRULE",
	"/parent_id": "/RELATED-TO", "/depends_on": "/RELATED-TO", "/created_at": "/CREATED", "/updated_at": "/LAST-MODIFIED",
	"/completed_at": "/COMPLETED", "/archived_at": "/" + propArchived,
}

func (t *todo) identify() {
	if t.Source.ID = sourceID(strings.TrimSpace(t.props["UID"].text())); t.Source.ID == "" {
		t.Source.ID = t.hash
	}
	if p, ok := t.props["RECURRENCE-ID"]; ok {
		t.fault("/RECURRENCE-ID", errors.New("is not understood: one occurrence cannot differ from the others"))
		t.Source.Created = digest([]byte(p.value))
		return
	}
	t.CreatedAt = t.stamp("CREATED")
	t.UpdatedAt = t.stamp("LAST-MODIFIED")
	if !t.CreatedAt.IsZero() {
		t.Source.Created = t.CreatedAt.Format(time.RFC3339)
	}
	t.Version, _ = strconv.ParseInt(t.props["SEQUENCE"].value, 10, 64)
	t.unrelate()
}

// unrelate drops relations to itself, which had no id when they were read.
func (t *todo) unrelate() {
	own := slices.Index(t.DependsOn, t.Source.ID)
	if own >= 0 {
		t.DependsOn = slices.Delete(t.DependsOn, own, own+1)
	}
	if t.Parent == t.Source.ID {
		t.Parent, own = "", 0
	}
	if own >= 0 {
		t.note("/RELATED-TO", "is not carried over: it is the task itself")
	}
}

// stamp reads a moment; one that is none costs the moment, not the task.
func (t *todo) stamp(name string) time.Time { return t.date(name).At }

// date reads a date or a moment in the same way.
func (t *todo) date(name string) task.Due {
	p, ok := t.props[name]
	if !ok {
		return task.Due{}
	}
	due, err := t.moment(p)
	if err != nil {
		t.note("/"+name, "%s is not carried over: it %v", quote(p.value), err)
	}
	return due
}

var errStamp = errors.New("is no date or time of iCalendar's")

// moment reads a DATE or a DATE-TIME, which is one of the zone that it names,
// or of everybody's.
func (t *todo) moment(p property) (task.Due, error) {
	s := strings.TrimSpace(p.value)
	if len(s) == len(stampDate) {
		at, err := time.Parse(stampDate, s)
		if err != nil {
			return task.Due{}, errStamp
		}
		return task.ParseDue(at.Format(time.DateOnly))
	}
	layout, zone := stampLocal, t.options.Zone
	if strings.HasSuffix(s, "Z") {
		layout, zone = stampUTC, time.UTC
	} else if name := p.params["TZID"]; name != "" {
		zone = t.zone(p.name, name)
	}
	at, err := time.ParseInLocation(layout, s, zone)
	if err != nil || len(s) != len(layout) { // package time also reads fractions
		return task.Due{}, errStamp
	}
	return dueAt(at)
}

// zone finds a zone by an IANA name, or one with something before it, as some
// programs write.
func (t *todo) zone(property, name string) *time.Location {
	rest := strings.TrimPrefix(name, "/")
	for range 8 {
		if zone, ok := t.load(rest); ok {
			return zone
		}
		_, after, ok := strings.Cut(rest, "/")
		if !ok {
			break
		}
		rest = after
	}
	t.note("/"+property, "%s is no zone known here: the time is taken to be of %s", quote(name), t.options.Zone)
	return t.options.Zone
}

// state reads whether the to-do is done, or put away.
func (t *todo) state() {
	status, percent := strings.ToUpper(strings.TrimSpace(t.props["STATUS"].value)), strings.TrimSpace(t.props["PERCENT-COMPLETE"].value)
	at := t.stamp("COMPLETED")
	done := status == "COMPLETED" || status == "" && (!at.IsZero() || percent == "100")
	t.Patch.Completed = task.Value(done)
	switch {
	case done:
		t.CompletedAt = at
	case !at.IsZero():
		t.note("/COMPLETED", "is not carried over, because the task is open")
	}
	switch status {
	case "", "COMPLETED", "NEEDS-ACTION":
	case "CANCELLED":
		t.note("/STATUS", "CANCELLED becomes archived")
		t.Patch.Archived = task.Value(true)
	default:
		t.note("/STATUS", "%s becomes open", quote(status))
	}
	if percent != "" && percent != "0" && !(done && percent == "100") {
		t.note("/PERCENT-COMPLETE", "%s is not carried over", quote(percent))
	}
	if _, ok := t.props[propArchived]; ok {
		t.Patch.Archived = task.Value(true)
		t.ArchivedAt = t.stamp(propArchived)
	}
}

// setPriority reads 1 to 9 as RFC 5545 divides it by three.
func (t *todo) setPriority() {
	p, ok := t.props["PRIORITY"]
	if !ok {
		return
	}
	n, err := strconv.Atoi(strings.TrimSpace(p.value))
	word := task.Medium
	switch {
	case err != nil || n < 0 || n > 9:
		t.note("/PRIORITY", "%s is not carried over: priorities are 0 to 9", quote(p.value))
		return
	case n == 0: // none
		return
	case n < 5:
		word = task.High
	case n > 5:
		word = task.Low
	}
	if n != 1 && n != 5 && n != 9 {
		t.note("/PRIORITY", "%d becomes %s", n, word)
	}
	t.Patch.Priority = task.Value(word)
}

// setDue reads the due, which may be said as a start and how long it takes.
func (t *todo) setDue() {
	t.due, t.start = t.date("DUE"), t.date("DTSTART")
	long, hasLength := t.props["DURATION"]
	_, hasDue := t.props["DUE"]
	_, repeats := t.props["RRULE"]
	switch {
	case hasDue || t.start.IsZero():
	case hasLength:
		var err error
		if t.due, err = after(t.start, long.value); err != nil {
			t.note("/DURATION", "%s is not carried over: it %v", quote(long.value), err)
		}
	case repeats:
		t.note("/DTSTART", "is taken for the due date, because there is none to repeat from")
		t.due = t.start
	}
	if !t.due.IsZero() {
		t.Patch.Due = task.Value(t.due)
	}
	if !t.start.IsZero() && !t.start.Equal(t.due) {
		t.note("/DTSTART", "is not carried over: tasks have no start")
	}
}

// after returns the due that lies a duration after another.
func after(d task.Due, length string) (task.Due, error) {
	long, ok := parseDuration(strings.TrimSpace(length))
	if !ok || d.AllDay && long.clock != 0 {
		return task.Due{}, errors.New("is no duration that fits its start")
	}
	at := d.At.AddDate(0, 0, int(long.days)).Add(long.clock)
	if d.AllDay {
		return task.ParseDue(at.Format(time.DateOnly))
	}
	return dueAt(at)
}

// repeat reads the rule, and what we say of it beside it.
func (t *todo) repeat() {
	p, ok := t.props["RRULE"]
	if !ok {
		return
	}
	if t.recur("/RRULE", p.value); !t.Patch.Recurrence.Set {
		return
	}
	r := &t.Patch.Recurrence.Value
	if t.props[propFrom].is("COMPLETION") {
		r.From = task.Value(task.FromCompletion)
	}
	if t.props[propSkip].is("TRUE") {
		r.SkipIfOpen = task.Value(true)
	}
}

// alarm makes a trigger a reminder: a moment, or an offset before the due,
// which is what END is and START may have to be counted from.
func (t *todo) alarm(p property) {
	offset, ok := parseDuration(strings.ToUpper(strings.TrimSpace(p.value)))
	if !ok {
		t.remindAt(p)
		return
	}
	if !t.due.IsZero() && !t.start.IsZero() && !strings.EqualFold(p.params["RELATED"], "END") {
		gap := before(t.due.At, t.start.At)
		offset = duration{offset.days + gap.days, offset.clock + gap.clock}
	}
	if r, err := task.ParseReminder(offset.String()); err != nil {
		t.note("/VALARM/TRIGGER", "%s is not carried over: reminders come before the due", quote(p.value))
	} else {
		t.remind("/VALARM/TRIGGER", r)
	}
}

func (t *todo) remindAt(p property) {
	due, err := t.moment(p)
	if err != nil || due.AllDay {
		t.note("/VALARM/TRIGGER", "%s is not carried over: it is neither a duration nor a time", quote(p.value))
		return
	}
	r, _ := task.ParseReminder(due.String()) // it is one
	t.remind("/VALARM/TRIGGER", r)
}
