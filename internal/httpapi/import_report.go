package httpapi

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"todo-app/internal/task"
)

// importReport is what became of a file's records. It holds some forty bytes of each,
// and of what there is to say beside the result only so much.
type importReport struct {
	records []reported // in the order of their positions
	counts  map[task.ImportResult]int
	remarks map[int32]*remarks
	size    int // of remarks, in bytes
	format  FileFormat
	recent  [recent]called // of the records begun last, each at its position modulo so many
}

// called is what people know a record by, for what there is to say of it.
type called struct {
	position    int32
	title, name string
}

// recent is of how many records it is known: more than are told of at once.
const recent = 512

// mostCalled bounds a title or a name in a report, in code points.
const mostCalled = 100

type reported struct {
	position int32
	kind     string
	result   task.ImportResult
	id       task.ID
}

// remarks are what there is to say of one record.
type remarks struct {
	called
	why    string
	faults task.Faults
	notes  []task.Fault
	cut    bool // there was more than the report has room for
}

// maxRemarks bounds what all remarks take, in bytes.
const maxRemarks = 4 << 20

// begin makes room for a record.
func (d *importReport) begin(r FileRecord) error {
	if len(d.records) == task.MaxImport {
		return task.ErrImportTooLong
	}
	d.records = append(d.records, reported{position: int32(r.Position), kind: r.Kind, result: task.ImportRefused})
	d.format = cmp.Or(d.format, r.Format)
	title := cmp.Or(r.Patch.Title.Value, r.Template)
	d.recent[r.Position%recent] = called{int32(r.Position), cutTo(title, mostCalled), cutTo(r.Name, mostCalled)}
	for _, n := range r.Notes {
		d.note(r.Position, n.Pointer, n.Detail)
	}
	return nil
}

// result sets what became of a record.
func (d *importReport) result(position int, result task.ImportResult, id task.ID, why error) {
	if d.counts == nil {
		d.counts = map[task.ImportResult]int{}
	}
	d.counts[result]++
	if r := d.find(position); r != nil {
		r.result, r.id = result, id
	}
	if faults := task.AsFaults(why); faults != nil {
		for _, f := range faults {
			d.remark(position, true, len(f.Pointer)+len(f.Detail), func(m *remarks) { m.faults = append(m.faults, f) })
		}
	} else if why != nil {
		d.remark(position, result == task.ImportRefused, 16, func(m *remarks) { m.why = why.Error() }) // one of a few sentences
	}
}

// find returns a record by its position. Those come in order, with gaps.
func (d *importReport) find(position int) *reported {
	i, ok := slices.BinarySearchFunc(d.records, int32(position), func(r reported, p int32) int { return cmp.Compare(r.position, p) })
	if !ok {
		return nil
	}
	return &d.records[i]
}

// note adds what of a record was not carried over.
func (d *importReport) note(position int, pointer, detail string) {
	d.remark(position, true, len(pointer)+len(detail), func(m *remarks) { m.notes = append(m.notes, task.Fault{Pointer: pointer, Detail: detail}) })
}

// overhead is about what a remark takes beside its text.
const overhead = 100

// remark adds to what there is to say of a record, named by what people know
// it by, if there is room.
func (d *importReport) remark(position int, named bool, size int, add func(*remarks)) {
	if d.remarks == nil {
		d.remarks = map[int32]*remarks{}
	}
	m, ok := d.remarks[int32(position)]
	known := d.recent[position%recent]
	if !named || known.position != int32(position) || ok && m.called != (called{}) {
		known = called{}
	}
	size += len(known.title) + len(known.name)
	fits := d.size+size+overhead <= maxRemarks
	if !ok {
		if !fits {
			return
		}
		m = &remarks{}
		d.remarks[int32(position)] = m
	}
	if !fits {
		m.cut = true
		return
	}
	if known != (called{}) {
		m.called = known
	}
	d.size += size + overhead
	add(m)
}

// unfinished returns an error that kept a file from being read to its end, with
// how far that came.
func (d *importReport) unfinished(err error) error {
	var fault *FileFault
	var p *Problem
	switch {
	case errors.As(err, &fault):
		p = &Problem{Status: http.StatusBadRequest, Detail: fault.Detail}
	case errors.Is(err, task.ErrImportTooLong):
		p = &Problem{Status: http.StatusBadRequest, Detail: "the file " + task.ErrImportTooLong.Error()}
	case errors.As(err, &p) && p.Status == http.StatusRequestEntityTooLarge:
		p = &Problem{Status: p.Status, Detail: p.Detail}
	default:
		return err
	}
	if created := d.counts[task.ImportCreated]; created > 0 {
		p.Detail += fmt.Sprintf("; of the records before it %d were created: the corrected file may be sent again, and will not create them twice", created)
	}
	return fmt.Errorf("%w: %w", p, err)
}

// cutTo returns the beginning of a text, so many code points of it.
func cutTo(s string, most int) string {
	n := 0
	for i := range s {
		if n == most {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

// ImportedRecord is what became of a record of a file.
type ImportedRecord struct {
	Position int               `json:"position"` // from 1; in CSV that of the row
	Kind     string            `json:"kind"`     // task, template, settings or other
	Result   task.ImportResult `json:"result"`
	ID       *task.ID          `json:"id"`     // of the task
	Title    string            `json:"title"`  // where there is something to say of it
	Name     string            `json:"name"`   // what the file's other records call it, as long as Title
	Detail   string            `json:"detail"` // why it was skipped or refused
	Errors   []task.Fault      `json:"errors"` // what is wrong with it, at pointers into the record
	Notes    []task.Fault      `json:"notes"`  // what was not carried over
}

// write writes the report, record by record.
func (d *importReport) write(to io.Writer) error {
	w := bufio.NewWriterSize(to, 32<<10)
	fmt.Fprintf(w, `{"format":%q,"created":%d,"skipped":%d,"refused":%d,"results":[`,
		d.format, d.counts[task.ImportCreated], d.counts[task.ImportSkipped], d.counts[task.ImportRefused])
	for i, r := range d.records {
		line, err := json.Marshal(d.told(r))
		if err != nil {
			return err
		}
		if i > 0 {
			w.WriteByte(',')
		}
		w.WriteByte('\n')
		w.Write(line)
	}
	w.WriteString("\n]}\n")
	return w.Flush()
}

func (d *importReport) told(r reported) ImportedRecord {
	told := ImportedRecord{Position: int(r.position), Kind: r.kind, Result: r.result, Errors: task.Faults{}, Notes: []task.Fault{}}
	if !r.id.IsZero() {
		told.ID = &r.id
	}
	m, ok := d.remarks[r.position]
	if !ok {
		m = &remarks{cut: r.result == task.ImportRefused}
	}
	told.Detail, told.Title, told.Name = m.why, m.title, m.name
	told.Errors = append(told.Errors, m.faults...)
	told.Notes = append(told.Notes, m.notes...)
	if m.cut {
		told.Notes = append(told.Notes, task.Fault{Detail: "there is more to say than the report has room for"})
	}
	return told
}
