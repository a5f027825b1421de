package cache_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"todo-app/internal/cache"
	"todo-app/internal/cache/redistest"
	"todo-app/internal/postgres"
	"todo-app/internal/postgres/postgrestest"
	"todo-app/internal/task"
)

// server is the PostgreSQL behind the caches of this package's tests.
var server *postgrestest.Server

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	// What is drawn at random was drawn more often for the store behind.
	err := flag.Set("rapid.checks", "30")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if server, err = postgrestest.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "starting PostgreSQL:", err)
		return 1
	}
	code := m.Run()
	server.Close()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

const (
	// patience is how long a test waits for what must come.
	patience = 20 * time.Second
	// bound is what a read or a write may take while Redis hangs: a few times
	// cache.Timeout and much to spare, for machines that do other things too.
	bound = 10 * time.Second
)

// site is one owner's service: Redis over Postgres.
type site struct {
	t       *testing.T
	redis   *redistest.Server
	cache   *cache.Store
	asked   *counted // what gets past the cache
	service *task.Service
	call    task.Call
}

func newSite(t *testing.T) *site {
	t.Helper()
	return over(t, newStore(t), redistest.Start(t))
}

// over puts a cache of its own in front of a store that others may share.
func over(t *testing.T, next task.Store, server *redistest.Server) *site {
	t.Helper()
	asked := &counted{Store: next}
	store := cache.New(asked, client(t, server))
	return &site{
		t: t, redis: server, cache: store, asked: asked,
		service: &task.Service{Store: store, Now: time.Now, NewID: newID, Zone: time.UTC, Zones: &task.Zones{}},
		call:    task.Call{Owner: "alice", URL: "https://todo.example"},
	}
}

func newStore(t testing.TB) task.Store {
	return &postgres.Store{Pool: server.New(t).Pool(t, postgres.AppRole), Nonce: rand.Int64}
}

func client(t testing.TB, server *redistest.Server) *redis.Client {
	t.Helper()
	c, err := cache.Open(server.URL(), 8, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func newID() task.ID { return task.ID(uuid.Must(uuid.NewV7())) }

// counted counts the reads that a store answers.
type counted struct {
	task.Store
	reads atomic.Int64
}

func (c *counted) List(ctx context.Context, owner string, at task.Generation, v task.View, q task.Query) (task.Rendered, error) {
	c.reads.Add(1)
	return c.Store.List(ctx, owner, at, v, q)
}

func (c *counted) Get(ctx context.Context, owner string, at task.Generation, v task.View, id task.ID) (task.Rendered, error) {
	c.reads.Add(1)
	return c.Store.Get(ctx, owner, at, v, id)
}

var all = task.Query{Sort: task.SortCreated, Limit: 50}

func (s *site) create(title string) task.ID {
	s.t.Helper()
	r, err := s.service.Create(s.t.Context(), s.call, []task.Patch{{Title: task.Value(title)}}, false)
	if err != nil {
		s.t.Fatalf("creating: %v", err)
	}
	return r.Tasks[0].ID
}

func (s *site) list() string {
	s.t.Helper()
	r, err := s.service.List(s.t.Context(), s.call, all, nil)
	if err != nil {
		s.t.Fatalf("listing: %v", err)
	}
	return string(r.Body)
}

func (s *site) get(id task.ID) string {
	s.t.Helper()
	r, err := s.service.Get(s.t.Context(), s.call, id, nil)
	if err != nil {
		s.t.Fatalf("reading: %v", err)
	}
	return string(r.Body)
}

// writesAndReads does each thing once, in bounded time, and holds reads to
// what was written.
func (s *site) writesAndReads() {
	s.t.Helper()
	var id task.ID
	title := fmt.Sprint("title ", rand.Int64())
	s.within("creating", func() { id = s.create(title) })
	for range 2 {
		var list, one string
		s.within("listing", func() { list = s.list() })
		s.within("reading", func() { one = s.get(id) })
		if list != "["+one+"]" {
			s.t.Errorf("read %s, listed %s", one, list)
		}
	}
	s.within("deleting", func() {
		if _, err := s.service.Delete(s.t.Context(), s.call, id, false, nil); err != nil {
			s.t.Errorf("deleting: %v", err)
		}
	})
	s.within("reading", func() {
		if _, err := s.service.Get(s.t.Context(), s.call, id, nil); !errors.Is(err, task.ErrNotFound) {
			s.t.Errorf("reading what was deleted: %v", err)
		}
	})
}

func (s *site) within(doing string, do func()) {
	s.t.Helper()
	begin := time.Now()
	do()
	if took := time.Since(begin); took > bound {
		s.t.Errorf("%s took %v", doing, took)
	}
}

// until does something again and again until it has led to what is awaited.
func until(t testing.TB, what string, awaited func() bool, do func()) {
	t.Helper()
	for deadline := time.Now().Add(patience); !awaited(); do() {
		if time.Now().After(deadline) {
			t.Fatalf("waiting in vain until %s", what)
		}
	}
}
