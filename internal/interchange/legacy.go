package interchange

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"todo-app/internal/jsonvalue"
	"todo-app/internal/task"
)

// legacyFile reads the older command line's dump, an object of records by id:
//
//	{"1": {"id": 1, "description": "Buy milk", "completed": false, …}, …}
//
// and what people and scripts make of it: an array of records, or either of
// them under "tasks"; templates by name under "templates", or in a file of
// their own.
func (d *decoder) legacyFile() error {
	f := d.jsonFile()
	var err error
	switch f.kind() {
	case '[', '{':
		err = f.legacyRecords(f.legacyMember)
	default:
		if _, err = f.value(); err == nil {
			err = &FileError{Detail: "must be a JSON object or array"}
		}
	}
	if err != nil {
		return err
	}
	return f.end()
}

// legacyRecords reads records in an array, or in an object by what member
// makes of a name.
func (f jsonFile) legacyRecords(member func(string) error) error {
	if f.kind() == '[' {
		return f.elements(func(int) error { return f.legacyTask("") })
	}
	return f.members(member)
}

func (f jsonFile) legacyMember(name string) error {
	kind := f.kind()
	nested := kind == '{' || kind == '['
	switch {
	case isNumber(name):
		return f.legacyTask(name)
	case name == "tasks" && nested:
		return f.legacyRecords(f.legacyTask)
	case name == "templates" && nested:
		return f.legacyTemplates()
	}
	v, err := f.value()
	if err != nil {
		return err
	}
	switch {
	case kind != '{' || !hasMember(v, "description"):
		return f.other(pointer(name), "is no record and not carried over")
	case hasMember(v, "id", "completed", "created_at"):
		return f.emit(f.begin(TaskRecord).legacyTask(name, v, f.options.Zone))
	}
	return f.emit(f.begin(TemplateRecord).legacyTemplate(name, v, f.options.Zone))
}

// hasMember reports whether a well-formed object has a member of one of the
// names.
func hasMember(v jsontext.Value, names ...string) bool {
	json := jsontext.NewDecoder(bytes.NewBuffer(v), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	json.ReadToken()
	for json.PeekKind() == '"' {
		if name, err := json.ReadToken(); err != nil || slices.Contains(names, name.String()) {
			return err == nil
		}
		if json.SkipValue() != nil {
			return false
		}
	}
	return false
}

// isNumber reports whether a name is one that a record has, not one that says
// what stands under it.
func isNumber(name string) bool { return name != "" && strings.Trim(name, "0123456789") == "" }

func (f jsonFile) legacyTask(key string) error {
	v, err := f.value()
	if err != nil {
		return err
	}
	return f.emit(f.begin(TaskRecord).legacyTask(key, v, f.options.Zone))
}

func (f jsonFile) legacyTemplates() error {
	one := func(name string) error {
		v, err := f.value()
		if err != nil {
			return err
		}
		return f.emit(f.begin(TemplateRecord).legacyTemplate(name, v, f.options.Zone))
	}
	if f.kind() == '[' {
		return f.elements(func(int) error { return one("") })
	}
	return f.members(one)
}

// legacyPointers say what was what in the older record.
var legacyPointers = map[string]string{
	"/title": "/description", "/description": "/notes", "/due": "/due_date", "/recurrence": "/recurring", "/recurrence/rule": "/recurring",
}

// legacy is an older record as it is read; what needs others of its members to
// be understood waits for them.
type legacy struct {
	*draft
	zone                    *time.Location
	id, name                string
	description, notes, due string
	recurring               jsontext.Value
	parent                  string
	dependsOn               []string
}

func (d *draft) legacyTask(key string, v jsontext.Value, zone *time.Location) Record {
	l := legacy{draft: d, zone: zone}
	d.object(v, l.member)
	switch {
	case key == "":
		key = l.id
	case l.id != "" && l.id != key:
		d.fault("/id", fmt.Errorf("is %s, but the record is kept under %s", quote(l.id), quote(key)))
	}
	if d.Source.ID = sourceID(key); key == "" {
		d.Source.ID = digest(v)
	}
	if d.Source.Created == "" { // then only its content tells it from record 1 of another dump
		d.Source.Created = digest(v)
	}
	l.fill()
	return d.finish(legacyPointers)
}

func (d *draft) legacyTemplate(name string, v jsontext.Value, zone *time.Location) Record {
	l := legacy{draft: d, zone: zone, name: name}
	d.object(v, l.member)
	d.Name = l.name
	d.template()
	if l.id != "" {
		d.note("/id", "is not carried over: templates go by name")
	}
	l.fill()
	l.stateless()
	return d.finish(legacyPointers)
}

// stateless takes from a template what is a task's only.
func (l *legacy) stateless() {
	if l.Parent != "" || l.DependsOn != nil || l.Patch.Completed.Value || l.Patch.Archived.Value {
		l.note("", "relations and state are not carried over: a template has none")
	}
	l.Parent, l.DependsOn = "", nil
	l.Patch.Completed, l.Patch.Archived = task.Field[bool]{}, task.Field[bool]{}
}

// fill makes of the members what needs several of them.
func (l *legacy) fill() {
	if blank(l.description) && !blank(l.notes) {
		l.note("/description", "is blank, so the title is taken from the notes")
	}
	l.headline(l.description, l.notes)
	if l.due != "" {
		l.setDue()
	}
	if l.recurring != nil {
		l.setRecurring()
	}
	if l.parent != "" && sourceID(l.parent) == l.Source.ID {
		l.note("/parent_id", "is not carried over: it is the task itself")
	} else if l.parent != "" {
		l.Parent = sourceID(l.parent)
	}
	for i, id := range l.dependsOn {
		l.depend("/depends_on/"+strconv.Itoa(i), id)
	}
}

func (l *legacy) member(name string, v jsontext.Value) {
	switch name {
	case "id":
		l.id, _ = take(l.draft, name, v, legacyID)
	case "name":
		l.setName(v)
	case "description":
		l.description, _ = take(l.draft, name, v, jsonvalue.Text)
	case "notes":
		l.notes, _ = take(l.draft, name, v, jsonvalue.Text)
	case "completed":
		l.flag(&l.Patch.Completed, name, v)
	case "archived":
		l.flag(&l.Patch.Archived, name, v)
	case "created_at":
		l.setCreated(name, v)
	case "completed_at":
		l.CompletedAt = l.moment(name, v)
	case "priority":
		l.setPriority(name, v)
	case "category":
		if s, ok := take(l.draft, name, v, jsonvalue.Text); ok && s != "" {
			l.category(pointer(name), s)
		}
	case "due_date":
		l.due, _ = take(l.draft, name, v, jsonvalue.Text)
	case "parent_id":
		l.parent, _ = take(l.draft, name, v, legacyID)
	case "depends_on":
		l.dependsOn, _ = take(l.draft, name, v, list(20*task.MaxDependsOn, legacyID))
	case "recurring":
		if v.Kind() != 'n' {
			l.recurring = v
		}
	default:
		l.note(pointer(name), "is no field of a record and not carried over")
	}
}

// setName reads a name that stands in the template rather than before it.
func (l *legacy) setName(v jsontext.Value) {
	if l.Kind != TemplateRecord {
		l.note("/name", "is no field of a record and not carried over")
	} else if s, ok := take(l.draft, "name", v, jsonvalue.Text); ok && l.name == "" {
		l.name = s
	}
}

func (l *legacy) flag(f *task.Field[bool], name string, v jsontext.Value) {
	if b, ok := take(l.draft, name, v, jsonvalue.Boolean); ok {
		*f = task.Value(b)
	}
}

func (l *legacy) setPriority(name string, v jsontext.Value) {
	s, ok := take(l.draft, name, v, jsonvalue.Text)
	if !ok || s == "" {
		return
	}
	if p, ok := task.ParsePriority(strings.ToLower(s)); ok {
		l.Patch.Priority = task.Value(p)
	} else {
		l.note(pointer(name), "%s is not carried over: priorities are high, medium and low", quote(s))
	}
}

func (l *legacy) setCreated(name string, v jsontext.Value) {
	s, ok := take(l.draft, name, v, jsonvalue.Text)
	if !ok || s == "" {
		return
	}
	l.CreatedAt = l.moment(name, v)
	if l.Source.Created = s; len(s) > 40 || sourceID(strings.ReplaceAll(s, " ", "")) != strings.ReplaceAll(s, " ", "") {
		l.Source.Created = digest([]byte(s))
	}
}

// moment reads a time; one that is none costs the time, not the task.
func (l *legacy) moment(name string, v jsontext.Value) time.Time {
	s, ok := take(l.draft, name, v, jsonvalue.Text)
	if !ok || s == "" {
		return time.Time{}
	}
	at, _, err := looseTime(s, l.zone)
	due, rangeErr := dueAt(at)
	if err = cmp.Or(err, rangeErr); err != nil {
		l.note(pointer(name), "%s is not carried over: it %v", quote(s), err)
		return time.Time{}
	}
	return due.At
}

func (l *legacy) setDue() {
	at, clock, err := looseTime(l.due, l.zone)
	var due task.Due
	switch {
	case err != nil:
	case clock:
		due, err = dueAt(at)
	default:
		due, err = task.ParseDue(at.Format(time.DateOnly))
	}
	if err != nil {
		l.note("/due_date", "%s is not carried over: it %v", quote(l.due), err)
		return
	}
	if due.AllDay && len(l.due) > len(time.DateOnly) {
		l.note("/due_date", "midnight is taken for the whole day")
	}
	l.Patch.Due = task.Value(due)
}

// looseTimes are the forms in which times were written, most by Python's
// isoformat and str. Fractions of a second are read with each.
var looseTimes = []string{
	time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05",
	"2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly,
}

var errTime = errors.New("is neither a date nor a time")

// looseTime reads a time, in zone if it names none. clock is false for a date,
// and for midnight: a program without dates of their own wrote them so.
func looseTime(s string, zone *time.Location) (at time.Time, clock bool, err error) {
	for i, layout := range looseTimes {
		if at, err := time.ParseInLocation(layout, s, zone); err == nil {
			return at, i < 2 || at.Hour() != 0 || at.Minute() != 0 || at.Second() != 0, nil
		}
	}
	return time.Time{}, false, errTime
}

// legacyID reads what a record was called, a number in most.
func legacyID(v jsontext.Value) (string, error) {
	if v.Kind() == '"' {
		return jsonvalue.Text(v)
	}
	if s := string(v); isNumber(strings.TrimPrefix(s, "-")) && len(s) <= maxID {
		return s, nil
	}
	return "", errors.New("must be an integer")
}

// setRecurring turns {type, interval} into a rule.
func (l *legacy) setRecurring() {
	kind, every := "", 0.0
	if l.recurring.Kind() == '"' {
		kind, _ = jsonvalue.Text(l.recurring)
	} else {
		var inner draft
		inner.object(l.recurring, func(name string, v jsontext.Value) {
			switch name {
			case "type":
				kind, _ = take(&inner, name, v, jsonvalue.Text)
			case "interval", "days", "interval_days":
				every, _ = take(&inner, name, v, jsonvalue.Number)
			default:
				inner.note(pointer(name), "is not carried over")
			}
		})
		for _, n := range inner.Notes {
			l.note("/recurring"+n.Pointer, "%s", n.Detail)
		}
		if inner.Faults != nil {
			l.fault("/recurring", inner.Faults)
			return
		}
	}
	if rule, ok := legacyRule(strings.ToLower(kind), every, l.Patch.Due.Value, l.zone); ok {
		l.recur("/recurring", rule)
	} else {
		l.note("/recurring", "%s is not carried over: it is not understood", clip(string(l.recurring)))
	}
}

// legacyRule returns the rule of a type and an interval, 0 if there was none.
func legacyRule(kind string, every float64, due task.Due, zone *time.Location) (rule string, ok bool) {
	if every < 0 || every > 10_000 || every != float64(int(every)) || kind == "interval" && every == 0 {
		return "", false
	}
	interval := ""
	if every > 1 {
		interval = ";INTERVAL=" + strconv.Itoa(int(every))
	}
	switch kind {
	case "daily", "interval":
		return "FREQ=DAILY" + interval, true
	case "weekly":
		return "FREQ=WEEKLY" + interval, true
	case "monthly", "yearly":
		if interval == "" {
			return kind, true // the shorthand knows what becomes of the 31st
		}
		return expand(kind, interval, due, zone), true
	}
	return "", false
}
