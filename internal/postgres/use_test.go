package postgres_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"todo-app/internal/postgres"
	"todo-app/internal/scaling"
	"todo-app/internal/task"
)

// note makes one of a process of its own.
func note(u scaling.Use, sequence int64) scaling.Note {
	return scaling.Note{Use: u, Process: uuid.NewString(), Sequence: sequence}
}

func TestWhatPodsNoteOfOneHourIsAddedUp(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	nine := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	first := scaling.Use{
		Hour: nine, Service: "list", Revision: "list-00001", Pods: 1, Running: 90 * time.Second, Requests: 7, Failed: 1, Busiest: 3,
		ColdStarts: 1, Cold: 300 * time.Millisecond, Coldest: 300 * time.Millisecond, CPU: 40 * time.Millisecond, Memory: 18 << 20,
	}
	second := first
	second.Failed, second.Busiest, second.Cold, second.Coldest, second.Memory = 0, 2, 500*time.Millisecond, 500*time.Millisecond, 17<<20
	other, earlier := first, first
	other.Revision, earlier.Hour = "list-00002", nine.Add(-time.Hour)
	for _, u := range []scaling.Use{first, second, other, earlier} {
		if err := s.store.AddUse(t.Context(), note(u, 1)); err != nil {
			t.Fatal(err)
		}
	}
	sum := scaling.Use{
		Hour: nine, Service: "list", Revision: "list-00001", Pods: 2, Running: 180 * time.Second, Requests: 14, Failed: 1, Busiest: 3,
		ColdStarts: 2, Cold: 800 * time.Millisecond, Coldest: 500 * time.Millisecond, CPU: 80 * time.Millisecond, Memory: 18 << 20,
	}
	got, err := s.store.Use(t.Context(), nine)
	if diff := cmp.Diff([]scaling.Use{sum, other}, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	began, err := s.store.UseBegan(t.Context())
	if diff := cmp.Diff(map[string]time.Time{"list": earlier.Hour}, began); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestANoteThatComesAgainCountsOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	nine := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	first := note(scaling.Use{Hour: nine, Service: "list", Requests: 7}, 1)
	second, another := first, note(first.Use, 1)
	second.Sequence = 2
	for _, n := range []scaling.Note{first, first, second, first, second, another} {
		if err := s.store.AddUse(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	if n := ask[int](t, s, `select requests::int from function_use`); n != 3*7 {
		t.Errorf("three notes of 7 requests are %d", n)
	}
}

func TestANoteOfWhichNobodyHearsWhatBecameIsSentAgainAndCountsOnce(t *testing.T) {
	t.Parallel()
	for _, reset := range []bool{false, true} {
		s := newSite(t)
		p := &proxy{reset: reset, of: "INSERT 0 1"}
		p.start(t, s)
		store := &postgres.Store{Pool: p.pool(t, s)}
		p.loses.Store(true)
		n := note(scaling.Use{Hour: time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC), Service: "list", Requests: 7}, 1)
		if err := store.AddUse(t.Context(), n); err != nil || p.lost.Load() != 1 {
			t.Errorf("%v, with %d answers lost", err, p.lost.Load())
		}
		if n := ask[int](t, s, `select requests::int from function_use`); n != 7 {
			t.Errorf("7 requests are %d", n)
		}
	}
}

func TestConnectionsAreCountedByTheServiceThatHoldsThem(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for service, n := range map[string]int{"list": 2, "create": 1} {
		pool := s.open(t, postgres.AppRole, func(c *pgxpool.Config) {
			c.ConnConfig.RuntimeParams["application_name"] = postgres.Holder(service)
		})
		for range n {
			conn, err := pool.Acquire(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Release()
		}
	}
	c, err := s.store.Connections(t.Context())
	if diff := cmp.Diff(map[string]int{"list": 2, "create": 1}, c.Holds); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if most := ask[int](t, s, `select current_setting('max_connections')::int`); c.Most != most || c.Used < 3 || c.Used > most {
		t.Errorf("%d of %d are used, of %d", c.Used, c.Most, most)
	}
}

func TestWhileTheServerIsAwayItsUseIsUnavailable(t *testing.T) {
	t.Parallel()
	pool, err := postgres.Open(t.Context(), postgres.Options{URL: "postgres://todo_app@127.0.0.1:1/none?sslmode=disable", MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	store := &postgres.Store{Pool: pool}
	_, used := store.Use(t.Context(), time.Now())
	_, began := store.UseBegan(t.Context())
	_, held := store.Connections(t.Context())
	for what, err := range map[string]error{"add": store.AddUse(t.Context(), note(scaling.Use{}, 1)), "use": used, "began": began, "connections": held} {
		if !errors.Is(err, task.ErrUnavailable) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
