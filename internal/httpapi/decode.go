package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"todo-app/internal/jsonvalue"
	"todo-app/internal/task"
)

// source says what a body is for, which decides what may be in it.
type source int

const (
	forCreate   source = iota // read-only members are refused
	forChange                 // read-only members are passed over, so that an answer can be put back
	forOverride               // read-only members are refused, and none is required
)

// decodeTask reads one object.
func decodeTask(body []byte, for_ source) (task.Patch, error) {
	tasks, several, err := decodeTasks(body, for_)
	if several {
		err = task.Faults{{Pointer: "", Detail: "must be an object"}}
	}
	if err != nil {
		return task.Patch{}, err
	}
	return tasks[0], nil
}

// decodeTasks reads one object, or an array of 1 to task.MaxCreate of them.
// The error is task.Faults, listing everything wrong that JSON types can tell.
func decodeTasks(body []byte, for_ source) (tasks []task.Patch, several bool, err error) {
	d := newDecoder(body, for_)
	several = d.json.PeekKind() == '['
	if several {
		tasks, err = d.array()
	} else {
		tasks = make([]task.Patch, 1)
		tasks[0], err = d.object()
	}
	if err := d.end(err); err != nil {
		return nil, several, err
	}
	return tasks, several, nil
}

// end returns the faults of a body whose one value has been read, with err
// where that could not be done.
func (d *decoder) end(err error) error {
	if err == nil {
		if _, rest := d.json.ReadToken(); rest != io.EOF {
			err = errTrailing
		}
	}
	if err != nil {
		d.faults = append(d.faults, syntaxFault(err))
	}
	if len(d.faults) > 0 {
		return d.faults
	}
	return nil
}

var errTrailing = errors.New("more follows the JSON value")

// decoder reads tasks and gathers faults. Its errors end the reading.
type decoder struct {
	json   *jsontext.Decoder
	source source
	faults task.Faults
}

func (d *decoder) array() ([]task.Patch, error) {
	if _, err := d.json.ReadToken(); err != nil {
		return nil, err
	}
	var tasks []task.Patch
	for d.json.PeekKind() != ']' {
		if len(tasks) == task.MaxCreate {
			d.faults = append(d.faults, task.Fault{Pointer: "", Detail: fmt.Sprintf("must have at most %d items", task.MaxCreate)})
			return nil, d.skipItems()
		}
		t, err := d.object()
		if err != nil {
			return nil, err
		}
		tasks = append(tasks, t)
	}
	if len(tasks) == 0 {
		d.faults = append(d.faults, task.Fault{Pointer: "", Detail: "must have at least one item"})
	}
	_, err := d.json.ReadToken()
	return tasks, err
}

// skipItems reads the rest of an array that is too long.
func (d *decoder) skipItems() error {
	for d.json.PeekKind() != ']' {
		if err := d.json.SkipValue(); err != nil {
			return err
		}
	}
	_, err := d.json.ReadToken()
	return err
}

func (d *decoder) object() (p task.Patch, err error) {
	before := len(d.faults)
	if d.json.PeekKind() != '{' {
		if _, err := d.json.ReadValue(); err != nil {
			return p, err
		}
		d.faults = append(d.faults, task.Fault{Pointer: string(d.json.StackPointer()), Detail: "must be an object"})
		return p, nil
	}
	err = d.members(d.values(func(name string, v jsontext.Value) error { return d.member(&p, name, v) }))
	if err == nil {
		d.check(p, before)
	}
	return p, err
}

// only reads a body that is one object, such as the example, each member by
// read, which is given its name. It returns the names that were there; not ok
// means that it was something else, or broke off.
func (d *decoder) only(example string, read func(name string) error) (given map[string]bool, ok bool, err error) {
	if d.json.PeekKind() != '{' {
		if _, err = d.json.ReadValue(); err == nil {
			d.fault("", errors.New("must be a JSON object such as "+example))
		}
		return nil, false, err
	}
	given = map[string]bool{}
	err = d.members(func(name string) error {
		given[name] = true
		return read(name)
	})
	return given, err == nil, err
}

// members reads the object that comes next, each member by read.
func (d *decoder) members(read func(name string) error) error {
	d.json.ReadToken() // the brace, peeked at
	for d.json.PeekKind() != '}' {
		name, err := d.json.ReadToken()
		if err != nil {
			return err
		}
		if err := read(name.String()); err != nil {
			return err
		}
	}
	_, err := d.json.ReadToken()
	return err
}

// values has read look at the value of a member, and say what is wrong with it.
func (d *decoder) values(read func(name string, v jsontext.Value) error) func(name string) error {
	return func(name string) error {
		v, err := d.json.ReadValue()
		if err == nil {
			d.fault(string(d.json.StackPointer()), read(name, v))
		}
		return err
	}
}

func newDecoder(body []byte, source source) *decoder {
	return &decoder{json: jsontext.NewDecoder(bytes.NewBuffer(body)), source: source}
}

// check adds what is wrong with the values of an object whose members have
// been read, so that a client sees it together with what is wrong with their
// types. Before is how many faults came from earlier objects.
func (d *decoder) check(p task.Patch, before int) {
	var err error
	if d.source == forCreate {
		_, err = p.NewTask()
	} else {
		err = p.Normalize()
	}
	known := map[string]bool{}
	for _, fault := range d.faults[before:] {
		known[fault.Pointer] = true
	}
	for _, fault := range task.AsFaults(err).Under(string(d.json.StackPointer())) {
		if !known[fault.Pointer] {
			d.faults = append(d.faults, fault)
		}
	}
}

// readOnly are the members that answers have and requests cannot set.
var readOnly = map[string]bool{
	"id": true, "url": true, "version": true, "created_at": true, "updated_at": true,
	"completed_at": true, "archived_at": true, "overdue": true, "days_overdue": true,
	"blocked": true, "subtasks": true, "children": true, "next": true,
}

// member reads one member of a task, and says what is wrong with it.
func (d *decoder) member(p *task.Patch, name string, v jsontext.Value) (err error) {
	switch name {
	case "title":
		p.Title, err = field(v, jsonvalue.Text)
	case "description":
		p.Description, err = field(v, jsonvalue.Text)
	case "completed":
		p.Completed, err = field(v, jsonvalue.Boolean)
	case "priority":
		p.Priority, err = field(v, priority)
	case "category":
		p.Category, err = field(v, jsonvalue.Text)
	case "tags":
		p.Tags, err = field(v, list(jsonvalue.Text))
	case "due":
		p.Due, err = field(v, due)
	case "reminders":
		p.Reminders, err = field(v, list(reminder))
	case "recurrence":
		p.Recurrence, err = field(v, recurrence)
	case "parent_id":
		p.ParentID, err = field(v, id)
	case "depends_on":
		p.DependsOn, err = field(v, list(id))
	case "order":
		p.Order, err = field(v, jsonvalue.Number)
	case "archived":
		p.Archived, err = field(v, jsonvalue.Boolean)
	default:
		switch {
		case !readOnly[name]:
			err = errors.New("is not a field of a task")
		case d.source != forChange:
			err = errors.New("is set by the service and cannot be given")
		}
	}
	return err
}

// fault adds what is wrong at a pointer; a fault inside a list or an object
// brings the rest of its pointer along.
func (d *decoder) fault(pointer string, err error) {
	if len(d.faults) >= 10*maxFaults { // more are not listed, so they need not be kept
		return
	}
	pointer = short(pointer)
	if inner := task.AsFaults(err); inner != nil {
		d.faults = append(d.faults, inner.Under(pointer)...)
	} else if err != nil {
		d.faults = append(d.faults, task.Fault{Pointer: pointer, Detail: err.Error()})
	}
}

// syntaxFault puts an error of the JSON reader in a client's terms.
func syntaxFault(err error) task.Fault {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, errTrailing):
		return task.Fault{Pointer: "", Detail: errTrailing.Error()}
	case !errors.As(err, &syntax):
		return task.Fault{Pointer: "", Detail: "must be JSON; there is none"}
	case errors.Is(err, jsontext.ErrDuplicateName):
		return task.Fault{Pointer: short(string(syntax.JSONPointer)), Detail: "is given twice"}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return task.Fault{Pointer: short(string(syntax.JSONPointer)), Detail: "is not valid JSON: it ends too early"}
	}
	return task.Fault{Pointer: short(string(syntax.JSONPointer)),
		Detail: fmt.Sprintf("is not valid JSON at byte %d: %s", syntax.ByteOffset, strings.TrimPrefix(syntax.Err.Error(), "jsontext: "))}
}

// field reads a member's value: null, or what read makes of it.
func field[T any](v jsontext.Value, read func(jsontext.Value) (T, error)) (task.Field[T], error) {
	if v.Kind() == 'n' {
		return task.Null[T](), nil
	}
	value, err := read(v)
	return task.Value(value), err
}

// parsed reads a string that parse understands.
func parsed[T any](v jsontext.Value, parse func(string) (T, error)) (T, error) {
	s, err := jsonvalue.Text(v)
	if err != nil {
		var none T
		return none, err
	}
	return parse(s)
}

func due(v jsontext.Value) (task.Due, error)           { return parsed(v, task.ParseDue) }
func reminder(v jsontext.Value) (task.Reminder, error) { return parsed(v, task.ParseReminder) }
func id(v jsontext.Value) (task.ID, error)             { return parsed(v, task.ParseID) }
func priority(v jsontext.Value) (task.Priority, error) { return parsed(v, parsePriority) }

func parsePriority(s string) (task.Priority, error) {
	p, ok := task.ParsePriority(s)
	if !ok {
		return 0, errors.New("must be high, medium or low")
	}
	return p, nil
}

// list reads an array, with a fault for each item that is none.
func list[T any](read func(jsontext.Value) (T, error)) func(jsontext.Value) ([]T, error) {
	return func(v jsontext.Value) ([]T, error) {
		items := []T{}
		var faults task.Faults
		err := jsonvalue.Elements(v, func(i int, v jsontext.Value) {
			item, err := read(v)
			if err != nil && len(faults) < maxFaults {
				faults = append(faults, task.Fault{Pointer: "/" + strconv.Itoa(i), Detail: err.Error()})
			}
			items = append(items, item)
		})
		if err == nil && faults != nil {
			err = faults
		}
		return items, err
	}
}

func recurrence(v jsontext.Value) (r task.RecurrencePatch, err error) {
	var faults task.Faults
	if jsonvalue.Members(v, func(name string, value jsontext.Value) {
		var err error
		switch name {
		case "rule":
			r.Rule, err = field(value, rule)
		case "from":
			r.From, err = field(value, recurrenceFrom)
		case "skip_if_open":
			r.SkipIfOpen, err = field(value, jsonvalue.Boolean)
		default:
			err = errors.New("is not a field of a recurrence")
		}
		if err != nil {
			faults = append(faults, task.Fault{Pointer: string(jsontext.Pointer("").AppendToken(name)), Detail: err.Error()})
		}
	}) != nil {
		return r, errors.New(`must be an object such as {"rule": "weekly"}`)
	}
	if faults != nil {
		return r, faults
	}
	return r, nil
}

func rule(v jsontext.Value) (string, error) { return parsed(v, task.ParseRule) }

func recurrenceFrom(v jsontext.Value) (task.RecurrenceFrom, error) { return parsed(v, parseFrom) }

func parseFrom(s string) (task.RecurrenceFrom, error) {
	if from := task.RecurrenceFrom(s); from == task.FromDue || from == task.FromCompletion {
		return from, nil
	}
	return "", errors.New("must be due or completion")
}
