// Package task is the domain: what a task is, the rules it obeys, and what
// storage must provide. It knows no HTTP, SQL or Redis.
package task

import "time"

// Task is one entry of an owner's list, as stored. What depends on the moment
// or the reader (overdue, url) is computed from it through a [View].
type Task struct {
	ID          ID
	Version     int64 // counts changes to this task, from 1
	CreatedAt   time.Time
	UpdatedAt   time.Time
	Title       string
	Description string
	CompletedAt time.Time // zero while open
	Priority    Priority
	Category    string
	Tags        []string // lower case, sorted, unique
	Due         Due
	Reminders   []Reminder
	Recurrence  Recurrence
	Anchor      Due // of the series that Recurrence stands for; zero if none, or none yet
	Occurrence  Due // the date of the series that Due stands for, wherever that was moved
	NextID      ID  // the occurrence made when this one was completed, zero if none
	ParentID    ID  // zero for a root
	DependsOn   []ID
	Order       float64
	ArchivedAt  time.Time // zero while not archived

	// Derived by storage from other tasks; a write to those changes them
	// without counting as a version of this one.
	OpenDependencies int
	Subtasks         Progress

	// Operation is the one that last changed the task and is not undone; set by
	// storage. See Service.Undo.
	Operation int64
}

// Completed reports whether the task is done.
func (t Task) Completed() bool { return !t.CompletedAt.IsZero() }

// Archived reports whether the task is put away.
func (t Task) Archived() bool { return !t.ArchivedAt.IsZero() }

// Blocked reports whether an open task waits for one that is open too.
func (t Task) Blocked() bool { return t.OpenDependencies > 0 && !t.Completed() }

// Progress counts the direct subtasks of a task.
type Progress struct {
	Total     int `json:"total"`
	Completed int `json:"completed"`
}

// Priority orders tasks by urgency; a smaller value is more urgent, so that
// an ascending sort puts high first.
type Priority int8

// The three priorities. The zero value is none of them.
const (
	High Priority = 1 + iota
	Medium
	Low
)

// priorities are the words of the contract, most urgent first.
var priorities = [...]string{"high", "medium", "low"}

// String returns the contract's word, or "" for a value that is no priority.
func (p Priority) String() string {
	if p < High || p > Low {
		return ""
	}
	return priorities[p-High]
}

// ParsePriority reads one of the contract's words; anything else is not ok.
func ParsePriority(s string) (p Priority, ok bool) {
	for i, word := range priorities {
		if s == word {
			return High + Priority(i), true
		}
	}
	return 0, false
}

// State is how a task stands in two respects that every list filters by; it
// leads each of storage's sort indexes.
type State int8

// The states, in the order of storage's numbering: bit 0 completed, bit 1
// archived.
const (
	Pending State = iota
	Done
	ArchivedPending
	ArchivedDone
)

// State returns the state the task is in.
func (t Task) State() State {
	var s State
	if t.Completed() {
		s |= Done
	}
	if t.Archived() {
		s |= ArchivedPending
	}
	return s
}
