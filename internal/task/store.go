package task

import (
	"context"
	"time"
)

// Store keeps tasks. Reads name the generation they were asked at, so that a
// cache may stand in front; the answer is of that generation or a later one.
// Every method returns ErrUnavailable when storage cannot answer.
type Store interface {
	// Owner returns what is known of an owner; one without any write has the
	// zero value. Always read from the source of truth, never from a cache:
	// this is what makes a read see every write acknowledged before it began.
	Owner(ctx context.Context, owner string) (Owner, error)
	// List returns a page of an owner's tasks.
	List(ctx context.Context, owner string, at Generation, v View, q Query) (Rendered, error)
	// Get returns one task, or ErrNotFound.
	Get(ctx context.Context, owner string, at Generation, v View, id ID) (Rendered, error)
	// Report returns a report about an owner's tasks.
	Report(ctx context.Context, owner string, at Generation, v View, r Report) (Rendered, error)
	// Task returns one task as it is kept, or ErrNotFound.
	Task(ctx context.Context, owner string, id ID) (Task, error)
	// Snapshot tells who the owner is, every template by name and every task in
	// the order of their ids, all as of one moment, whatever is written
	// meanwhile. An error of what is told ends it and is returned. It holds what
	// storage is reached by until the last of them returns.
	Snapshot(ctx context.Context, owner string, tell Telling) error
	// Dated tells each the tasks that are not archived and due at a moment or
	// later, in the order of their dues and at most so many, as of one moment.
	// An error of its ends it and is returned.
	Dated(ctx context.Context, owner string, since time.Time, most int, each func(*Task) error) error
	// Calendar returns an owner's calendar, zero if there is none.
	Calendar(ctx context.Context, owner string) (Calendar, error)
	// CalendarOwner returns whose calendar it is that has a digest, or
	// ErrNoCalendar.
	CalendarOwner(ctx context.Context, digest []byte) (owner string, err error)
	// Changes returns at most so many records after a place. Through is the
	// last of them or, when there are no more, the owner's present.
	Changes(ctx context.Context, owner string, after Place, most int) (Changes, error)
	// History does so for one task, or returns ErrNotFound without a task.
	History(ctx context.Context, owner string, id ID, after Place, most int) (Changes, error)
	// APIKeys returns an owner's keys, oldest first.
	APIKeys(ctx context.Context, owner string) ([]APIKey, error)
	// Templates returns an owner's templates by name, those after one.
	Templates(ctx context.Context, owner, after string, most int) ([]Template, error)
	// Template returns one, or ErrNoTemplate.
	Template(ctx context.Context, owner, name string) (Template, error)
	// Operations returns an owner's steps since a moment that can be undone, the
	// newest first, MaxUndo at most.
	Operations(ctx context.Context, owner string, since time.Time) ([]Operation, error)
	// Write runs do in a transaction that holds the owner's lock, so that what
	// it reads stays true until it commits. The transaction leaves events for
	// its changes, and a new generation. If do returns an error nothing is
	// kept. With w.Once already answered, do does not run and the error is a
	// *Replay, or ErrKeyReused if the answer was to another request.
	Write(ctx context.Context, w Write, do func(Tx) (answer []byte, err error)) error
}

// Owner is what storage knows of an owner beside the tasks.
type Owner struct {
	Generation Generation
	Zone       string // IANA name; "" if never set

	AutoArchiveDays int // 0: never

	SettingsOperation int64 // that set these last; known inside a write alone
}

// Write describes a change: whose, when, on whose behalf, and how often.
type Write struct {
	Owner string
	Actor string // who does it; "": the owner
	At    time.Time
	Zone  func(Owner) *time.Location // that reminders go by; nil: UTC
	Trace string                     // W3C traceparent of the request, "" if none
	Once  *Once                      // nil: run whenever asked
}

// Once makes a write happen once per key, within a day.
type Once struct {
	Key    string
	Digest [32]byte // of everything that makes the request what it is
	// Answer renders what a replay is given; it is stored with the change.
	Answer func(Result) []byte
}

// Tx is one owner's tasks inside a Write. Changes are queued and take effect
// in order, together with the commit.
type Tx interface {
	// Owner returns the owner as locked, with the generation being written.
	Owner() Owner
	// Find returns those of the tasks that exist, in no particular order.
	Find(ctx context.Context, ids ...ID) ([]Task, error)
	// Subtasks returns those of a task, in no particular order.
	Subtasks(ctx context.Context, parent ID) ([]Task, error)
	// Reaches reports whether following depends_on from any of the tasks
	// leads to one.
	Reaches(ctx context.Context, from []ID, to ID) (bool, error)
	// Matching returns the tasks that a filter admits for a reader, the oldest
	// so many.
	Matching(ctx context.Context, v View, f Filter, most int) ([]ID, error)
	// Insert adds new tasks, and sets their alarms.
	Insert(tasks []Task)
	// Replace changes a task from old to new, its alarms, and what is derived
	// from it in its parents and dependents.
	Replace(old, new Task)
	// ReplaceAll is Replace for many, none of which has changed relations.
	ReplaceAll(old, new []Task)
	// Delete removes the selected tasks and their subtasks, or promotes the
	// subtasks to roots, and drops what is gone from others' depends_on. It
	// returns how many tasks are gone.
	Delete(ctx context.Context, s Selection, promote bool) (int, error)
	// SetZone stores the owner's time zone, and has the alarms set anew.
	SetZone(name string)
	// Unchanged returns completed tasks that are not archived and were last
	// changed at a moment or before, the longest unchanged first.
	Unchanged(ctx context.Context, since time.Time, most int) ([]Task, error)
	// SetAutoArchive stores after how many days they are to be archived; 0:
	// never.
	SetAutoArchive(days int)
	// Imported returns those of the tasks that exist which records of files
	// became, by what tells the records apart.
	Imported(ctx context.Context, sources []string) (map[string]ID, error)
	// SetCalendar stores the digest of what is secret in the address of the
	// owner's calendar; nil: there is none.
	SetCalendar(digest []byte, at time.Time)
	// SetImported stores which records became which tasks.
	SetImported(tasks map[string]ID)
	// APIKeys returns the owner's keys, oldest first.
	APIKeys(ctx context.Context) ([]APIKey, error)
	// InsertAPIKey adds a key, and DeleteAPIKey removes one.
	InsertAPIKey(k APIKey)
	DeleteAPIKey(id ID)
	// Template returns the one of a name, nil if there is none, and
	// CountTemplates how many there are.
	Template(ctx context.Context, name string) (*Template, error)
	CountTemplates(ctx context.Context) (int, error)
	// SetTemplate puts a template in place of an old one of its name; nil: none.
	SetTemplate(old, new *Template)

	// Operations does what Store.Operations does.
	Operations(ctx context.Context, since time.Time) ([]Operation, error)
	// Touched returns the tasks that an operation was about, and Footprints
	// what it did to some of them.
	Touched(ctx context.Context, operation int64) ([]ID, error)
	Footprints(ctx context.Context, operation int64, ids []ID) ([]Footprint, error)
	// Beside returns what it did besides.
	Beside(ctx context.Context, operation int64) (Beside, error)
	// Restore puts tasks back as they were before, as they are then, with the
	// operations that had changed them last. Relations between them may be
	// broken until all are.
	Restore(ctx context.Context, prints []Footprint) error
	// Settle brings what is derived of the tasks put back up to date. If some
	// are not as the rules have it, it returns those, and what is wrong.
	Settle(ctx context.Context) (Breach, []ID, error)
	// Dependencies returns those of tasks, and of what they lead to.
	Dependencies(ctx context.Context, of []ID) (Edges, error)
	// RestoreSettings and RestoreTemplate put back what was before.
	RestoreSettings(s OwnersSettings)
	RestoreTemplate(old, new *Template)
	// Reversed notes that a step is undone, or redone, by this write, which it
	// returns.
	Reversed(step Operation, redo bool) Operation
}

// Telling is told what an owner has. What it is given is good until it returns.
type Telling struct {
	Owner    func(Owner) error
	Template func(*Template) error
	Task     func(*Task) error
}

// Selection names tasks to act on: exactly one member is set.
type Selection struct {
	IDs       []ID
	Completed bool // those that are completed and not archived
	All       bool
}

// Change says what an event reports of a task.
type Change string

// The changes that events report. One write reports one change per task, the
// most telling: completing outranks what was edited along with it.
const (
	Created   Change = "created"
	Updated   Change = "updated"
	Completed Change = "completed"
	Reopened  Change = "reopened"
	Archived  Change = "archived"
	Deleted   Change = "deleted"
	// Reminded is no change: a reminder of the task is due.
	Reminded Change = "reminded"
)

// ChangeOf returns what turning old into new is reported as.
func ChangeOf(old, new Task) Change {
	switch {
	case !old.Completed() && new.Completed():
		return Completed
	case old.Completed() && !new.Completed():
		return Reopened
	case !old.Archived() && new.Archived():
		return Archived
	}
	return Updated
}

// Event is a change to a task, as kept until it has been delivered.
type Event struct {
	ID         ID
	Owner      string
	Generation int64 // events of one owner are delivered in this order
	Change     Change
	At         time.Time
	Trace      string
	Task       Task     // as it was after the change; before it, when deleted
	Reminder   Reminder // the one that is due, when Reminded
}

// Claim is a lease on the undelivered events of one owner, oldest first.
type Claim struct {
	Owner  string
	Token  ID
	Until  time.Time
	Events []Event
}
