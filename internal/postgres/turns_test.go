package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"todo-app/internal/postgres"
	"todo-app/internal/task"
)

// crowd is how many writes of one owner are let in at once.
const crowd = 100

// While one owner's writes wait for each other, another's are done, however few
// connections there are; and no more of them wait than may.
func TestABurstOfOneOwnersWritesLeavesConnectionsToOthersAndHasABound(t *testing.T) {
	t.Parallel()
	for _, conns := range []int32{2, 3, 4} {
		t.Run(fmt.Sprint(conns, " connections"), func(t *testing.T) {
			s := newSite(t, func(c *pgxpool.Config) { c.MaxConns = conns })
			s.add(t, "alice", titled("the first"))
			free := s.lockOwner(t)
			const beyond = 10
			done := make(chan error, crowd+beyond)
			for range crowd + beyond {
				go func() {
					_, err := s.tasks.Create(context.WithoutCancel(t.Context()), task.Call{Owner: "alice"}, []task.Patch{titled("one of many")}, false)
					done <- err
				}()
			}
			for range beyond { // the others cannot be done before the lock is free
				if err := <-done; !errors.Is(err, task.ErrCrowded) {
					t.Error("one too many: ", err)
				}
			}
			soon, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			for range 3 {
				if _, err := s.tasks.Create(soon, task.Call{Owner: "bob"}, []task.Patch{titled("meanwhile")}, false); err != nil {
					t.Error("another owner: ", err)
				}
			}
			free()
			for range crowd {
				if err := <-done; err != nil {
					t.Error("one that was let in: ", err)
				}
			}
			if n := s.countTasks(t); n != 1+crowd+3 {
				t.Errorf("there are %d tasks", n)
			}
			s.add(t, "alice", titled("once there is room"))
		})
	}
}

// In the last moment of a shutdown the pool is closed already: that is an
// outage of this process, and the next may be asked.
func TestAClosedPoolIsAnOutage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	pool := s.open(t, postgres.AppRole)
	store := &postgres.Store{Pool: pool, Nonce: func() int64 { return 1 }}
	pool.Close()
	_, read := store.Owner(t.Context(), "alice")
	_, followed := store.Changes(t.Context(), "alice", task.Place{}, 1)
	written := store.Write(t.Context(), write(time.Now(), ""), inserting(time.Now()))
	for what, err := range map[string]error{"a read": read, "a read in a batch": followed, "a write": written} {
		if !errors.Is(err, task.ErrUnavailable) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
