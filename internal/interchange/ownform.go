package interchange

import (
	"errors"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"todo-app/internal/task"
)

// ownForm writes what ownFile reads, each task in a line of its own.
type ownForm struct {
	at   time.Time
	part ownPart
}

// ownPart is where in the file writing stands.
type ownPart int

const (
	inHead ownPart = iota
	inTemplates
	inTasks
)

func (f *ownForm) begin(b []byte) []byte {
	b = append(b, `{"format":"`+ownFormat+`","version":`+strconv.Itoa(ownVersion)...)
	if !f.at.IsZero() {
		b = append(b, `,"exported_at":"`+f.at.UTC().Format(time.RFC3339Nano)+`"`...)
	}
	return b
}

var errOrder = errors.New("interchange: a file has settings first, then templates, then tasks")

func (f *ownForm) settings(b []byte, zone string) ([]byte, error) {
	if f.part != inHead {
		return b, errOrder
	}
	return append(quoted(append(b, `,"settings":{"time_zone":`...), zone), '}'), nil
}

func (f *ownForm) template(b []byte, name string, p task.Patch) ([]byte, error) {
	if f.part > inTemplates {
		return b, errOrder
	}
	b = quoted(append(f.enter(b, inTemplates), `{"name":`...), name)
	return append(appendPatch(append(b, `,"task":`...), p), '}'), nil
}

func (f *ownForm) task(b []byte, t *task.Task) ([]byte, error) {
	return t.AppendRecord(f.enter(b, inTasks)), nil
}

// enter goes to the next item of a part, and into the part first.
func (f *ownForm) enter(b []byte, part ownPart) []byte {
	if f.part == part {
		return append(b, ",\n"...)
	}
	b = f.leave(b)
	f.part = part
	if part == inTemplates {
		return append(b, `,"templates":[`+"\n"...)
	}
	return append(b, `,"tasks":[`+"\n"...)
}

func (f *ownForm) leave(b []byte) []byte {
	if f.part == inHead {
		return b
	}
	return append(b, "\n]"...)
}

func (f *ownForm) end(b []byte) []byte {
	if f.part != inTasks {
		b = append(f.leave(b), `,"tasks":[`...)
		f.part = inTasks
	}
	return append(f.leave(b), "}\n"...)
}

// quoted appends a JSON string. Bytes that are no UTF-8 become U+FFFD, of
// which storage has none.
func quoted[S ~string](b []byte, s S) []byte {
	b, _ = jsontext.AppendQuote(b, s)
	return b
}

// appendPatch appends what a template sets, as a task has it.
func appendPatch(b []byte, p task.Patch) []byte {
	o := object{b: append(b, '{')}
	put(&o, "title", p.Title, quoted[string])
	put(&o, "description", p.Description, quoted[string])
	put(&o, "priority", p.Priority, func(b []byte, v task.Priority) []byte { return quoted(b, v.String()) })
	put(&o, "category", p.Category, quoted[string])
	put(&o, "tags", p.Tags, quotedList[string])
	put(&o, "due", p.Due, func(b []byte, v task.Due) []byte { return quoted(b, v.String()) })
	put(&o, "reminders", p.Reminders, quotedList[task.Reminder])
	put(&o, "recurrence", p.Recurrence, appendRecurrence)
	put(&o, "order", p.Order, func(b []byte, v float64) []byte { return strconv.AppendFloat(b, v, 'g', -1, 64) })
	return append(o.b, '}')
}

func appendRecurrence(b []byte, r task.RecurrencePatch) []byte {
	o := object{b: append(b, '{')}
	put(&o, "rule", r.Rule, quoted[string])
	put(&o, "from", r.From, quoted[task.RecurrenceFrom])
	put(&o, "skip_if_open", r.SkipIfOpen, strconv.AppendBool)
	return append(o.b, '}')
}

// object is a JSON object being written.
type object struct {
	b    []byte
	more bool
}

// put writes a member that is set.
func put[T any](o *object, name string, f task.Field[T], value func([]byte, T) []byte) {
	if !f.Set {
		return
	}
	if o.more {
		o.b = append(o.b, ',')
	}
	o.more = true
	o.b = append(quoted(o.b, name), ':')
	if f.Null {
		o.b = append(o.b, "null"...)
	} else {
		o.b = value(o.b, f.Value)
	}
}

func quotedList[S ~string](b []byte, items []S) []byte {
	b = append(b, '[')
	for i, item := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = quoted(b, item)
	}
	return append(b, ']')
}
