package interchange

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"todo-app/internal/task"
)

// csvFile reads the CSV of csvForm, and what people write like it: a row of
// names, title among them, in any order and of any case, then a row for each
// task. An empty cell says nothing, a due may be in words, and CR LF in a cell is
// LF, as package encoding/csv has it.
func (d *decoder) csvFile() error {
	f := table{decoder: d, csv: d.rows()}
	if err := f.header(); err != nil {
		return err
	}
	for {
		fields, wrong, err := d.readRow(f.csv)
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = f.task(fields, wrong)
		}
		if err != nil {
			return err
		}
	}
}

type table struct {
	*decoder
	csv     *csv.Reader
	columns []string
}

// header reads the names of the columns, and reports those that are of no use.
func (f *table) header() error {
	fields, wrong, err := f.readRow(f.csv)
	if err == io.EOF || wrong != nil {
		return &FileError{Detail: "is no CSV of tasks: it begins with no row of column names"}
	}
	if err != nil {
		return err
	}
	r := f.begin(OtherRecord)
	known := strings.Split(csvColumns, ",")
	for _, name := range fields {
		name = strings.ToLower(strings.TrimSpace(name))
		switch {
		case !slices.Contains(known, name):
			if name != "" {
				r.note(pointer(name), "the column is not carried over")
			}
			name = ""
		case slices.Contains(f.columns, name):
			return &FileError{Detail: "has the column " + name + " twice"}
		}
		f.columns = append(f.columns, name)
	}
	if !slices.Contains(f.columns, "title") {
		return &FileError{Detail: "is no CSV of tasks: it has no column title"}
	}
	if r.Notes == nil {
		return nil
	}
	return f.emit(r.finish(nil))
}

// task hands over what a row says; wrong is set if it cannot be read.
func (f *table) task(fields []string, wrong error) error {
	if wrong == nil && strings.TrimSpace(strings.Join(fields, "")) == "" {
		f.position++
		return nil
	}
	r := f.begin(TaskRecord)
	if wrong != nil {
		r.broken = true
		r.fault("", wrong)
		return f.emit(r.finish(nil))
	}
	f.cells(r, fields)
	if r.Source.ID == "" {
		r.Source.ID = f.rowID(f.columns, fields, "")
	}
	r.ownRelations()
	return f.emit(r.finish(nil))
}

// cells reads those of a row. What is of the recurrence stands in three.
func (f *table) cells(r *draft, fields []string) {
	var parts []byte
	if n := len(f.columns); len(fields) > n {
		if strings.Join(fields[n:], "") != "" {
			r.note("", "has more cells than there are columns, which are not carried over")
		}
		fields = fields[:n]
	}
	for i, cell := range fields {
		switch cell = strings.TrimPrefix(cell, "'"); {
		case strings.TrimSpace(cell) == "":
		case f.columns[i] == "due":
			f.due(r, strings.TrimSpace(cell))
		case f.columns[i] != "":
			name, inRecurrence := strings.CutPrefix(f.columns[i], "recurrence_")
			if f.columns[i] == "recurrence" {
				name, inRecurrence = "rule", true
			}
			if value := cellValue(name, cell); inRecurrence || name == "skip_if_open" {
				parts = append(append(parts, `,"`+name+`":`...), value...)
			} else {
				r.ownTaskMember(name, value)
			}
		}
	}
	if parts != nil {
		parts[0] = '{'
		r.ownTaskMember("recurrence", append(parts, '}'))
	}
}

// due reads one that is written as ours are, or in words, which may say how
// the task repeats.
func (f *table) due(r *draft, cell string) {
	if _, err := task.ParseDue(cell); err == nil || f.options.Words == nil {
		r.ownTaskMember("due", quotedCell(cell))
		return
	}
	due, recurrence, ok := f.options.Words(cell, f.options.Zone)
	if !ok || due.IsZero() {
		r.fault("/due", errors.New("must be a date (2026-12-24), a time (2026-12-24T09:00:00Z), or words for one (tomorrow 9am)"))
		return
	}
	r.Patch.Due = task.Value(due)
	if recurrence.Rule.Set {
		r.Patch.Recurrence = task.Value(recurrence)
	}
}

// cellValue returns what stands in a cell as our JSON has it.
func cellValue(name, cell string) jsontext.Value {
	word := strings.ToLower(strings.TrimSpace(cell))
	switch name {
	case "completed", "archived", "skip_if_open":
		if word == "true" || word == "false" {
			return jsontext.Value(word)
		}
	case "order", "version":
		if v := jsontext.Value(word); v.IsValid() && v.Kind() == '0' {
			return v
		}
	case "priority", "from":
		return quotedCell(word)
	case "tags":
		return cellList(strings.Split(cell, "\n"))
	case "reminders", "depends_on":
		return cellList(strings.Fields(cell))
	}
	return quotedCell(cell)
}

func cellList(words []string) jsontext.Value {
	list := jsontext.Value("[")
	for i, word := range words {
		if i > 0 {
			list = append(list, ',')
		}
		list = append(list, quotedCell(strings.TrimSpace(word))...)
	}
	return append(list, ']')
}

func quotedCell(cell string) jsontext.Value {
	v, err := jsontext.AppendQuote(nil, cell)
	if err != nil {
		return jsontext.Value(`""`) // cannot happen: rows that are no UTF-8 are refused
	}
	return v
}
