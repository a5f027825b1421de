package interchange

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"todo-app/internal/jsonvalue"
	"todo-app/internal/task"
)

// What this service's own export says it is. The version is raised when files
// come to say something that older readers would get wrong.
const (
	ownFormat  = "todo-app"
	ownVersion = 2
)

// ownFile reads
//
//	{"format": "todo-app", "version": 2, "exported_at": T, "settings": {"time_zone": Z, "auto_archive_days": N},
//	 "templates": [{"name": N, "created_at": T, "updated_at": T, "task": {…}}], "tasks": [{…}]}
//
// or an array of tasks, as lists and GET /tasks have it. Members may come in
// any order but the format first.
func (d *decoder) ownFile() error {
	f := d.jsonFile()
	var err error
	switch f.kind() {
	case '[':
		err = f.elements(f.ownTask)
	case '{':
		known := false
		err = f.members(func(name string) error { return f.ownMember(name, &known) })
		if err == nil && !known {
			err = errNoExport
		}
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

var errNoExport = &FileError{Detail: `is no export of this service: it must begin with "format": "todo-app"`}

func (f jsonFile) ownMember(name string, known *bool) error {
	switch kind := f.kind(); {
	case name == "format":
		return f.ownFormat(known)
	case !*known:
		return errNoExport
	case name == "version":
		return f.ownVersion()
	case name == "exported_at":
		_, err := f.value()
		return err
	case name == "settings" && kind == '{':
		return f.record(SettingsRecord, (*draft).ownSettings)
	case name == "templates" && kind == '[':
		return f.elements(func(int) error { return f.record(TemplateRecord, (*draft).ownTemplate) })
	case name == "tasks" && kind == '[':
		return f.elements(f.ownTask)
	}
	if _, err := f.value(); err != nil {
		return err
	}
	return f.other(pointer(name), "is not known here and not carried over")
}

func (f jsonFile) ownFormat(known *bool) error {
	v, err := f.value()
	if err != nil {
		return err
	}
	if s, _ := jsonvalue.Text(v); s != ownFormat {
		return &FileError{Detail: fmt.Sprintf("is of another format: %s", clip(string(v)))}
	}
	*known = true
	return nil
}

func (f jsonFile) ownVersion() error {
	v, err := f.value()
	if err == nil && string(v) != "1" && string(v) != strconv.Itoa(ownVersion) {
		err = &FileError{Detail: fmt.Sprintf("is of version %s, and this service reads versions 1 to %d", clip(string(v)), ownVersion)}
	}
	return err
}

// record reads one record of a kind and hands it over.
func (f jsonFile) record(kind Kind, read func(*draft, jsontext.Value)) error {
	v, err := f.value()
	if err != nil {
		return err
	}
	r := f.begin(kind)
	read(r, v)
	return f.emit(r.finish(nil))
}

func (f jsonFile) ownTask(int) error { return f.record(TaskRecord, (*draft).ownTask) }

func (d *draft) ownSettings(v jsontext.Value) {
	d.object(v, func(name string, v jsontext.Value) {
		switch name {
		case "time_zone":
			d.Settings.Zone, _ = take(d, name, v, jsonvalue.Text)
			if err := checkZone(d.Settings.Zone); err != nil {
				d.fault(pointer(name), err)
			}
		case "auto_archive_days":
			d.Settings.AutoArchiveDays, _ = take(d, name, v, days)
		default:
			d.note(pointer(name), "is no setting here and not carried over")
		}
	})
}

func days(v jsontext.Value) (int, error) {
	n, err := integer(v)
	if err == nil && (n < 1 || n > task.MaxAutoArchiveDays) {
		err = fmt.Errorf("must be 1 to %d, or null for never", task.MaxAutoArchiveDays)
	}
	return int(n), err
}

func checkZone(name string) error {
	if name == "" {
		return nil
	}
	var zones task.Zones
	_, err := zones.Load(name)
	return err
}

func (d *draft) ownTemplate(v jsontext.Value) {
	d.object(v, func(name string, v jsontext.Value) {
		switch name {
		case "name":
			d.Name, _ = take(d, name, v, jsonvalue.Text)
		case "created_at", "updated_at":
			d.ownRest(name, v)
		case "task":
			inner := draft{Record: Record{Kind: TemplateRecord}}
			inner.object(v, inner.ownTaskMember)
			d.Patch, d.Words = inner.Patch, inner.Words
			for _, f := range inner.Faults.Under("/task") {
				d.fault(f.Pointer, errors.New(f.Detail))
			}
			for _, n := range inner.Notes {
				d.note("/task"+n.Pointer, "%s", n.Detail)
			}
			d.broken = d.broken || inner.broken
			d.unlisted += inner.unlisted
		default:
			d.note(pointer(name), "is no field of a template and not carried over")
		}
	})
	d.template()
}

// template checks a template's name, which is kept in lower case.
func (d *draft) template() {
	p := task.Patch{Category: task.Value(d.Name)} // a template's name is what a category's may be
	if err := p.Normalize(); err != nil && !d.broken {
		d.fault("/name", errors.New(task.AsFaults(err)[0].Detail))
	}
	d.Name = p.Category.Value
	d.Source.ID = sourceID(d.Name)
}

func (d *draft) ownTask(v jsontext.Value) {
	d.object(v, d.ownTaskMember)
	if d.Source.ID == "" {
		d.Source.ID = digest(v)
	}
	d.ownRelations()
}

// ownRelations checks what a task has to do with itself and its due.
func (d *draft) ownRelations() {
	if d.Parent == d.Source.ID {
		d.fault("/parent_id", errors.New("must not be the task itself"))
	}
	if slices.Contains(d.DependsOn, d.Source.ID) {
		d.fault("/depends_on", errors.New("must not name the task itself"))
	}
	if d.Patch.Recurrence.Value.Rule.Value != "" && d.Patch.Due.Value.IsZero() {
		d.fault("/recurrence", errors.New("needs a due to repeat from"))
	}
}

func (d *draft) ownTaskMember(name string, v jsontext.Value) {
	switch name {
	case "title":
		member(d, &d.Patch.Title, name, v, jsonvalue.Text)
	case "description":
		member(d, &d.Patch.Description, name, v, jsonvalue.Text)
	case "completed":
		member(d, &d.Patch.Completed, name, v, jsonvalue.Boolean)
	case "priority":
		member(d, &d.Patch.Priority, name, v, parsed(parsePriority))
	case "category":
		member(d, &d.Patch.Category, name, v, jsonvalue.Text)
	case "tags":
		member(d, &d.Patch.Tags, name, v, list(10*task.MaxTags, jsonvalue.Text))
	case "due":
		if d.Kind == TemplateRecord {
			d.Words, _ = take(d, name, v, jsonvalue.Text)
			return
		}
		member(d, &d.Patch.Due, name, v, parsed(task.ParseDue))
	case "reminders":
		member(d, &d.Patch.Reminders, name, v, list(task.MaxReminders, parsed(task.ParseReminder)))
	case "recurrence":
		member(d, &d.Patch.Recurrence, name, v, recurrence)
	case "order":
		member(d, &d.Patch.Order, name, v, jsonvalue.Number)
	case "archived":
		member(d, &d.Patch.Archived, name, v, jsonvalue.Boolean)
	default:
		d.ownRest(name, v)
	}
}

// ownRest reads what a patch does not carry.
func (d *draft) ownRest(name string, v jsontext.Value) {
	switch name {
	case "id":
		d.Source.ID, _ = take(d, name, v, taskID)
	case "parent_id":
		d.Parent, _ = take(d, name, v, taskID)
	case "depends_on":
		d.DependsOn, _ = take(d, name, v, list(task.MaxDependsOn, taskID))
	case "version":
		d.Version, _ = take(d, name, v, integer)
	case "created_at":
		d.CreatedAt, _ = take(d, name, v, parsed(moment))
		if !d.CreatedAt.IsZero() {
			d.Source.Created = d.CreatedAt.Format(time.RFC3339Nano)
		}
	case "updated_at":
		d.UpdatedAt, _ = take(d, name, v, parsed(moment))
	case "completed_at":
		d.CompletedAt, _ = take(d, name, v, parsed(moment))
	case "archived_at":
		d.ArchivedAt, _ = take(d, name, v, parsed(moment))
	case "next_id":
		if id, ok := take(d, name, v, taskID); ok {
			d.NextID, _ = task.ParseID(id)
		}
	case "series":
		series, _ := take(d, name, v, series)
		d.Anchor, d.Occurrence = series[0], series[1]
	case "url", "overdue", "days_overdue", "blocked", "subtasks", "next": // computed anew
	case "children":
		if string(v) != "[]" {
			d.note("/children", "are not read: export the tasks without view=tree")
		}
	default:
		d.note(pointer(name), "is no field of a task and not carried over")
	}
}

// member reads a member that a patch carries.
func member[T any](d *draft, f *task.Field[T], name string, v jsontext.Value, read func(jsontext.Value) (T, error)) {
	if v.Kind() == 'n' {
		*f = task.Null[T]()
	} else if value, ok := take(d, name, v, read); ok {
		*f = task.Value(value)
	}
}

func recurrence(v jsontext.Value) (r task.RecurrencePatch, err error) {
	if v.Kind() != '{' {
		return r, errors.New("must be an object such as {\"rule\": \"weekly\"}")
	}
	var d draft
	d.object(v, func(name string, v jsontext.Value) {
		switch name {
		case "rule":
			member(&d, &r.Rule, name, v, parsed(task.ParseRule))
		case "from":
			member(&d, &r.From, name, v, parsed(parseFrom))
		case "skip_if_open":
			member(&d, &r.SkipIfOpen, name, v, jsonvalue.Boolean)
		default:
			d.fault(pointer(name), errors.New("is no field of a recurrence"))
		}
	})
	if r.Rule.Value == "" && d.Faults == nil {
		d.fault("/rule", errors.New("is required"))
	}
	if d.Faults != nil {
		return r, d.Faults
	}
	return r, nil
}

// series reads the dates that a series begins with, and has come to.
func series(v jsontext.Value) (dates [2]task.Due, err error) {
	if v.Kind() != '{' {
		return dates, errors.New("must be an object with anchor and occurrence")
	}
	var d draft
	d.object(v, func(name string, v jsontext.Value) {
		switch name {
		case "anchor":
			dates[0], _ = take(&d, name, v, parsed(task.ParseDue))
		case "occurrence":
			dates[1], _ = take(&d, name, v, parsed(task.ParseDue))
		default:
			d.fault(pointer(name), errors.New("is no field of a series"))
		}
	})
	if d.Faults != nil {
		return dates, d.Faults
	}
	return dates, nil
}

func parsePriority(s string) (task.Priority, error) {
	p, ok := task.ParsePriority(s)
	if !ok {
		return 0, errors.New("must be high, medium or low")
	}
	return p, nil
}

func parseFrom(s string) (task.RecurrenceFrom, error) {
	if from := task.RecurrenceFrom(s); from == task.FromDue || from == task.FromCompletion {
		return from, nil
	}
	return "", errors.New("must be due or completion")
}

// moment reads an RFC 3339 time in the years that tasks know.
func moment(s string) (time.Time, error) {
	at, err := task.ParseDue(s)
	if err != nil || at.AllDay {
		return time.Time{}, errors.New("must be an RFC 3339 time (2026-03-01T09:00:00Z) in the years 1900 to 9999")
	}
	return at.At, nil
}

// taskID reads a UUID, and returns it in its canonical form.
func taskID(v jsontext.Value) (string, error) {
	s, err := jsonvalue.Text(v)
	if err != nil {
		return "", err
	}
	id, err := task.ParseID(s)
	if err != nil {
		return "", err
	}
	return id.String(), nil
}
