package event_test

import (
	"context"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"todo-app/internal/task"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// outbox keeps events in memory. The one that matters is tested on Postgres.
type outbox struct {
	mu      sync.Mutex
	waiting map[string][]task.Event
	held    map[string]task.Claim
	free    map[string]time.Time // not to be claimed before
	aside   map[task.ID]string
	claims  int
	longest time.Duration // pause asked for
	down    error         // what Delivered answers instead of recording
}

func newOutbox(events ...task.Event) *outbox {
	o := &outbox{
		waiting: map[string][]task.Event{}, held: map[string]task.Claim{},
		free: map[string]time.Time{}, aside: map[task.ID]string{},
	}
	for _, ev := range events {
		o.waiting[ev.Owner] = append(o.waiting[ev.Owner], ev)
	}
	return o
}

func (o *outbox) Claim(ctx context.Context, owner string, most int, lease time.Duration) (task.Claim, bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return task.Claim{}, false, err
	}
	owners := []string{owner}
	if owner == "" {
		owners = slices.Sorted(maps.Keys(o.waiting))
	}
	now := time.Now()
	for _, owner := range owners {
		events := o.waiting[owner]
		if len(events) == 0 || now.Before(o.held[owner].Until) || now.Before(o.free[owner]) {
			continue
		}
		o.claims++
		c := task.Claim{Owner: owner, Token: number(o.claims), Until: now.Add(lease), Events: slices.Clone(events[:min(most, len(events))])}
		o.held[owner] = c
		return c, true, nil
	}
	return task.Claim{}, false, nil
}

func (o *outbox) Delivered(_ context.Context, c task.Claim, ids []task.ID) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.down == nil {
		o.forget(c, ids...)
	}
	return o.down
}

func (o *outbox) Refused(_ context.Context, c task.Claim, id task.ID, reason string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.aside[id] = reason
	o.forget(c, id)
	return nil
}

func (o *outbox) Release(_ context.Context, c task.Claim, after time.Duration) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.held[c.Owner].Token == c.Token {
		delete(o.held, c.Owner)
		o.free[c.Owner] = time.Now().Add(after)
		o.longest = max(o.longest, after)
	}
	return nil
}

func (o *outbox) forget(c task.Claim, ids ...task.ID) {
	if o.held[c.Owner].Token == c.Token {
		o.waiting[c.Owner] = slices.DeleteFunc(o.waiting[c.Owner], func(ev task.Event) bool { return slices.Contains(ids, ev.ID) })
	}
}

// later lets every lease and pause run out.
func (o *outbox) later() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.held)
	clear(o.free)
}

func (o *outbox) left() (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, events := range o.waiting {
		n += len(events)
	}
	return n
}

// number returns a UUIDv7 in form, told apart by n.
func number(n int) task.ID {
	return task.ID{0x01, 0x90, 0xb6, 0xa0, 0x5f, 0x3c, 0x70, 0, 0x80, 0, 0, 0, 0, byte(n >> 16), byte(n >> 8), byte(n)}
}

// changes returns events of one owner, numbered from first on.
func changes(owner string, first, count int) []task.Event {
	events := make([]task.Event, count)
	for i := range events {
		events[i] = change(owner, first+i)
	}
	return events
}

func change(owner string, n int) task.Event {
	at := time.Date(2026, 3, 1, 9, 0, 0, 250_000_000, time.UTC)
	return task.Event{
		ID: number(n), Owner: owner, Generation: int64(n), Change: task.Created, At: at,
		Trace: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		Task: task.Task{
			ID: number(1 << 16), Version: 1, CreatedAt: at, UpdatedAt: at, Title: "Pay the “rent”",
			Priority: task.Medium, Category: "other", Tags: []string{"home"}, Order: 7,
		},
	}
}

func ids(events []task.Event) []string {
	var s []string
	for _, ev := range events {
		s = append(s, ev.ID.String())
	}
	return s
}
