package interchange

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"todo-app/internal/task"
)

// Kind says what a record is.
type Kind string

// The kinds of record.
const (
	TaskRecord     Kind = "task"
	TemplateRecord Kind = "template" // Name, Patch and Words are set
	SettingsRecord Kind = "settings" // Settings is set
	OtherRecord    Kind = "other"    // nothing to be made of it: the Notes say what it was
)

// Record is one entry of a file, and what would become of it.
type Record struct {
	Kind Kind
	// Position is the record's place in the file, counted from 1; in CSV that
	// of its row, the one with the names being row 1.
	Position int
	Source   Source        // without an id, of settings and others
	Name     string        // of a template, in lower case
	Settings task.Settings // no zone, "", and 0 days where the file has none
	Words    string        // a template's due
	// Patch is a task's, complete as task.Patch.NewTask leaves it, without its
	// relations; of a template, what it sets.
	Patch task.Patch
	// What a patch cannot carry, zero where the source does not tell: a task
	// may be completed without a time. Version is of no use but to show.
	CreatedAt   time.Time
	UpdatedAt   time.Time
	CompletedAt time.Time
	ArchivedAt  time.Time
	Version     int64
	// Of a task that repeats: the series that it is of, and the occurrence that
	// completing it has made.
	Anchor, Occurrence task.Due
	NextID             task.ID
	// Relations, as ids of other records of the file; see the package.
	Parent    string
	DependsOn []string
	// Pointers are what the file's record has in place of a task's fields; nil:
	// the fields themselves.
	Pointers map[string]string
	// Faults are why the record cannot be taken, at pointers into the record
	// as the file has it.
	Faults task.Faults
	// Notes are what would not be carried over, or not quite.
	Notes []Note
}

// Note says what of a record is not carried over, at a pointer into the record
// as the file has it.
type Note struct {
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

// Source is where a record comes from.
type Source struct {
	Format  Format
	ID      string // what other records of the file call it; at most 128 bytes of ASCII
	Created string // creation time as the file has it, or what else tells records of one id apart
}

// Key returns what tells the record from those of all other files, at most 600
// bytes of ASCII without white space.
func (s Source) Key() string {
	return string(s.Format) + ":" + url.QueryEscape(s.ID) + ":" + url.QueryEscape(s.Created)
}

// maxID bounds ids, so that they can be kept in an index.
const maxID = 128

// sourceID returns an id as records are told apart by it: itself, or a digest
// if it is long or odd.
func sourceID(id string) string {
	odd := func(r rune) bool { return r <= ' ' || r > '~' }
	if len(id) <= maxID && !strings.ContainsFunc(id, odd) {
		return id
	}
	return digest([]byte(id))
}

// digest names what has no name, by its content.
func digest(parts ...[]byte) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:", len(part))
		h.Write(part)
	}
	return "sha256-" + hex.EncodeToString(h.Sum(nil)[:16])
}

// rowID names a row that has no id: by its cells and what they are of, by the row
// that it is below, "" if none, and by how many equal ones come before it. Where
// it stands and what else the file has is no part of that: of a file that comes
// again mended only what is missing is new. So equal rows of two files are one,
// as equal records without ids are in the other formats.
func (d *decoder) rowID(columns, cells []string, above string) string {
	parts := [][]byte{[]byte(above)}
	for i, cell := range cells[:min(len(cells), len(columns))] {
		if cell != "" {
			parts = append(parts, []byte(columns[i]), []byte(cell))
		}
	}
	row := digest(parts...)
	if d.rowsBefore == nil {
		d.rowsBefore, d.seed = map[uint64]int32{}, maphash.MakeSeed()
	}
	hash := maphash.String(d.seed, row)
	before := d.rowsBefore[hash]
	d.rowsBefore[hash]++
	return digest([]byte(row), []byte(strconv.Itoa(int(before))))
}

// draft is a record while it is put together.
type draft struct {
	Record
	broken   bool // not all of it could be read, so that what seems to lack may be there
	unlisted int  // faults and notes beyond maxListed
}

// maxListed bounds how many faults, and how many notes, one record lists.
const maxListed = 50

// begin starts the next record.
func (d *decoder) begin(kind Kind) *draft {
	d.position++
	return &draft{Record: Record{Kind: kind, Position: d.position, Source: Source{Format: d.format}}}
}

// other reports something that is not carried over as a record of its own.
func (d *decoder) other(pointer, detail string) error {
	r := d.begin(OtherRecord)
	r.note(pointer, "%s", detail)
	return d.emit(r.Record)
}

func (d *draft) note(pointer, format string, args ...any) {
	if len(d.Notes) < maxListed {
		d.Notes = append(d.Notes, Note{pointer, fmt.Sprintf(format, args...)})
	} else {
		d.unlisted++
	}
}

// fault adds what is wrong at a pointer; a fault inside a list or an object
// brings the rest of its pointer along.
func (d *draft) fault(pointer string, err error) {
	faults := task.AsFaults(err)
	if faults == nil {
		faults = task.Faults{{Detail: err.Error()}}
	}
	for _, f := range faults.Under(pointer) {
		if len(d.Faults) < maxListed {
			d.Faults = append(d.Faults, f)
		} else {
			d.unlisted++
		}
	}
}

// finish completes the record and checks it as a whole. pointers say where in
// the file's record a field of the task comes from, if not from its namesake.
func (d *draft) finish(pointers map[string]string) Record {
	d.Pointers = pointers
	d.settle()
	if !d.broken {
		d.check()
	}
	if d.unlisted > 0 {
		d.Notes = append(d.Notes, Note{"", fmt.Sprintf("%d more of this kind are not listed", d.unlisted)})
	}
	return d.Record
}

func (d *draft) check() {
	var err error
	if d.Kind == TaskRecord {
		d.Patch, err = d.Patch.NewTask()
	} else {
		err = d.Patch.Normalize()
	}
	known := map[string]bool{}
	for _, f := range d.Faults {
		known[f.Pointer] = true
	}
	for _, f := range task.AsFaults(err) {
		if f.Pointer == "/title" && !d.Patch.Title.Set {
			f.Detail = fmt.Sprintf("is required, or %s to take it from", strings.TrimPrefix(d.called("/description"), "/"))
		}
		f.Pointer = d.called(f.Pointer)
		if !known[f.Pointer] {
			d.fault(f.Pointer, errors.New(f.Detail))
		}
	}
}

// called returns where the file's record has a field of the task.
func (d *draft) called(field string) string { return cmp.Or(d.Pointers[field], field) }

// settle holds that times fit what they are the times of.
func (d *draft) settle() {
	if !d.CompletedAt.IsZero() && !d.Patch.Completed.Value {
		d.note("/completed_at", "is not carried over, because the task is open")
		d.CompletedAt = time.Time{}
	}
	if !d.ArchivedAt.IsZero() && !d.Patch.Archived.Value {
		d.note("/archived_at", "is not carried over, because the task is not archived")
		d.ArchivedAt = time.Time{}
	}
	if !d.UpdatedAt.IsZero() && d.UpdatedAt.Before(d.CreatedAt) {
		d.note(d.called("/updated_at"), "is before it was created: it is taken to have been changed then")
		d.UpdatedAt = d.CreatedAt
	}
}

// headline makes text the title, and notes the description. Where the title
// has to be shorter than the text, the description has it all.
func (d *draft) headline(text, notes string) {
	title := text
	if strings.ContainsAny(text, "\n\r") || utf8.RuneCountInString(text) > task.MaxTitle {
		p, _ := task.Patch{Description: task.Value(text)}.NewTask() // the rule for titles is the domain's
		title = p.Title.Value
		if strings.TrimFunc(text, unicode.IsSpace) != title {
			notes = join(text, notes)
		}
	}
	if !blank(title) {
		d.Patch.Title = task.Value(title)
	}
	if notes != "" {
		d.Patch.Description = task.Value(notes)
	}
}

// join puts two texts below each other.
func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n\n" + b
}

func blank(s string) bool { return strings.TrimFunc(s, unicode.IsSpace) == "" }

// category sets the category, if it can be one here.
func (d *draft) category(pointer, name string) {
	p := task.Patch{Category: task.Value(name)}
	if err := p.Normalize(); err != nil {
		d.note(pointer, "%s is not carried over as a category: it %s", quote(name), task.AsFaults(err)[0].Detail)
		return
	}
	d.Patch.Category = p.Category
}

// tag adds a tag and reports whether it can be one here.
func (d *draft) tag(pointer, name string) bool {
	p := task.Patch{Tags: task.Value([]string{name})}
	err := p.Normalize()
	switch tags := d.Patch.Tags.Value; {
	case err != nil:
		d.note(pointer, "%s is not carried over as a tag: it %s", quote(name), task.AsFaults(err)[0].Detail)
		return false
	case slices.Contains(tags, p.Tags.Value[0]):
	case len(tags) == task.MaxTags:
		d.note(pointer, "%s is not carried over: a task has at most %d tags", quote(name), task.MaxTags)
		return false
	default:
		d.Patch.Tags = task.Value(append(tags, p.Tags.Value[0]))
	}
	return true
}

// recur sets the rule by which the task repeats, if it can be kept.
func (d *draft) recur(pointer, rule string) {
	normal, err := task.ParseRule(rule)
	switch {
	case err != nil:
		d.note(pointer, "%s is not carried over: it %v", quote(rule), err)
	case d.Patch.Due.Value.IsZero():
		d.note(pointer, "is not carried over: there is no due date to repeat from")
	default:
		d.Patch.Recurrence = task.Value(task.RecurrencePatch{Rule: task.Value(normal)})
	}
}

// depend adds a reference to a task that has to be done first.
func (d *draft) depend(pointer, id string) {
	switch id = sourceID(id); {
	case slices.Contains(d.DependsOn, id):
	case id == d.Source.ID:
		d.note(pointer, "is not carried over: it is the task itself")
	case len(d.DependsOn) == task.MaxDependsOn:
		d.note(pointer, "is not carried over: a task depends on at most %d others", task.MaxDependsOn)
	default:
		d.DependsOn = append(d.DependsOn, id)
	}
}

// remind adds a reminder.
func (d *draft) remind(pointer string, r task.Reminder) {
	switch {
	case slices.Contains(d.Patch.Reminders.Value, r):
	case len(d.Patch.Reminders.Value) == task.MaxReminders:
		d.note(pointer, "is not carried over: a task has at most %d reminders", task.MaxReminders)
	default:
		d.Patch.Reminders = task.Value(append(d.Patch.Reminders.Value, r))
	}
}

// clip shortens a text from a file to what belongs into a message. What gives
// orders to a screen is spelled out.
func clip(s string) string {
	s = cut(s)
	if !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return b.String()
}

func cut(s string) string {
	const most = 60
	s = strings.ToValidUTF8(s[:min(len(s), 8*most)], "\uFFFD") // eight bytes a character: a cut inside one is not shown
	n := 0
	for i := range s {
		if n == most {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

// quote shows a text from a file in a message.
func quote(s string) string { return fmt.Sprintf("%q", cut(s)) }

// dueAt returns a moment as a due, if it is one that a task can have.
func dueAt(at time.Time) (task.Due, error) { return task.ParseDue(at.UTC().Format(time.RFC3339Nano)) }
