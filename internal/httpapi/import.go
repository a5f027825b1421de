package httpapi

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"time"

	"todo-app/internal/task"
	"todo-app/internal/task/quickadd"
)

const importPath = "/api/v1/import"

// importTime is how long an import may take.
const importTime = 8 * time.Minute

// maxImports is how many a process does at once, so that their names and
// reports fit into its memory.
const maxImports = 2

// The formats that can be read beside FileJSON, FileCSV and FileCalendar.
const (
	FileLegacy  FileFormat = "todo-cli" // the older command line's dump
	FileTodoist FileFormat = "todoist"  // a project that Todoist exported as CSV
)

// FileSource is a file that tasks are read from.
type FileSource struct {
	Body      io.Reader
	MediaType string         // as it was sent, "" if nobody said
	Format    FileFormat     // "": to be found out
	Zone      *time.Location // where clocks stand that the file names no zone for
}

// FileRecord is one entry of a file, and what would become of it.
type FileRecord struct {
	task.ImportRecord
	Format   FileFormat
	Kind     string // task, template, settings or other
	Settings task.Settings
	Template string      // its name; the patch is of tasks made of it
	Words    string      // its due
	Faults   task.Faults // why it cannot be taken
	Notes    []task.Fault
}

// The kinds of record that something can be made of.
const (
	taskRecord     = "task"
	templateRecord = "template"
	settingsRecord = "settings"
	otherRecord    = "other" // what is not carried over, and would be one
)

// FileFault is what is wrong with a file from some place on, fit to be told.
type FileFault struct{ Detail string }

// Error returns the detail.
func (f *FileFault) Error() string { return f.Detail }

// fileTypes are the media types that files may be sent as.
var fileTypes = []string{"application/octet-stream", jsonType, "text/csv", "text/calendar"}

// importTasks takes the tasks of a file that is read as it comes. One that is
// refused is read on for a while all the same.
func importTasks(w http.ResponseWriter, r *request) error {
	x := r.exchange(w)
	err := r.importTo(x)
	if err != nil {
		x.drain(2 * r.api.ImportMax)
	}
	return err
}

// importTo takes the file, if it may be one and not too many others are being
// taken, and answers with what became of it.
func (r *request) importTo(x *exchange) error {
	p := r.query("format")
	format, _ := read(p, "format", oneOf(FileJSON, FileLegacy, FileTodoist, FileCSV, FileCalendar))
	done := &importReport{format: format}
	_, _, err := r.idempotencyKey() // records are known by themselves, so it adds nothing
	for _, check := range []error{p.err(), err, r.checkEncoding(), r.checkType(fileTypes)} {
		if check != nil {
			return check
		}
	}
	give, err := r.api.importing.take(r.call.Owner, 1, maxImports)
	if err != nil {
		return err
	}
	defer give()
	if err := r.importFrom(x, format, done); err != nil {
		return done.unfinished(err)
	}
	x.begin = func(h http.Header) { h["Content-Type"] = []string{jsonType} }
	return done.write(x)
}

// importFrom takes what the file has, and reports on it.
func (r *request) importFrom(x *exchange, format FileFormat, done *importReport) error {
	if r.ContentLength > r.api.ImportMax {
		return tooLarge(r.api.ImportMax)
	}
	v, err := r.api.Tasks.View(r.Context(), r.call)
	if err != nil {
		return err
	}
	file := &bounded{x, r.api.ImportMax, r.api.ImportMax}
	records, err := r.api.ReadFile(FileSource{file, r.Header.Get("Content-Type"), format, v.Zone})
	if err != nil {
		return err
	}
	importer := r.api.Tasks.Importer(r.call, task.ImportTell{Result: done.result, Note: done.note})
	defer func() {
		if done.counts[task.ImportCreated] > 0 {
			r.api.Changed(r.call.Owner)
		}
	}()
	if err := r.importAll(records, importer, done); err != nil {
		return err
	}
	return importer.Close(r.Context())
}

func (r *request) importAll(records iter.Seq2[FileRecord, error], importer *task.Importer, done *importReport) error {
	var fault *FileFault
	for record, err := range records {
		if errors.As(err, &fault) {
			return errors.Join(err, importer.Flush(r.Context())) // what comes before is taken
		} else if err != nil {
			return err
		}
		if err := done.begin(record); err != nil {
			return err
		}
		switch {
		case len(record.Faults) > 0:
			done.result(record.Position, task.ImportRefused, task.ID{}, record.Faults)
		case record.Kind == taskRecord:
			err = importer.Add(r.Context(), record.ImportRecord)
		case record.Kind == templateRecord:
			err = r.importTemplate(record, done)
		case record.Kind == settingsRecord && record.Settings != (task.Settings{}):
			err = r.importSettings(record, done)
		default:
			done.result(record.Position, task.ImportSkipped, task.ID{}, errNothing)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

var (
	errNothing = errors.New("nothing is made of it")
	errChosen  = errors.New("is chosen already")
)

// importTemplate keeps a template, unless there is one of its name.
func (r *request) importTemplate(record FileRecord, done *importReport) error {
	skipped, err := r.api.Tasks.AdoptTemplate(r.Context(), r.call, task.ImportTemplate{
		TemplateDraft: task.TemplateDraft{Name: record.Template, Patch: record.Patch, Due: record.Words},
		CreatedAt:     record.CreatedAt, UpdatedAt: record.UpdatedAt,
	}, quickadd.ParseDue)
	var full *task.Conflict
	faults := task.AsFaults(err)
	for i, f := range faults {
		if f.Pointer != "/name" {
			faults[i].Pointer = cmp.Or(record.Pointers[f.Pointer], "/task"+f.Pointer)
		}
	}
	switch {
	case faults != nil:
		done.result(record.Position, task.ImportRefused, task.ID{}, faults)
	case errors.As(err, &full):
		done.result(record.Position, task.ImportRefused, task.ID{}, errors.New(full.Detail))
	case err != nil:
		return err
	case skipped != nil:
		done.result(record.Position, task.ImportSkipped, task.ID{}, skipped)
	default:
		done.result(record.Position, task.ImportCreated, task.ID{}, nil)
	}
	return nil
}

// importSettings makes settings the caller's of which they have chosen none.
func (r *request) importSettings(record FileRecord, done *importReport) error {
	adopted, err := r.api.Tasks.AdoptSettings(r.Context(), r.call, record.Settings)
	if err != nil {
		return err
	}
	if adopted.Zone != record.Settings.Zone {
		done.note(record.Position, "/time_zone", errChosen.Error())
	}
	if adopted.AutoArchiveDays != record.Settings.AutoArchiveDays {
		done.note(record.Position, "/auto_archive_days", errChosen.Error())
	}
	if adopted == (task.Settings{}) {
		done.result(record.Position, task.ImportSkipped, task.ID{}, errChosen)
	} else {
		done.result(record.Position, task.ImportCreated, task.ID{}, nil)
	}
	return nil
}

// bounded reads a body that may have so many bytes.
type bounded struct {
	io.Reader
	left, most int64
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, tooLarge(b.most)
	}
	n, err := b.Reader.Read(p[:min(int64(len(p)), b.left+1)]) // one more shows that there is more
	b.left -= int64(n)
	if b.left < 0 {
		return 0, tooLarge(b.most)
	}
	return n, err
}

func tooLarge(most int64) error {
	return &Problem{Status: http.StatusRequestEntityTooLarge, Detail: fmt.Sprintf("the file is larger than %d bytes", most)}
}
