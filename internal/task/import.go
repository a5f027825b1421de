package task

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"time"
)

// ImportRecord is a task as a file has it, with what a patch cannot carry.
type ImportRecord struct {
	Position int    // in the file, for the report
	Source   string // tells it from the records of all files, in at most 600 bytes of ASCII
	Name     string // what the file's other records call it
	// Pointers are what the file has in place of a task's fields, for what is
	// told of the record; nil: the fields themselves.
	Pointers map[string]string
	ID       ID    // what it is to be known by; zero: anything
	Own      ID    // a task that it may be a copy of: the owner's, if there is one; zero: none
	Patch    Patch // complete, as NewTask leaves it, and without relations
	// Zero where the file does not tell.
	CreatedAt, UpdatedAt, CompletedAt, ArchivedAt time.Time
	Parent                                        string // by name
	DependsOn                                     []string
	// Of a task that repeats, as the fields of Task are; zero: the series begins
	// with the due, and no next occurrence is known.
	Anchor, Occurrence Due
	NextID             ID
}

// ImportTemplate is a template as a file has it.
type ImportTemplate struct {
	TemplateDraft
	CreatedAt, UpdatedAt time.Time // zero where the file does not tell
}

// ImportResult says what became of a record.
type ImportResult string

// The results.
const (
	ImportCreated ImportResult = "created"
	ImportSkipped ImportResult = "skipped" // the task is there already
	ImportRefused ImportResult = "refused"
)

// Importer takes the records of one file into an owner's tasks, chunk by chunk,
// each an ordinary write. What a record says that a task may not have is told
// and left away; one that may not be a task at all is refused, and the others
// are taken.
//
// A file shows how tasks stand, not how they came to: a task in it may be done
// that waits for an open one, or be below an archived one. What can have come
// about by the rules may stay so. What never may, such as three levels or a
// cycle, is not made.
//
// It is done with a file once, however often that comes: a record whose task
// is there is skipped. One that was taken and never touched since gets the
// relations that an import which broke off has left it without.
type Importer struct {
	service *Service
	call    Call
	tell    ImportTell

	chunk []ImportRecord
	size  int // of the chunk's text, in bytes

	// Names are kept as hashes: a file may have very many.
	seed    maphash.Seed
	known   map[uint64]ID
	added   int
	pending []pendingRelations // which name records that came later
	forward int                // names in pending
}

// ImportTell is told what became of records: once for each with its result,
// and before or after that of what is left away.
type ImportTell struct {
	Result func(position int, result ImportResult, id ID, why error)
	Note   func(position int, pointer, detail string)
}

// place is where something is told of, and Pointers of what stands there.
type place struct {
	position int
	pointers map[string]string
}

func (r ImportRecord) place() place { return place{r.Position, r.Pointers} }

type pendingRelations struct {
	place
	id     ID
	parent uint64 // 0: none
	next   uint64 // 0: none
	deps   []uint64
	again  bool // of a task that was skipped: nothing is told of it
}

// The bounds of a chunk, so that neither memory nor the time that others wait
// for the owner's lock depends on the file.
const (
	chunkRecords = 200
	chunkText    = 512 << 10
)

// The bounds of what is kept of a file: names of its records, and of records
// they name before those come.
const (
	MaxImport   = 500_000
	maxForward  = 1_000_000
	importTries = 3
)

// ErrImportTooLong says that a file has more than MaxImport tasks.
var ErrImportTooLong = fmt.Errorf("has more than %d tasks: split it", MaxImport)

// Importer returns what takes the records of one file for the caller.
func (s *Service) Importer(c Call, tell ImportTell) *Importer {
	c.Once = nil
	return &Importer{service: s, call: c, tell: tell, seed: maphash.MakeSeed(), known: map[uint64]ID{}}
}

// Add takes a record; its result is told once its chunk is full. The error is
// ErrImportTooLong, or what keeps a chunk from being written: nothing of it is.
func (i *Importer) Add(ctx context.Context, r ImportRecord) error {
	if i.added++; i.added > MaxImport {
		return ErrImportTooLong
	}
	i.chunk = append(i.chunk, r)
	i.size += len(r.Patch.Title.Value) + len(r.Patch.Description.Value)
	if len(i.chunk) < chunkRecords && i.size < chunkText {
		return nil
	}
	return i.Flush(ctx)
}

// Flush takes what Add has been given so far.
func (i *Importer) Flush(ctx context.Context) error {
	if len(i.chunk) == 0 {
		return nil
	}
	var c *importChunk
	err := i.write(ctx, func(ctx context.Context, tx Tx, v View) error {
		c = &importChunk{Importer: i, names: map[uint64]ID{}, left: muchMore}
		return c.take(ctx, tx, v)
	})
	if err != nil {
		return err
	}
	c.settled()
	i.chunk, i.size = i.chunk[:0], 0
	return nil
}

// write runs a write that is known to do no harm when it is done twice.
func (i *Importer) write(ctx context.Context, do func(context.Context, Tx, View) error) (err error) {
	for range importTries {
		_, err = i.service.write(ctx, i.call, func(ctx context.Context, tx Tx, v View) ([]Task, error) {
			return nil, do(ctx, tx, v)
		})
		if !errors.Is(err, ErrUnknownOutcome) {
			return err
		}
	}
	return err
}

func (i *Importer) hash(name string) uint64 {
	return max(maphash.String(i.seed, name), 1) // 0 names nothing
}

// Close takes the rest, and sets the relations to records that came later than
// those that name them. Errors are those of Add.
func (i *Importer) Close(ctx context.Context) error {
	if err := i.Flush(ctx); err != nil {
		return err
	}
	for batch := range slices.Chunk(i.pending, chunkRecords) {
		var c *importChunk
		err := i.write(ctx, func(ctx context.Context, tx Tx, v View) error {
			c = &importChunk{Importer: i}
			return c.link(ctx, tx, batch)
		})
		if err != nil {
			return err
		}
		c.settled()
	}
	i.pending = nil
	return nil
}

// AdoptTemplate keeps a template of a file, unless there is one of its name,
// which the reason says then. Faults, or a *Conflict if there are too many.
func (s *Service) AdoptTemplate(ctx context.Context, c Call, d ImportTemplate, read DueReader) (skipped, err error) {
	_, err = s.run(ctx, c, func(ctx context.Context, tx Tx, r *Result) error {
		name := FoldTemplateName(d.Name)
		made, err := d.sketch(read, r.View.Now.In(r.View.Zone))
		faults := AsFaults(err)
		faults.add("/name", checkTemplateName(name))
		if err = faults.err(); err != nil {
			return err
		}
		present, err := tx.Template(ctx, name)
		if err != nil {
			return err
		}
		if present != nil {
			skipped = errThere
			return nil
		}
		if err := roomForTemplate(ctx, tx, name); err != nil {
			return err
		}
		now := r.View.Now
		t := &Template{Name: name, Version: 1, CreatedAt: notAfter(now, d.CreatedAt), UpdatedAt: notAfter(now, d.UpdatedAt), Sketch: made}
		if t.UpdatedAt.Before(t.CreatedAt) {
			t.UpdatedAt = t.CreatedAt
		}
		tx.SetTemplate(nil, t)
		return nil
	})
	return skipped, err
}

// notAfter returns a moment of a file as it can be here: the present one if it is
// not told, or yet to come.
func notAfter(now, at time.Time) time.Time {
	if at = at.UTC().Truncate(time.Microsecond); at.IsZero() || at.After(now) {
		return now
	}
	return at
}

// AdoptSettings makes those settings of a file the caller's of which they have
// chosen none, and returns them.
func (s *Service) AdoptSettings(ctx context.Context, c Call, from Settings) (adopted Settings, err error) {
	checked := from
	checked.Zone = cmp.Or(from.Zone, s.Zone.String())
	if err := checked.check(s.Zones); err != nil {
		return adopted, err
	}
	_, err = s.write(ctx, c, func(_ context.Context, tx Tx, _ View) ([]Task, error) {
		adopted = Settings{}
		if from.Zone != "" && tx.Owner().Zone == "" {
			adopted.Zone = from.Zone
			tx.SetZone(from.Zone)
		}
		if from.AutoArchiveDays != 0 && tx.Owner().AutoArchiveDays == 0 {
			adopted.AutoArchiveDays = from.AutoArchiveDays
			tx.SetAutoArchive(from.AutoArchiveDays)
		}
		return nil, nil
	})
	return adopted, err
}
