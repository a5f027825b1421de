package interchange

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"todo-app/internal/task"
)

// todoistColumns are the columns of Todoist's export, and whether what stands
// in them is of a task. A file may have fewer, in any order.
// https://todoist.com/help/articles/import-or-export-a-project-as-a-csv-file-in-todoist-YC8YvN
var todoistColumns = map[string]bool{
	"TYPE": true, "CONTENT": true, "DESCRIPTION": true, "PRIORITY": true, "INDENT": true, "AUTHOR": false, "RESPONSIBLE": true,
	"DATE": true, "DATE_LANG": true, "TIMEZONE": true, "DURATION": true, "DURATION_UNIT": true, "DEADLINE": true, "DEADLINE_LANG": true,
}

// todoistFile reads rows of tasks, of the sections they stand in, and of
// comments on the task above.
func (d *decoder) todoistFile() error {
	f := todoist{decoder: d, csv: d.rows()}
	if err := f.header(); err != nil {
		return err
	}
	for {
		err := f.next()
		if err == io.EOF {
			return f.flush()
		}
		if err != nil {
			return err
		}
	}
}

type todoist struct {
	*decoder
	csv     *csv.Reader
	columns []string
	row     map[string]string
	section string
	root    string // id of the last task that was not indented
	pending *draft // a task whose comments may follow
	length  int    // of its description, which is not counted anew for each
}

// rows returns a reader of the file's rows.
func (d *decoder) rows() *csv.Reader {
	r := csv.NewReader(d.in)
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	if head, _, _ := strings.Cut(string(d.in.head), "\n"); strings.Count(head, ";") > strings.Count(head, ",") {
		r.Comma = ';' // a spreadsheet in a country of decimal commas saved it
	}
	return r
}

// readRow reads a row; wrong is set if it is not one.
func (d *decoder) readRow(r *csv.Reader) (fields []string, wrong error, err error) {
	d.in.record(r.InputOffset())
	fields, err = r.Read()
	var syntax *csv.ParseError
	switch {
	case err == io.EOF:
		return nil, nil, err
	case errors.As(err, &syntax) && d.in.err == nil:
		return nil, fmt.Errorf("is not valid CSV in line %d: %v", syntax.Line, syntax.Err), nil
	case err != nil:
		return nil, nil, d.failed("cannot be read")
	case !valid(fields):
		return nil, errors.New("is not valid UTF-8: save the file as UTF-8"), nil
	}
	return fields, nil, nil
}

func valid(fields []string) bool {
	return !slices.ContainsFunc(fields, func(s string) bool { return !utf8.ValidString(s) })
}

// header reads the names of the columns, and reports those that are of no use.
func (f *todoist) header() error {
	fields, wrong, err := f.readRow(f.csv)
	if err == io.EOF || wrong != nil {
		return &FileError{Detail: "is no CSV of Todoist's: it begins with no row of column names"}
	}
	if err != nil {
		return err
	}
	r := f.begin(OtherRecord)
	for _, name := range fields {
		name = strings.ToUpper(strings.TrimSpace(name))
		used, known := todoistColumns[name]
		switch {
		case slices.Contains(f.columns, name) && known:
			return &FileError{Detail: "has the column " + name + " twice"}
		case !used && name != "":
			r.note(pointer(name), "the column is not carried over")
		}
		f.columns = append(f.columns, name)
	}
	for _, name := range []string{"TYPE", "CONTENT"} {
		if !slices.Contains(f.columns, name) {
			return &FileError{Detail: "is no CSV of Todoist's: it has no column " + name}
		}
	}
	f.row = make(map[string]string, len(todoistColumns))
	if r.Notes == nil {
		return nil
	}
	return f.emit(r.finish(nil))
}

// next reads a row and hands over what it completes.
func (f *todoist) next() error {
	fields, wrong, err := f.readRow(f.csv)
	if err != nil {
		return err
	}
	if wrong != nil {
		return f.refuse(wrong)
	}
	extra := f.set(fields)
	kind := strings.ToLower(strings.TrimSpace(f.row["TYPE"]))
	if kind == "note" {
		return f.comment()
	}
	if err := f.flush(); err != nil {
		return err
	}
	switch kind {
	case "task":
		f.task(fields)
		if extra {
			f.pending.note("", "has more cells than there are columns, which are not carried over")
		}
		return nil
	case "section":
		f.position++
		f.section, f.root = f.row["CONTENT"], ""
		return nil
	case "meta":
		return f.other("/CONTENT", quote(f.row["CONTENT"])+" says how the project is shown, and is not carried over")
	case "":
		if strings.Join(fields, "") == "" { // Todoist puts one behind each task that is not indented
			f.position++
			return nil
		}
	}
	return f.refuse(task.Faults{{Pointer: "/TYPE", Detail: "must be task, section, note or meta"}})
}

// refuse reports a row that cannot be read.
func (f *todoist) refuse(wrong error) error {
	if err := f.flush(); err != nil {
		return err
	}
	r := f.begin(TaskRecord)
	r.broken = true
	r.fault("", wrong)
	return f.emit(r.finish(nil))
}

// set puts a row's cells under their columns' names, and reports whether there
// are more than columns.
func (f *todoist) set(fields []string) (extra bool) {
	clear(f.row)
	for i, cell := range fields {
		if i < len(f.columns) {
			f.row[f.columns[i]] = cell
		} else if cell != "" {
			extra = true
		}
	}
	return extra
}

// todoistPointers say which columns have what.
var todoistPointers = map[string]string{
	"/title": "/CONTENT", "/description": "/DESCRIPTION", "/due": "/DATE", "/recurrence": "/DATE", "/recurrence/rule": "/DATE", "/parent_id": "/INDENT",
}

// flush hands over the task that waited for its comments.
func (f *todoist) flush() error {
	r := f.pending
	if f.pending = nil; r == nil {
		return nil
	}
	return f.emit(r.finish(todoistPointers))
}

// comment adds a comment to the description of the task it is on.
func (f *todoist) comment() error {
	text := f.row["CONTENT"]
	if f.pending == nil {
		return f.other("/CONTENT", "a comment on the project is not carried over: "+quote(text))
	}
	f.position++
	whole := f.length + utf8.RuneCountInString(text)
	if f.length > 0 {
		whole += len("\n\n")
	}
	switch {
	case text == "":
	case whole > task.MaxDescription:
		f.pending.note("", "the comment in row %d is not carried over: the description would have %d characters", f.position, whole)
	default:
		f.length = whole
		f.pending.Patch.Description = task.Value(join(f.pending.Patch.Description.Value, text))
	}
	return nil
}

// task begins a task.
func (f *todoist) task(fields []string) {
	r := f.begin(TaskRecord)
	f.pending = r
	f.indent(r)
	if r.Source.ID = f.rowID(f.columns, fields, r.Parent); r.Parent == "" {
		f.root = r.Source.ID
	}
	r.headline(r.labels(f.row["CONTENT"]), f.row["DESCRIPTION"])
	f.length = utf8.RuneCountInString(r.Patch.Description.Value)
	r.todoistPriority(f.row["PRIORITY"])
	if !blank(f.section) {
		r.category("/CONTENT", f.section)
	}
	f.date(r)
	f.rest(r)
}

// labels takes the words that begin with @ for tags, and returns the text
// without them, or all of it if nothing else stands there.
func (d *draft) labels(content string) string {
	if !strings.Contains(content, "@") {
		return content
	}
	var kept strings.Builder
	for rest := content; rest != ""; {
		gap := len(rest) - len(strings.TrimLeftFunc(rest, unicode.IsSpace))
		end := strings.IndexFunc(rest[gap:], unicode.IsSpace)
		if end < 0 {
			end = len(rest) - gap
		}
		label, ok := strings.CutPrefix(rest[gap:gap+end], "@")
		if !ok || label == "" || !d.tag("/CONTENT", label) {
			kept.WriteString(rest[:gap+end])
		}
		rest = rest[gap+end:]
	}
	if blank(kept.String()) || d.Patch.Tags.Value == nil {
		return content
	}
	return strings.TrimFunc(kept.String(), unicode.IsSpace)
}

// todoistPriority keeps 1 to 3, which somebody has chosen, apart. 4 is
// Todoist's for none, and below them.
func (d *draft) todoistPriority(s string) {
	switch strings.TrimSpace(s) {
	case "":
	case "1":
		d.Patch.Priority = task.Value(task.High)
	case "2":
		d.Patch.Priority = task.Value(task.Medium)
	case "3":
		d.note("/PRIORITY", "3 becomes low, as 4 does")
		d.Patch.Priority = task.Value(task.Low)
	case "4":
		d.Patch.Priority = task.Value(task.Low)
	default:
		d.note("/PRIORITY", "%s is not carried over: priorities are 1 to 4", quote(s))
	}
}

// indent finds the task that this is a part of. Parts of parts become parts of
// the whole, because there are two levels here.
func (f *todoist) indent(r *draft) {
	s := strings.TrimSpace(f.row["INDENT"])
	level, err := strconv.Atoi(s)
	switch {
	case s != "" && (err != nil || level < 0):
		r.note("/INDENT", "%s is not carried over: it is no number of a level", quote(s))
		return
	case level <= 1:
		return
	case f.root == "":
		r.note("/INDENT", "is not carried over: no task stands above this one")
		return
	case level > 2:
		r.note("/INDENT", "was on level %d, and is now a subtask of the task on level 1 above it", level)
	}
	r.Parent = f.root
}

// date sets the due and the recurrence.
func (f *todoist) date(r *draft) {
	date := strings.TrimSpace(f.row["DATE"])
	if date == "" {
		return
	}
	zone, ok := f.options.Zone, true
	if name := strings.TrimSpace(f.row["TIMEZONE"]); name != "" {
		zone, ok = f.zone(name)
	}
	if due, ok := writtenDate(date, zone); ok {
		r.Patch.Due = task.Value(due)
	} else if !f.words(r, date, zone) {
		r.note("/DATE", "%s is not carried over: it is not understood", quote(date))
		return
	}
	if !ok && !r.Patch.Due.Value.AllDay {
		r.note("/TIMEZONE", "%s is no zone known here: the time is taken to be of %s", quote(f.row["TIMEZONE"]), zone)
	}
}

// words has a date in English read by who understands it.
func (f *todoist) words(r *draft, date string, zone *time.Location) bool {
	language := strings.ToLower(strings.TrimSpace(f.row["DATE_LANG"]))
	if f.options.Words == nil || language != "" && language != "en" {
		return false
	}
	due, recurrence, ok := f.options.Words(date, zone)
	if !ok || due.IsZero() {
		return false
	}
	r.Patch.Due = task.Value(due)
	if recurrence.Rule.Set {
		r.recur("/DATE", recurrence.Rule.Value)
		recurrence.Rule = r.Patch.Recurrence.Value.Rule
		r.Patch.Recurrence.Value = recurrence
	}
	return true
}

// The forms of dates without words, of what Todoist has written and of what
// scripts write for it.
var (
	dateForms  = []string{time.DateOnly, "Jan 2 2006", "Jan 2, 2006", "2 Jan 2006", "January 2 2006", "2 January 2006"}
	clockForms = []string{"", " 15:04", " 3:04 PM", " 3:04PM", "T15:04:05", " 15:04:05", "T15:04:05Z07:00"}
)

// writtenDate reads a date or a time that needs no knowledge of today.
func writtenDate(s string, zone *time.Location) (task.Due, bool) {
	if len(s) > 40 {
		return task.Due{}, false
	}
	for _, clock := range clockForms {
		for _, date := range dateForms {
			at, err := time.ParseInLocation(date+clock, s, zone)
			if err != nil {
				continue
			}
			due, err := dueAt(at)
			if clock == "" {
				due, err = task.ParseDue(at.Format(time.DateOnly))
			}
			return due, err == nil
		}
	}
	return task.Due{}, false
}

// rest notes what a task has and cannot keep.
func (f *todoist) rest(r *draft) {
	if who := strings.TrimSpace(f.row["RESPONSIBLE"]); who != "" {
		r.note("/RESPONSIBLE", "%s is not carried over: tasks are their owner's", quote(who))
	}
	if long := strings.TrimSpace(f.row["DURATION"]); long != "" && long != "None" {
		r.note("/DURATION", "%s is not carried over: tasks have no length", quote(strings.TrimSpace(long+" "+f.row["DURATION_UNIT"])))
	}
	deadline := strings.TrimSpace(f.row["DEADLINE"])
	if deadline == "" {
		return
	}
	due, ok := writtenDate(deadline, f.options.Zone)
	if ok && f.row["DATE"] == "" {
		r.note("/DEADLINE", "is taken for the due date, because there is none")
		r.Patch.Due = task.Value(due)
	} else {
		r.note("/DEADLINE", "%s is not carried over", quote(deadline))
	}
}
