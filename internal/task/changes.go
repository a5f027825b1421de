package task

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// Place is a place in an owner's record of changes: everything up to and with
// one of them. Its epoch names the record; a restore from a backup begins a
// new one.
type Place struct {
	Epoch      int64
	Generation int64
	Seq        int64 // within the write of that generation
}

// through is the sequence number after every one that a write can have.
const through = math.MaxInt64

// latest is after every change there can be.
var latest = Place{Generation: math.MaxInt64, Seq: through}

// String returns the opaque sync token that stands for the place.
func (p Place) String() string {
	parts := []string{strconv.FormatInt(p.Epoch, 36), strconv.FormatInt(p.Generation, 36)}
	if p.Seq != through {
		parts = append(parts, strconv.FormatInt(p.Seq, 36))
	}
	return strings.Join(parts, ".")
}

var errToken = errors.New("is no sync token of this service: leave it out to be given one")

// ParsePlace reads what String wrote, and nothing else.
func ParsePlace(s string) (Place, error) {
	parts := strings.Split(s, ".")
	numbers := [3]int64{2: through}
	if len(parts) < 2 || len(parts) > 3 {
		return Place{}, errToken
	}
	for i, part := range parts {
		n, err := strconv.ParseInt(part, 36, 64)
		if err != nil {
			return Place{}, errToken
		}
		numbers[i] = n
	}
	p := Place{numbers[0], numbers[1], numbers[2]}
	if p.Epoch < 0 || p.Generation < 0 || p.Seq < 0 || p.String() != s {
		return Place{}, errToken
	}
	return p, nil
}

// Record is one change of one task, as it is kept.
type Record struct {
	Place  Place
	At     time.Time
	Actor  string // who did it
	Change Change
	Task   Task // as the change left it; as it was, when deleted
	Before Task // as an update found it; equal to Task for the others
}

// Changes are the records after a place, oldest first.
type Changes struct {
	Records []Record
	Through Place // where the next ones begin
	More    bool  // there are some already
	// Up to this generation records may be gone: those of tasks that were
	// deleted longer ago than can be undone, and old ones of tasks that have
	// very many.
	Forgotten int64
	View      View
}

// MaxChanges is how many records one answer has at most.
const MaxChanges = 500

// lookEvery is how often a call that waits for changes looks for some: soon
// enough for a page that people watch, and one read by primary key each time.
const lookEvery = time.Second

// Changes returns what has changed after a place; without one (nil), only
// where the present is. With nothing to tell yet it waits until enough is
// closed, and then tells just that. While it waits it holds no connection.
// ErrTokenExpired if the place is not in the owner's record.
func (s *Service) Changes(ctx context.Context, c Call, since *Place, enough <-chan struct{}) (Changes, error) {
	after := latest
	if since != nil {
		after = *since
	}
	ticks := time.NewTicker(lookEvery)
	defer ticks.Stop()
	for {
		found, err := s.Store.Changes(ctx, c.Owner, after, MaxChanges)
		if err != nil {
			return Changes{}, err
		}
		if since != nil && !since.within(found) {
			return Changes{}, ErrTokenExpired
		}
		if since == nil || len(found.Records) > 0 || !s.moved(ctx, c.Owner, found.Through, ticks.C, enough) {
			owner, err := s.Store.Owner(ctx, c.Owner)
			found.View = s.view(c, owner, s.now())
			return found, err
		}
		after.Generation, after.Seq = found.Through.Generation, found.Through.Seq
	}
}

// within reports whether all that came after a place is in the record, which
// has come to where c was found. The beginning is in every record of which
// nothing is gone: an owner has none before the first write.
func (p Place) within(c Changes) bool {
	present := c.Through
	known := p.Generation == 0 || p.Epoch == present.Epoch && p.Generation <= present.Generation
	return known && (c.Forgotten == 0 || p.Generation > c.Forgotten || p.Generation == c.Forgotten && p.Seq == through)
}

// moved waits until the owner has a generation after a place, and reports
// whether it came before enough was closed. It begins by waiting: the caller
// has just looked. Storage that is away meanwhile may come back.
func (s *Service) moved(ctx context.Context, owner string, from Place, ticks <-chan time.Time, enough <-chan struct{}) bool {
	for {
		select {
		case <-enough:
			return false
		case <-ctx.Done():
			return false
		case <-ticks:
		}
		if now, err := s.Store.Owner(ctx, owner); err == nil && now.Generation.Count > from.Generation {
			return true
		}
	}
}

// History returns the records of one task, oldest first, a page of them after
// a place (the zero Place: from the beginning). ErrNotFound if there are none,
// also of a task that is gone.
func (s *Service) History(ctx context.Context, c Call, id ID, after Place) (Changes, error) {
	found, err := s.Store.History(ctx, c.Owner, id, after, MaxChanges)
	if err != nil {
		return Changes{}, err
	}
	owner, err := s.Store.Owner(ctx, c.Owner)
	found.View = s.view(c, owner, s.now())
	return found, err
}

// AppendJSON appends the changes as a client that keeps up with them is shown
// them.
func (c Changes) AppendJSON(b []byte) []byte {
	b = append(b, `{"changes":`...)
	b = appendList(b, c.Records, func(b []byte, r Record) []byte { return r.AppendJSON(b, c.View) })
	b = appendString(append(b, `,"next":`...), c.Through.String())
	b = strconv.AppendBool(append(b, `,"more":`...), c.More)
	return append(b, '}')
}

// AppendJSON appends the record with the task as it was left.
func (r Record) AppendJSON(b []byte, v View) []byte {
	b = appendString(append(b, `{"token":`...), r.Place.String())
	b = r.appendAct(append(b, ','))
	b = r.Task.AppendJSON(append(b, `,"task":`...), v)
	return append(b, '}')
}

func (r Record) appendAct(b []byte) []byte {
	b = appendTime(append(b, `"at":`...), r.At)
	b = appendString(append(b, `,"actor":`...), r.Actor)
	return appendString(append(b, `,"change":`...), r.Change)
}

// AppendHistory appends the records as the history of one task: each with the
// fields that it changed, from what to what. What is there from the beginning
// was null before.
func (c Changes) AppendHistory(b []byte) []byte {
	return appendList(b, c.Records, func(b []byte, r Record) []byte {
		b = r.appendAct(append(b, '{'))
		fields, _ := json.Marshal(r.fields()) // JSON in a map: it cannot fail
		return append(append(append(b, `,"fields":`...), fields...), '}')
	})
}

// fields returns the members that differ, as they were and as they are.
func (r Record) fields() map[string][2]json.RawMessage {
	before, after := r.Before.members(), r.Task.members()
	changed := map[string][2]json.RawMessage{}
	for name, value := range after {
		old := before[name]
		if r.Change == Created {
			old = json.RawMessage("null")
		}
		if !bytes.Equal(old, value) {
			changed[name] = [2]json.RawMessage{old, value}
		}
	}
	return changed
}

// members returns what can be told of a task's change, by name: not what every
// change changes, nor what none does.
func (t Task) members() (m map[string]json.RawMessage) {
	json.Unmarshal(t.AppendRecord(nil), &m) // what was written just now: it can be read
	for _, name := range [...]string{"id", "version", "created_at", "updated_at"} {
		delete(m, name)
	}
	return m
}
