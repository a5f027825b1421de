package httpapi

import (
	"errors"
	"net/http"
	"time"

	"todo-app/internal/task"
)

const exportPath = "/api/v1/export"

// exportTime is how long an export may take: a million tasks in a tenth of
// it, by a client that reads as fast as they come.
const exportTime = 5 * time.Minute

// maxExports is how many a process makes at once. Each holds a connection to
// the database for as long as its client takes to read.
const maxExports = 2

// FileFormat names a form of file that tasks are carried in.
type FileFormat string

// The formats of exports.
const (
	FileJSON     FileFormat = "json" // all there is to know, to be imported again
	FileCSV      FileFormat = "csv"  // for people and spreadsheets
	FileCalendar FileFormat = "ics"
)

// FileOptions say what a file is to be.
type FileOptions struct {
	Format FileFormat
	// Of a calendar: whether it has events, of what has a due, instead of
	// to-dos; what it is called; and how often to look for a new one.
	Events  bool
	Name    string
	Refresh time.Duration
}

// FileWriter is a file of tasks being written. Unless Close returns nil what is
// written is not whole.
type FileWriter interface {
	task.File
	Close() error
}

// mediaTypes are what files are sent as.
var mediaTypes = map[FileFormat]string{
	FileJSON:     jsonType,
	FileCSV:      "text/csv; charset=utf-8; header=present",
	FileCalendar: "text/calendar; charset=utf-8",
}

// exportTasks answers with a file of all of the caller's tasks. An answer that
// could not be finished breaks the connection, so that nobody takes it for
// whole.
func exportTasks(w http.ResponseWriter, r *request) error {
	p := r.query("format", "component")
	o := FileOptions{Format: FileJSON}
	if format, given := read(p, "format", oneOf(FileJSON, FileCSV, FileCalendar)); given {
		o.Format = format
	}
	component, given := read(p, "component", oneOf("vtodo", "vevent"))
	if given && len(p.faults) == 0 && o.Format != FileCalendar {
		p.fault("component", errors.New("goes with format=ics only"))
	}
	if err := p.err(); err != nil {
		return err
	}
	o.Events = component == "vevent"
	give, err := r.api.exporting.take(r.call.Owner, 1, maxExports)
	if err != nil {
		return err
	}
	defer give()
	x := r.exchange(w)
	x.begin = func(h http.Header) {
		h["Content-Type"] = []string{mediaTypes[o.Format]}
		h["Content-Disposition"] = []string{`attachment; filename="tasks-` + r.api.Tasks.Now().UTC().Format(time.DateOnly) + "." + string(o.Format) + `"`}
		h["Cache-Control"] = []string{"no-store"}
	}
	if r.Method == http.MethodHead {
		_, err := x.Write(nil)
		return err
	}
	file := r.api.WriteFile(x, o)
	err = r.api.Tasks.Export(r.Context(), r.call, file)
	if err == nil {
		err = file.Close()
	}
	return err
}
