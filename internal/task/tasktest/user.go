package tasktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"todo-app/internal/task"
)

// bench is a store under test.
type bench struct {
	store  task.Store
	owners atomic.Int64
}

// user is one owner of tasks, whose clock stands still until it is moved.
// Whatever fails without being asked to ends the test.
type user struct {
	t       rapid.TB
	service *task.Service
	call    task.Call
	clock   *clock
}

// began is a Tuesday at noon, away from every change of clocks.
var began = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// user returns an owner nobody has heard of.
func (b *bench) user(t rapid.TB) *user {
	c := &clock{now: began}
	return &user{
		t:       t,
		service: &task.Service{Store: b.store, Now: c.Now, NewID: newID, Zone: time.UTC, Zones: &task.Zones{}},
		call:    task.Call{Owner: fmt.Sprintf("o'%d\\%%_\"ü", b.owners.Add(1)), URL: "https://todo.example"},
		clock:   c,
	}
}

func newID() task.ID { return task.ID(uuid.Must(uuid.NewV7())) }

// at returns the same user on another test's behalf.
func (u user) at(t rapid.TB) *user {
	u.t = t
	return &u
}

// in returns the same user looking from a zone.
func (u user) in(zone *time.Location) *user {
	u.call.Zone = zone
	return &u
}

// once returns the same user sending a request with an idempotency key.
func (u user) once(key string, digest byte, answer func(task.Result) []byte) *user {
	u.call.Once = &task.Once{Key: key, Digest: [32]byte{digest}, Answer: answer}
	return &u
}

// ctx is the context of a call. Go's own test timeout ends one that hangs.
func ctx() context.Context { return context.Background() }

// must ends the test if what was done went wrong.
func (u *user) must(doing string, err error) {
	u.t.Helper()
	if err != nil {
		u.t.Fatalf("%s: %v", doing, err)
	}
}

func (u *user) createAll(drafts ...task.Patch) []task.Task {
	u.t.Helper()
	r, err := u.service.Create(ctx(), u.call, drafts, true)
	u.must("creating", err)
	return r.Tasks
}

func (u *user) create(draft task.Patch) task.Task {
	u.t.Helper()
	r, err := u.service.Create(ctx(), u.call, []task.Patch{draft}, false)
	u.must("creating", err)
	return r.Tasks[0]
}

func (u *user) update(id task.ID, e task.Edit) (task.Task, error) {
	r, err := u.service.Update(ctx(), u.call, id, e)
	if err != nil {
		return task.Task{}, err
	}
	return r.Tasks[0], nil
}

func (u *user) change(id task.ID, p task.Patch) task.Task {
	u.t.Helper()
	t, err := u.update(id, task.Edit{Patch: p})
	u.must("changing", err)
	return t
}

func (u *user) complete(id task.ID) task.Task {
	u.t.Helper()
	r, err := u.service.Complete(ctx(), u.call, id, task.Edit{})
	u.must("completing", err)
	return r.Tasks[0]
}

func (u *user) remove(id task.ID, promote bool) {
	u.t.Helper()
	_, err := u.service.Delete(ctx(), u.call, id, promote, nil)
	u.must("deleting", err)
}

func (u *user) read(id task.ID, known ...string) task.Rendered {
	u.t.Helper()
	r, err := u.service.Get(ctx(), u.call, id, known)
	u.must("reading a task", err)
	return r
}

func (u *user) get(id task.ID) shown {
	u.t.Helper()
	var s shown
	u.must("understanding a task", json.Unmarshal(u.read(id).Body, &s))
	return s
}

func (u *user) page(q task.Query, known ...string) task.Rendered {
	u.t.Helper()
	r, err := u.service.List(ctx(), u.call, q, known)
	u.must("listing", err)
	return r
}

// list walks all pages.
func (u *user) list(q task.Query) []shown {
	u.t.Helper()
	var all []shown
	for {
		r := u.page(q)
		var part []shown
		u.must("understanding a page", json.Unmarshal(r.Body, &part))
		if len(part) > q.Limit || r.Next != "" && len(part) == 0 {
			u.t.Fatalf("a page of %d tasks where at most %d were asked for, next is %q", len(part), q.Limit, r.Next)
		}
		all = append(all, part...)
		if r.Next == "" {
			return all
		}
		next, err := q.ParseCursor(r.Next)
		u.must("reading the cursor", err)
		if next == q.After {
			u.t.Fatalf("the page after %+v leads to itself", next)
		}
		q.After = next
	}
}

// every asks for all tasks, oldest first.
func every() task.Query { return task.Query{Sort: task.SortCreated, Limit: task.MaxLimit} }

// matching asks for the tasks that a filter admits.
func matching(f task.Filter) task.Query {
	q := every()
	q.Filter = f
	return q
}

// stored returns tasks as they are kept, with what readers are not shown.
func (u *user) stored(ids ...task.ID) map[task.ID]task.Task {
	u.t.Helper()
	enough := errors.New("only looking")
	kept := map[task.ID]task.Task{}
	err := u.service.Store.Write(ctx(), task.Write{Owner: u.call.Owner, At: u.clock.Now()}, func(tx task.Tx) ([]byte, error) {
		found, err := tx.Find(ctx(), ids...)
		for _, t := range found {
			kept[t.ID] = t
		}
		return nil, errors.Join(enough, err)
	})
	if !errors.Is(err, enough) {
		u.t.Fatalf("looking: %v", err)
	}
	return kept
}

// shown is a task as a reader is shown it.
type shown struct {
	task.Task
	URL         string
	Overdue     bool
	DaysOverdue int
	Blocked     bool
	Children    []shown
}

// UnmarshalJSON reads a task with what is computed for the reader.
func (s *shown) UnmarshalJSON(data []byte) error {
	var computed struct {
		URL         string  `json:"url"`
		Overdue     bool    `json:"overdue"`
		DaysOverdue int     `json:"days_overdue"`
		Blocked     bool    `json:"blocked"`
		Children    []shown `json:"children"`
	}
	err := errors.Join(json.Unmarshal(data, &s.Task), json.Unmarshal(data, &computed))
	s.URL, s.Overdue, s.DaysOverdue, s.Blocked, s.Children =
		computed.URL, computed.Overdue, computed.DaysOverdue, computed.Blocked, computed.Children
	return err
}

func titles(tasks []shown) []string {
	list := []string{}
	for _, t := range tasks {
		list = append(list, t.Title)
	}
	return list
}

func ids(tasks []shown) []task.ID {
	list := []task.ID{}
	for _, t := range tasks {
		list = append(list, t.ID)
	}
	return list
}

// clock is a time of day that tests move by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now returns the time it was last set to.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

func (c *clock) advance(d time.Duration) { c.set(c.Now().Add(d)) }

func decode(u *user, data []byte, target any) {
	u.t.Helper()
	u.must("understanding an answer", json.Unmarshal(data, target))
}
