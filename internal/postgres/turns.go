package postgres

import (
	"context"
	"sync"
)

// ahead is how many writes of one owner are with Postgres at once: the one
// that holds the owner's lock, and one that waits for it there.
const ahead = 2

// turns lets the writes of an owner go a few at a time. Postgres would line
// them up as well, but each in line would hold a connection that another
// owner's request could use. The zero value is ready for use.
type turns struct {
	mu     sync.Mutex
	queues map[string]*queue
}

type queue struct {
	slots chan struct{}
	users int // that hold a slot or wait for one
}

// take waits for a slot of the owner's and returns what gives it back, or the
// context's error.
func (t *turns) take(ctx context.Context, owner string) (release func(), err error) {
	t.mu.Lock()
	q := t.queues[owner]
	if q == nil {
		if t.queues == nil {
			t.queues = make(map[string]*queue)
		}
		q = &queue{slots: make(chan struct{}, ahead)}
		t.queues[owner] = q
	}
	q.users++
	t.mu.Unlock()
	select {
	case q.slots <- struct{}{}:
		return func() {
			<-q.slots
			t.leave(owner, q)
		}, nil
	case <-ctx.Done():
		t.leave(owner, q)
		return nil, ctx.Err()
	}
}

func (t *turns) leave(owner string, q *queue) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if q.users--; q.users == 0 {
		delete(t.queues, owner)
	}
}
