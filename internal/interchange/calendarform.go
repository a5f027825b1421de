package interchange

import (
	"strconv"
	"strings"
	"time"

	"todo-app/internal/task"
)

// calendarForm writes iCalendar.
//
// A moment is written in UTC, and a repeating one by the clock of the zone,
// which is described before it is first named: at nine is at nine also when the
// clocks change. An event starts at the due. A to-do has its due, and a
// repeating one also starts there: RFC 5545 has the rule count from DTSTART,
// and that DTSTART lies before DUE is given up, as Apple's programs do.
//
// A rule that counts from completion says nothing of dates to come, so that
// events leave it out. Neither form has order, and reminders sleeping for want
// of a due are left out; dependencies are in to-dos only (RFC 9253). JSON is
// what has everything.
type calendarForm struct {
	Layout
	described bool // the zone
	written   bool // anything but the head
	b         []byte
}

func (f *calendarForm) begin(b []byte) []byte {
	f.b = b
	f.line("BEGIN", "VCALENDAR")
	f.line("VERSION", "2.0")
	f.line("PRODID", "-//todo-app//todo-app//EN")
	f.line("CALSCALE", "GREGORIAN")
	if f.Name != "" {
		f.line("X-WR-CALNAME", escape(f.Name))
		f.line("NAME", escape(f.Name)) // RFC 7986
	}
	if zone := zoneName(f.Zone); zone != "" {
		f.line("X-WR-TIMEZONE", zone)
	}
	if f.Refresh > 0 {
		every := duration{clock: f.Refresh.Truncate(time.Second)}.String()
		f.line("REFRESH-INTERVAL;VALUE=DURATION", every)
		f.line("X-PUBLISHED-TTL", every)
	}
	return f.b
}

func (f *calendarForm) line(name, value string) { f.b = appendLine(f.b, name, value) }

func (f *calendarForm) settings(b []byte, _ task.Settings) ([]byte, error) { return b, nil }

func (f *calendarForm) template(b []byte, _ *task.Template) ([]byte, error) { return b, nil }

// end writes the zone into a calendar of nothing, because without a component
// it is not valid.
func (f *calendarForm) end(b []byte) []byte {
	f.b = b
	if !f.written && !f.described {
		f.describe()
	}
	f.line("END", "VCALENDAR")
	return f.b
}

func (f *calendarForm) describe() {
	f.b = appendZone(f.b, f.Zone)
	f.described = true
}

func (f *calendarForm) task(b []byte, t *task.Task) ([]byte, error) {
	f.b = b
	if f.Events && t.Due.IsZero() {
		return b, nil
	}
	rule := f.rule(t)
	local := rule != "" && f.isLocal(t.Due)
	if local && !f.described {
		f.describe()
	}
	f.written = true
	if f.Events {
		f.event(t, rule, local)
	} else {
		f.todo(t, rule, local)
	}
	return f.b, nil
}

// rule returns the rule to write, "" for none.
func (f *calendarForm) rule(t *task.Task) string {
	if t.Due.IsZero() || f.Events && t.Recurrence.From == task.FromCompletion {
		return ""
	}
	return calendarRule(t, f.Zone)
}

// isLocal reports whether a due can be told by the clock of the zone: there
// has to be a zone, described back to then, and not the second of two equal
// times of a night that clocks are set back.
func (f *calendarForm) isLocal(d task.Due) bool {
	if d.AllDay || zoneName(f.Zone) == "" || d.At.Year() <= zoneFrom {
		return false
	}
	at := d.At.In(f.Zone)
	if at.Year() > 9999 { // that calendars cannot write
		return false
	}
	begin, _ := at.ZoneBounds()
	_, offset := at.Zone()
	_, earlier := begin.Add(-1).Zone()
	return at.Sub(begin) >= time.Duration(earlier-offset)*time.Second
}

func (f *calendarForm) event(t *task.Task, rule string, local bool) {
	f.line("BEGIN", "VEVENT")
	f.head(t)
	f.due("DTSTART", t.Due, local)
	if t.Due.AllDay {
		f.line("DURATION", "P1D")
	} else {
		f.line("DURATION", duration{clock: f.Length.Truncate(time.Second)}.String())
	}
	if rule != "" {
		f.line("RRULE", rule)
	}
	f.line("STATUS", "CONFIRMED")
	f.line("TRANSP", "TRANSPARENT") // somebody with a task due is not busy
	f.alarms(t, "TRIGGER")
	f.line("END", "VEVENT")
}

func (f *calendarForm) todo(t *task.Task, rule string, local bool) {
	f.line("BEGIN", "VTODO")
	f.head(t)
	if rule != "" {
		f.due("DTSTART", t.Due, local)
	}
	if !t.Due.IsZero() {
		f.due("DUE", t.Due, local)
	}
	if rule != "" {
		f.repeat(t, rule)
	}
	if t.Completed() {
		f.line("STATUS", "COMPLETED")
		f.line("COMPLETED", utc(t.CompletedAt))
		f.line("PERCENT-COMPLETE", "100")
	} else {
		f.line("STATUS", "NEEDS-ACTION")
	}
	if t.Archived() {
		f.line(propArchived, utc(t.ArchivedAt))
	}
	f.relations(t)
	f.alarms(t, "TRIGGER;RELATED=END")
	f.line("END", "VTODO")
}

func (f *calendarForm) repeat(t *task.Task, rule string) {
	f.line("RRULE", rule)
	if t.Recurrence.From == task.FromCompletion {
		f.line(propFrom, "COMPLETION")
	}
	if t.Recurrence.SkipIfOpen {
		f.line(propSkip, "TRUE")
	}
}

func (f *calendarForm) relations(t *task.Task) {
	if !t.ParentID.IsZero() {
		f.line("RELATED-TO", t.ParentID.String())
	}
	for _, id := range t.DependsOn {
		f.line("RELATED-TO;RELTYPE=DEPENDS-ON", id.String())
	}
}

// head writes what events and to-dos have alike.
func (f *calendarForm) head(t *task.Task) {
	f.line("UID", t.ID.String())
	f.line("DTSTAMP", utc(t.UpdatedAt)) // without METHOD: when it was last changed
	f.line("CREATED", utc(t.CreatedAt))
	f.line("LAST-MODIFIED", utc(t.UpdatedAt))
	f.line("SEQUENCE", strconv.FormatInt(t.Version, 10))
	f.line("SUMMARY", escape(t.Title))
	if t.Description != "" {
		f.line("DESCRIPTION", escape(t.Description))
	}
	f.line("PRIORITY", [...]string{task.High: "1", task.Medium: "5", task.Low: "9"}[t.Priority])
	if names := categories(t); names != "" {
		f.line("CATEGORIES", names)
	}
	f.line(propCategory, escape(t.Category))
	if f.Link != nil {
		f.line("URL", f.Link(t.ID))
	}
}

// noCategory is the category of tasks that nobody gave one; a calendar has a
// better word for it, which is none.
const noCategory = "other"

// categories lists the category and the tags: a calendar has one word for
// both.
func categories(t *task.Task) string {
	var names []string
	if t.Category != noCategory {
		names = append(names, escape(t.Category))
	}
	for _, tag := range t.Tags {
		if tag != t.Category {
			names = append(names, escape(tag))
		}
	}
	return strings.Join(names, ",")
}

func (f *calendarForm) due(name string, d task.Due, local bool) {
	switch {
	case d.AllDay:
		f.line(name+";VALUE=DATE", d.At.Format(stampDate))
	case local:
		f.line(name+";TZID="+zoneName(f.Zone), d.At.In(f.Zone).Format(stampLocal))
	default:
		f.line(name, utc(d.At))
	}
}

func utc(t time.Time) string { return t.UTC().Format(stampUTC) }

func (f *calendarForm) alarms(t *task.Task, trigger string) {
	for _, r := range t.Reminders {
		offset, ok := parseDuration(string(r))
		name, value := trigger, offset.String()
		if !ok {
			at, err := time.Parse(time.RFC3339Nano, string(r))
			if err != nil {
				continue // storage has no such
			}
			name, value = "TRIGGER;VALUE=DATE-TIME", utc(at)
		} else if t.Due.IsZero() {
			continue
		}
		f.line("BEGIN", "VALARM")
		f.line("ACTION", "DISPLAY")
		f.line("DESCRIPTION", escape(t.Title))
		f.line(name, value)
		f.line("END", "VALARM")
	}
}
