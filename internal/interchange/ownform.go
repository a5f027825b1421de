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

func (f *ownForm) settings(b []byte, s task.Settings) ([]byte, error) {
	if f.part != inHead {
		return b, errOrder
	}
	b = append(b, `,"settings":{"time_zone":`...)
	b = quotedOrNull(b, s.Zone)
	if b = append(b, `,"auto_archive_days":`...); s.AutoArchiveDays == 0 {
		return append(b, "null}"...), nil
	}
	return append(strconv.AppendInt(b, int64(s.AutoArchiveDays), 10), '}'), nil
}

func (f *ownForm) template(b []byte, t *task.Template) ([]byte, error) {
	if f.part > inTemplates {
		return b, errOrder
	}
	b = quoted(append(f.enter(b, inTemplates), `{"name":`...), t.Name)
	b = append(stamped(append(b, `,"created_at":`...), t.CreatedAt), `,"updated_at":`...)
	return append(appendSketch(append(stamped(b, t.UpdatedAt), `,"task":`...), t.Sketch), '}'), nil
}

// task writes what is stored of a task, and where in its series it stands.
func (f *ownForm) task(b []byte, t *task.Task) ([]byte, error) {
	b = t.AppendRecord(f.enter(b, inTasks))
	b = append(b[:len(b)-1], `,"series":`...)
	if t.Anchor.IsZero() {
		b = append(b, "null"...)
	} else {
		b = quoted(append(b, `{"anchor":`...), t.Anchor.String())
		b = append(quoted(append(b, `,"occurrence":`...), t.Occurrence.String()), '}')
	}
	if b = append(b, `,"next_id":`...); t.NextID.IsZero() {
		return append(b, "null}"...), nil
	}
	return append(quoted(b, t.NextID.String()), '}'), nil
}

func stamped(b []byte, at time.Time) []byte { return quoted(b, at.UTC().Format(time.RFC3339Nano)) }

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

// appendSketch appends what a template says, as a task has it, but for the due,
// which is in words.
func appendSketch(b []byte, s task.Sketch) []byte {
	b = quoted(append(b, `{"title":`...), s.Title)
	b = quoted(append(b, `,"description":`...), s.Description)
	b = quoted(append(b, `,"priority":`...), s.Priority.String())
	b = quotedOrNull(append(b, `,"category":`...), s.Category)
	b = quotedList(append(b, `,"tags":`...), s.Tags)
	b = quotedOrNull(append(b, `,"due":`...), s.Due)
	b = quotedList(append(b, `,"reminders":`...), s.Reminders)
	if b = append(b, `,"recurrence":`...); s.Recurrence.IsZero() {
		return append(b, "null}"...)
	}
	b = quoted(append(b, `{"rule":`...), s.Recurrence.Rule)
	b = quoted(append(b, `,"from":`...), s.Recurrence.From)
	return append(strconv.AppendBool(append(b, `,"skip_if_open":`...), s.Recurrence.SkipIfOpen), "}}"...)
}

func quotedOrNull(b []byte, s string) []byte {
	if s == "" {
		return append(b, "null"...)
	}
	return quoted(b, s)
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
