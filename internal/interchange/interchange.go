// Package interchange reads and writes tasks in the forms in which people
// carry them from one program to another. It knows no storage and no HTTP.
//
// # Reading
//
// [Decode] yields a file's records one by one and holds one at a time, at most
// [MaxRecord] bytes of it, however large the file is; only of rows without ids it
// keeps some twenty bytes each, to know equal ones apart. What is wrong with one
// record is in its Faults and the reading goes on; what makes the rest
// unreadable ends it with an error. What a record says that a task cannot hold
// is in its Notes: nothing is dropped without a word. The formats of others are
// read kindly (an unreadable date costs the date, not the task), our own
// strictly, as a request is.
//
// A file refers to its records by ids that mean something within it only, and
// may refer to records that come later. So Parent and DependsOn are such ids,
// [Source.ID] of another record. An importer that works in chunks creates each
// task without relations, remembers which id became which task, and sets the
// relations when it knows both ends, for those that point forward at the end
// of the file. An id that no record had is the importer's to report; of two
// records with one id the first has it. The relations are best set before tasks
// are completed: a parent must not be archived, and a task is not completed
// while another it depends on is open.
//
// [Source.Key] tells records apart over all files, so that a file taken twice
// adds nothing: format, id and creation time together. A record without an id is
// known by what it says. In this service's own export the id is that of a task,
// which may still be there.
//
// # Writing
//
// [Encoder] writes task by task and holds some 32 KiB. JSON is lossless: what
// is read back is what was written, down to times and order. CSV has every
// field, for people and spreadsheets. iCalendar has what calendars understand.
//
// # iCalendar without a library
//
// Both libraries of some standing, emersion/go-ical (f41e73e) and
// arran4/golang-ical (v0.3.4), read and write a whole calendar at once and
// lines of any length, so that a file decides how much memory is used. The
// first also recurses once for each BEGIN, so that 36 MB of them end the
// process, and writes lines without folding them. What is needed of RFC 5545
// beside them is content lines, and those are some hundred lines here.
package interchange

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"iter"
	"time"

	"todo-app/internal/task"
)

// Format names a form of file.
type Format string

// The formats. CSV does not have all that JSON has; Legacy and Todoist can be
// read only.
const (
	JSON     Format = "json"     // this service's own export, or an array of tasks as lists have it
	Legacy   Format = "todo-cli" // the older command line's dump
	Todoist  Format = "todoist"  // a project that Todoist exported as CSV
	Calendar Format = "ics"      // iCalendar (RFC 5545)
	CSV      Format = "csv"      // RFC 4180, one row for each task
)

// MaxRecord is about how many bytes of a file one record may take. The largest
// task, with every character escaped, takes a third of it.
const MaxRecord = 1 << 20

// Options is what a file's meaning depends on beside the file.
type Options struct {
	// Zone is where clocks stand that a file names no zone for; nil is UTC.
	Zone *time.Location
	// Words reads a date in English words, such as "every friday at 9am", with
	// clocks in a zone; ok only if it understood all of them. With nil, dates
	// in words are noted and not carried over.
	Words func(text string, zone *time.Location) (due task.Due, r task.RecurrencePatch, ok bool)
}

// Decode returns a file's records in their order. An error is the last that is
// yielded: a *FileError says what is wrong with the file, any other is of r.
// The sequence can be walked once.
func Decode(r io.Reader, f Format, o Options) iter.Seq2[Record, error] {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	return func(yield func(Record, error) bool) {
		d := decoder{options: o, yield: yield}
		if err := d.run(r, f); err != nil && err != errStopped {
			yield(Record{}, err)
		}
	}
}

// FileError is what is wrong with a file as a whole, from some record on.
type FileError struct {
	Position int // of the record that could not be read, from 1; 0 if it is no file of this format at all
	Detail   string
}

// Error says where and what, for the one who sent the file.
func (e *FileError) Error() string {
	if e.Position == 0 {
		return "the file " + e.Detail
	}
	return fmt.Sprintf("the file, at record %d, %s", e.Position, e.Detail)
}

// errStopped ends the reading when nobody wants more records.
var errStopped = errors.New("no more records are wanted")

// decoder is what reading has in common over all formats.
type decoder struct {
	options  Options
	zones    task.Zones
	yield    func(Record, error) bool
	in       *input
	format   Format
	position int // of the record last begun

	rowsBefore map[uint64]int32 // how many equal rows without an id there were, by their hash
	seed       maphash.Seed
}

func (d *decoder) run(r io.Reader, f Format) error {
	d.format = f
	var err error
	if d.in, err = open(r); err != nil {
		return err
	}
	switch f {
	case JSON:
		return d.ownFile()
	case Legacy:
		return d.legacyFile()
	case Todoist:
		return d.todoistFile()
	case Calendar:
		return d.calendarFile()
	case CSV:
		return d.csvFile()
	}
	return &FileError{Detail: fmt.Sprintf("is of the format %q, which can not be read", f)}
}

// emit hands a record over.
func (d *decoder) emit(r Record) error {
	if !d.yield(r, nil) {
		return errStopped
	}
	return nil
}

// failed returns what ends the reading inside a record: why the file could not
// be read on if that is it, else what is wrong with it.
func (d *decoder) failed(detail string) error {
	switch {
	case d.in.err == errTooLong:
		detail = fmt.Sprintf("has a record of more than %d bytes", MaxRecord)
	case d.in.err != nil:
		return fmt.Errorf("reading the file: %w", d.in.err)
	}
	return &FileError{Position: d.position + 1, Detail: detail}
}

// zone returns the zone with a name, ok if there is such a one; else the one
// of clocks without.
func (d *decoder) zone(name string) (zone *time.Location, ok bool) {
	zone, err := d.zones.Load(name)
	if err != nil {
		return d.options.Zone, false
	}
	return zone, true
}
