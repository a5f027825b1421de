package interchange

import (
	"fmt"
	"io"
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
