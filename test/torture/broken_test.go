package torture

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"
	"go.uber.org/zap"

	"todo-app/internal/httpapi"
	"todo-app/internal/postgres"
	"todo-app/internal/postgres/postgrestest"
	"todo-app/internal/serve"
	"todo-app/internal/task"
)

// late is a cache that answers one generation late: the first read after a
// write is told what was before it.
type late struct {
	task.Store
	mu   sync.Mutex
	kept map[string]task.Rendered
}

func (l *late) List(ctx context.Context, owner string, at task.Generation, v task.View, q task.Query) (task.Rendered, error) {
	r, err := l.Store.List(ctx, owner, at, v, q)
	l.mu.Lock()
	defer l.mu.Unlock()
	what := owner + q.Key(v)
	before, ok := l.kept[what]
	if l.kept[what] = r; ok && err == nil {
		return before, nil
	}
	return r, err
}

// deaf is a cache that hears of one write in two.
type deaf struct {
	task.Store
	mu     sync.Mutex
	writes int
	kept   map[string]map[string]task.Rendered
}

func (d *deaf) Write(ctx context.Context, w task.Write, do func(task.Tx) ([]byte, error)) error {
	err := d.Store.Write(ctx, w, do)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.writes++; d.writes%2 == 0 {
		delete(d.kept, w.Owner)
	}
	return err
}

func (d *deaf) Get(ctx context.Context, owner string, at task.Generation, v task.View, id task.ID) (task.Rendered, error) {
	return d.keep(owner, id.String(), func() (task.Rendered, error) { return d.Store.Get(ctx, owner, at, v, id) })
}

func (d *deaf) List(ctx context.Context, owner string, at task.Generation, v task.View, q task.Query) (task.Rendered, error) {
	return d.keep(owner, q.Key(v), func() (task.Rendered, error) { return d.Store.List(ctx, owner, at, v, q) })
}

// keep returns what it has, or what the store has now.
func (d *deaf) keep(owner, what string, ask func() (task.Rendered, error)) (task.Rendered, error) {
	d.mu.Lock()
	kept, ok := d.kept[owner][what]
	d.mu.Unlock()
	if ok {
		return kept, nil
	}
	r, err := ask()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.kept[owner] == nil {
		d.kept[owner] = map[string]task.Rendered{}
	}
	if err == nil {
		d.kept[owner][what] = r
	}
	return r, err
}

// unmoved takes an owner's generation from a memory that is a write behind at
// times, so that a tag counts for longer than it may.
type unmoved struct {
	task.Store
	mu   sync.Mutex
	kept map[string]task.Owner
}

func (u *unmoved) Owner(ctx context.Context, owner string) (task.Owner, error) {
	now, err := u.Store.Owner(ctx, owner)
	u.mu.Lock()
	defer u.mu.Unlock()
	before, ok := u.kept[owner]
	if u.kept[owner] = now; ok && err == nil {
		return before, nil
	}
	return now, err
}

// forgetful acknowledges one write in ten that it did not carry out.
type forgetful struct {
	task.Store
	writes atomic.Int64
}

type forgotten struct{ error }

func (f *forgetful) Write(ctx context.Context, w task.Write, do func(task.Tx) ([]byte, error)) error {
	if f.writes.Add(1)%10 != 0 {
		return f.Store.Write(ctx, w, do)
	}
	var failed error
	_ = f.Store.Write(ctx, w, func(tx task.Tx) ([]byte, error) {
		_, failed = do(tx)
		return nil, forgotten{context.Canceled}
	})
	return failed
}

// eager carries out one write in ten twice.
type eager struct {
	task.Store
	writes atomic.Int64
}

func (e *eager) Write(ctx context.Context, w task.Write, do func(task.Tx) ([]byte, error)) error {
	err := e.Store.Write(ctx, w, do)
	if err == nil && w.Once == nil && e.writes.Add(1)%10 == 0 {
		err = e.Store.Write(ctx, w, do)
	}
	return err
}

// serving runs the API in this process, on a store.
func serving(t testing.TB, store task.Store) *server {
	t.Helper()
	api := &httpapi.API{
		Tasks: &task.Service{Store: store, Now: time.Now, NewID: func() task.ID { return task.ID(uuid.Must(uuid.NewV7())) }, Zone: time.UTC, Zones: &task.Zones{}},
		Identify: func(r *http.Request) (task.Caller, error) {
			return task.Caller{Owner: r.Header.Get("Authorization"), Scope: task.ScopeWrite}, nil
		},
		URL:     func(r *http.Request) string { return "http://" + r.Host },
		Log:     zap.NewNop(),
		Request: serve.WithRequest,
		Observe: func(string, string) func(int, time.Duration) { return func(int, time.Duration) {} },
		Started: time.Now(),
		Changed: func(string) {},
	}
	var endpoints []httpapi.Endpoint
	for _, some := range [][]httpapi.Endpoint{api.Create(), api.List(), api.Update(), api.Delete()} {
		endpoints = append(endpoints, some...)
	}
	l := httptest.NewServer(api.Handler(endpoints...))
	t.Cleanup(l.Close)
	return &server{at: func(string) string { return l.URL }, http: l.Client()}
}

// A fault has to be found in so many histories; so many of the real store's
// have to be right.
const (
	worth  = 100
	enough = 20
)

func TestTheCheckerFindsEachBrokenStoreAndNothingWrongWithTheRealOne(t *testing.T) {
	t.Parallel()
	server, err := postgrestest.Start()
	if err != nil {
		t.Fatal("starting PostgreSQL: ", err)
	}
	defer server.Close()
	for name, broken := range map[string]func(task.Store) task.Store{
		"the real one":                                nil,
		"a cache that answers a generation late":      func(s task.Store) task.Store { return &late{Store: s, kept: map[string]task.Rendered{}} },
		"a cache that misses every other write":       func(s task.Store) task.Store { return &deaf{Store: s, kept: map[string]map[string]task.Rendered{}} },
		"tags that are good for longer than they are": func(s task.Store) task.Store { return &unmoved{Store: s, kept: map[string]task.Owner{}} },
		"a store that forgets what it acknowledged":   func(s task.Store) task.Store { return &forgetful{Store: s} },
		"a store that does what it did again":         func(s task.Store) task.Store { return &eager{Store: s} },
	} {
		t.Run(name, func(t *testing.T) {
			var store task.Store = &postgres.Store{Pool: server.New(t).Pool(t, postgres.AppRole), Nonce: rand.Int64}
			if broken != nil {
				store = broken(store)
			}
			s := serving(t, store)
			for n := range map[bool]int{true: enough, false: worth}[broken == nil] {
				owner := "owner " + uuid.NewString()
				h := live(t.Context(), t, s, owner, owner, uint64(n), &totals{})
				result := h.check()
				if result == porcupine.Unknown {
					continue
				}
				if broken == nil && result != porcupine.Ok {
					t.Fatal(h.story())
				}
				if broken != nil && result == porcupine.Illegal {
					t.Logf("found in history %d: %s", n+1, h.story())
					return
				}
			}
			if broken != nil {
				t.Errorf("%d histories show nothing wrong", worth)
			}
		})
	}
}
