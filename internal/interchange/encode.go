package interchange

import (
	"errors"
	"fmt"
	"io"
	"time"

	"todo-app/internal/task"
)

// Layout is what a file says beside the tasks.
type Layout struct {
	At time.Time // when it is written; JSON says so
	// Zone is whose clocks a calendar's repeating tasks go by, and what a
	// shorthand such as monthly takes the day from; nil is UTC.
	Zone *time.Location
	// Events makes a calendar of events, which every program shows, instead
	// of to-dos. Tasks without a due are not in it.
	Events bool
	// Name is what a calendar is called, if anything.
	Name string
	// Refresh is how often who subscribes to a calendar should look again; 0
	// leaves it to them.
	Refresh time.Duration
	// Length is how long the event of a task is that is due at a moment;
	// 0 is half an hour.
	Length time.Duration
	// Link returns where a task is shown; nil leaves it out of a calendar.
	Link func(task.ID) string
}

// Encoder writes a file of tasks. What it is given is written when some 32 KiB
// of it have come together, so that nothing is written of a short file before
// Close, which has to be called. After an error all that follows returns it;
// the file is then not whole, and only JSON and calendars show that to who
// reads them.
type Encoder struct {
	w    io.Writer
	form form
	buf  []byte
	err  error
}

// form is a format as it is written: each method appends to b.
type form interface {
	begin(b []byte) []byte
	settings(b []byte, s task.Settings) ([]byte, error)
	template(b []byte, t *task.Template) ([]byte, error)
	task(b []byte, t *task.Task) ([]byte, error)
	end(b []byte) []byte
}

const flushAt = 32 << 10

// NewEncoder begins a file of one of the formats that can be written: JSON, CSV
// and Calendar.
func NewEncoder(w io.Writer, f Format, l Layout) (*Encoder, error) {
	if l.Zone == nil {
		l.Zone = time.UTC
	}
	if l.Length == 0 {
		l.Length = 30 * time.Minute
	}
	e := &Encoder{w: w}
	switch f {
	case JSON:
		e.form = &ownForm{at: l.At}
	case CSV:
		e.form = csvForm{}
	case Calendar:
		e.form = &calendarForm{Layout: l}
	default:
		return nil, fmt.Errorf("interchange: the format %q cannot be written", f)
	}
	e.buf = e.form.begin(make([]byte, 0, flushAt+flushAt/4))
	return e, nil
}

// Settings writes what an owner has chosen, before all templates and tasks. Only
// JSON has it; the others pass over it.
func (e *Encoder) Settings(s task.Settings) error {
	return e.write(func(b []byte) ([]byte, error) { return e.form.settings(b, s) })
}

// Template writes a template, before all tasks. Only JSON has it; the others
// pass over it.
func (e *Encoder) Template(t *task.Template) error {
	return e.write(func(b []byte) ([]byte, error) { return e.form.template(b, t) })
}

// Task writes a task. A calendar of events passes over one without a due.
func (e *Encoder) Task(t *task.Task) error {
	return e.write(func(b []byte) ([]byte, error) { return e.form.task(b, t) })
}

// Close ends the file and writes what is left of it. It does not close the
// writer.
func (e *Encoder) Close() error {
	err := e.write(func(b []byte) ([]byte, error) { return e.form.end(b), nil })
	if err == nil {
		err = e.flush()
	}
	if err == nil {
		e.err = errors.New("interchange: the file is closed")
	}
	return err
}

func (e *Encoder) write(more func([]byte) ([]byte, error)) error {
	if e.err != nil {
		return e.err
	}
	if e.buf, e.err = more(e.buf); e.err == nil && len(e.buf) >= flushAt {
		e.err = e.flush()
	}
	return e.err
}

func (e *Encoder) flush() error {
	if _, e.err = e.w.Write(e.buf); e.err != nil {
		e.err = fmt.Errorf("writing the file: %w", e.err)
	}
	e.buf = e.buf[:0]
	return e.err
}
