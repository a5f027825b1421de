package task

import (
	"errors"
	"fmt"
	"strings"
)

// What can be wrong with a request, by meaning. Storage returns these and
// nothing of its own that a caller should understand.
var (
	// ErrNotFound: no such thing for this caller, whoever else may have one.
	ErrNotFound = errors.New("there is no such task")
	// ErrNoAPIKey: no such key of this caller's.
	ErrNoAPIKey = errors.New("there is no such key")
	// ErrNoCalendar: no calendar has this address, or none any more.
	ErrNoCalendar = errors.New("there is no such calendar")
	// ErrNoTemplate: no such template of this caller's.
	ErrNoTemplate = errors.New("there is no such template")
	// ErrNoOperation: no such step of this caller's that could be undone still.
	ErrNoOperation = errors.New("there is no such operation that can be undone or redone; steps can be for 30 days, and the last 50 of them")
	// ErrStale: the caller's precondition names another version.
	ErrStale = errors.New("it has changed since the version named by If-Match")
	// ErrTokenExpired: the sync token is of a past that is no longer kept.
	ErrTokenExpired = errors.New("the sync token is of a past that is gone: read the tasks anew, and go on with the token of a call without since")
	// ErrKeyReused: the idempotency key belongs to another request.
	ErrKeyReused = errors.New("the Idempotency-Key was used for a different request")
	// ErrUnavailable: storage cannot be reached or cannot answer in time;
	// nothing is known to be wrong with the request.
	ErrUnavailable = errors.New("storage is unavailable")
	// ErrCrowded: too many writes of the owner wait already; this one was not
	// carried out.
	ErrCrowded = errors.New("too many changes of one owner at once; this one was not carried out")
	// ErrUnknownOutcome: storage went away while it was committing, so the
	// write may have happened or not.
	ErrUnknownOutcome = errors.New("whether it was done is not known: look before repeating it, or send an Idempotency-Key, with which repeating is safe")
)

// Fault is one thing wrong with the input, at a JSON pointer (RFC 6901) into
// it.
type Fault struct {
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

// Faults is an error that lists everything wrong with the input at once.
type Faults []Fault

// Error joins the faults into one sentence.
func (f Faults) Error() string {
	parts := make([]string, len(f))
	for i, fault := range f {
		parts[i] = fault.Pointer + " " + fault.Detail
	}
	return strings.Join(parts, "; ")
}

// add appends a fault; err nil adds nothing.
func (f *Faults) add(pointer string, err error) {
	if err != nil {
		*f = append(*f, Fault{pointer, err.Error()})
	}
}

// err returns the faults as an error, nil if there are none.
func (f Faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// Under returns the faults with a prefix before each pointer, for input that
// is part of a larger whole.
func (f Faults) Under(prefix string) Faults {
	moved := make(Faults, len(f))
	for i, fault := range f {
		moved[i] = Fault{prefix + fault.Pointer, fault.Detail}
	}
	return moved
}

// Conflict is a request that is well formed but that the tasks as they stand
// forbid; Tasks are those in the way.
type Conflict struct {
	Detail string
	Tasks  []ID
}

// Error says what is in the way.
func (c *Conflict) Error() string { return c.Detail }

// Replay is returned in place of a result when the request's idempotency key
// already has an answer: the write did not happen again.
type Replay struct{ Answer []byte }

// Error describes the replay; it is answered, not reported.
func (r *Replay) Error() string {
	return fmt.Sprintf("replayed an answer of %d bytes", len(r.Answer))
}
