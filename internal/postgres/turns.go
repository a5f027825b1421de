package postgres

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"

	"todo-app/internal/task"
)

const (
	// ahead is how many writes of one owner are with Postgres at once at most:
	// the one that holds the owner's lock, and one that waits for it there.
	ahead = 2
	// crowd is how many writes of one owner are there at once, with those that
	// wait here: few enough for the last to be done in a second or so, and for
	// one owner to take less than half of what a process works on at once.
	crowd = 100
)

// turns lets the writes of an owner go a few at a time. Postgres would line
// them up as well, but each in line would hold a connection that another
// owner's request could use. The zero value is ready for use.
type turns struct {
	mu     sync.Mutex
	queues map[string]*queue // nil until the first is asked for
	most   int               // slots of each
}

type queue struct {
	slots chan struct{}
	users int // that hold a slot or wait for one
}

// take waits for a slot of the owner's and returns what gives it back, or the
// context's error. Of the pool's connections the owner leaves one to others, if
// there is another. ErrCrowded if too many wait already.
func (t *turns) take(ctx context.Context, pool *pgxpool.Pool, owner string) (release func(), err error) {
	q := t.join(pool, owner)
	if q == nil {
		return nil, task.ErrCrowded
	}
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

// join lines up in the owner's queue; nil if it is full.
func (t *turns) join(pool *pgxpool.Pool, owner string) *queue {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.queues == nil {
		t.queues = make(map[string]*queue)
		t.most = max(1, min(ahead, int(pool.Config().MaxConns)-1))
	}
	q := t.queues[owner]
	if q == nil {
		q = &queue{slots: make(chan struct{}, t.most)}
		t.queues[owner] = q
	}
	if q.users == crowd {
		return nil
	}
	q.users++
	return q
}

func (t *turns) leave(owner string, q *queue) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if q.users--; q.users == 0 {
		delete(t.queues, owner)
	}
}
