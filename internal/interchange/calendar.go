package interchange

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"todo-app/internal/task"
)

// calendarFile reads the to-dos of iCalendar, one calendar or several. Events
// and what else a calendar has are reported; zones are known by name.
func (d *decoder) calendarFile() error {
	f := calendar{decoder: d, lines: newLineReader(d.in)}
	for began, inside := false, false; ; began = true {
		p, err := f.property()
		switch {
		case err == io.EOF && began && !inside:
			return nil
		case err == io.EOF && began:
			return f.failed("ends too early")
		case err != nil && err != io.EOF:
			return err
		case !inside && (p.name != "BEGIN" || !p.is("VCALENDAR")):
			return &FileError{Detail: "is not iCalendar: it should begin with BEGIN:VCALENDAR"}
		case !inside:
			inside = true
		case p.name == "END" && p.is("VCALENDAR"):
			inside = false
		default:
			if err := f.inCalendar(p); err != nil {
				return err
			}
		}
	}
}

type calendar struct {
	*decoder
	lines *lineReader
}

// is compares a value that is a name.
func (p property) is(name string) bool { return strings.EqualFold(strings.TrimSpace(p.value), name) }

// property reads a line. One that is none has no name, and the line for value.
func (f *calendar) property() (property, error) {
	line, err := f.lines.next()
	switch {
	case err == io.EOF:
		return property{}, err
	case err != nil:
		return property{}, f.failed("cannot be read")
	}
	p, ok := parseProperty(string(line))
	if !ok {
		p = property{value: string(line)}
	}
	return p, nil
}

func (f *calendar) inCalendar(p property) error {
	f.in.record(f.lines.offset)
	switch {
	case p.name == "VERSION" && !p.is("2.0"):
		return &FileError{Detail: "is of iCalendar version " + clip(p.value) + ", and this service reads 2.0"}
	case p.name == "END":
		return f.failed("ends something that has not begun: END:" + clip(p.value))
	case p.name != "BEGIN": // says something of the calendar
		return nil
	case p.is("VTODO"):
		return f.todo()
	}
	if err := f.skip(); err != nil || p.is("VTIMEZONE") {
		return err
	}
	if p.is("VEVENT") {
		return f.other("", "an event is not carried over: only to-dos are")
	}
	return f.other("", clip(strings.ToUpper(p.value))+" is not carried over: only to-dos are")
}

// skip reads to the end of a component, however long.
func (f *calendar) skip() error {
	for depth := 1; depth > 0; {
		f.in.record(f.lines.offset)
		p, err := f.property()
		switch {
		case err == io.EOF:
			return f.failed("ends too early")
		case err != nil:
			return err
		case p.name == "BEGIN":
			depth++
		case p.name == "END":
			depth--
		}
	}
	return nil
}

// once are the properties of a to-do that are read, each at most once.
var once = map[string]bool{
	"UID": true, "SUMMARY": true, "DESCRIPTION": true, "DUE": true, "DTSTART": true, "DURATION": true, "PRIORITY": true, "STATUS": true,
	"COMPLETED": true, "PERCENT-COMPLETE": true, "RRULE": true, "CREATED": true, "LAST-MODIFIED": true, "SEQUENCE": true, "DTSTAMP": true,
	"RECURRENCE-ID": true, propCategory: true, propArchived: true, propFrom: true, propSkip: true,
}

// Properties of our own, for what iCalendar has no word for.
const (
	propCategory = "X-TODO-APP-CATEGORY"
	propArchived = "X-TODO-APP-ARCHIVED"
	propFrom     = "X-TODO-APP-REPEAT-FROM"
	propSkip     = "X-TODO-APP-SKIP-IF-OPEN"
)

// todo is a VTODO as it is read.
type todo struct {
	*draft
	options    Options
	load       func(string) (*time.Location, bool)
	props      map[string]property
	alarms     []property // their triggers
	categories []string
	due, start task.Due
	hash       string // of all its lines, should it have no id
}

// todo reads a VTODO up to its end, and hands it over.
func (f *calendar) todo() error {
	t := todo{draft: f.begin(TaskRecord), options: f.options, load: f.zone, props: map[string]property{}}
	f.position-- // until it is read
	for {
		p, err := f.property()
		switch {
		case err == io.EOF:
			return f.failed("ends too early")
		case err != nil:
			return err
		case p.name == "END" && p.is("VTODO"):
			f.position++
			return f.emit(t.record())
		case p.name == "END":
			return f.failed("ends something else than it began: END:" + clip(p.value))
		case p.name == "BEGIN" && p.is("VALARM"):
			err = f.alarm(&t)
		case p.name == "BEGIN":
			t.note("/"+clip(p.value), "is not carried over")
			err = f.skip()
		default:
			t.property(p, f.lines.line)
		}
		if err != nil {
			return err
		}
	}
}

// alarm reads a VALARM up to its end.
func (f *calendar) alarm(t *todo) error {
	for {
		p, err := f.property()
		switch {
		case err == io.EOF:
			return f.failed("ends too early")
		case err != nil:
			return err
		case p.name == "END" && p.is("VALARM"):
			return nil
		case p.name == "END" || p.name == "BEGIN":
			return f.failed("has an alarm that does not end: " + p.name + ":" + clip(p.value))
		case p.name == "TRIGGER" && len(t.alarms) < maxListed:
			t.alarms = append(t.alarms, p)
		case p.name == "TRIGGER":
			t.note("/VALARM", "is not carried over: there are too many")
		case p.name == "REPEAT":
			t.note("/VALARM/REPEAT", "is not carried over")
		case p.name == "ACTION" && p.is("EMAIL"):
			t.note("/VALARM/ACTION", "becomes an ordinary reminder")
		}
	}
}

// property notes a line of the to-do down.
func (t *todo) property(p property, line int) {
	t.hash = digest([]byte(t.hash), []byte(p.name), []byte(p.value))
	if !utf8.ValidString(p.value) || !utf8.ValidString(p.name) {
		t.fault("", fmt.Errorf("is not valid UTF-8 before the end of line %d", line))
		return
	}
	_, given := t.props[p.name]
	switch {
	case p.name == "":
		t.fault("", fmt.Errorf("has no property in line %d: %s", line, quote(p.value)))
	case given:
		t.note("/"+p.name, "is given more than once, and carried over once")
	case once[p.name]:
		t.props[p.name] = p
	case p.name == "CATEGORIES":
		t.categorize(p.values())
	case p.name == "RELATED-TO":
		t.relate(p)
	default:
		t.note("/"+clip(p.name), "is not carried over")
	}
}

// categorize keeps some more categories than there can be tags, so that those
// beyond are noted.
func (t *todo) categorize(names []string) {
	for _, name := range names {
		if len(t.categories) == 2*maxListed {
			t.note("/CATEGORIES", "%s is not carried over", quote(name))
		} else if !blank(name) {
			t.categories = append(t.categories, name)
		}
	}
}

// relate reads what other to-do this one is a part of, or waits for (RFC 9253).
func (t *todo) relate(p property) {
	id := strings.TrimSpace(p.text())
	switch kind := strings.ToUpper(p.params["RELTYPE"]); {
	case id == "":
	case kind == "DEPENDS-ON":
		t.depend("/RELATED-TO", id)
	case kind != "" && kind != "PARENT":
		t.note("/RELATED-TO", "%s is not carried over", clip(kind))
	case t.Parent != "":
		t.note("/RELATED-TO", "is not carried over: a task has one parent")
	default:
		t.Parent = sourceID(id)
	}
}

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
