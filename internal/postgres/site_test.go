package postgres_test

import (
	"cmp"
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"todo-app/internal/pgserver"
	"todo-app/internal/postgres"
	"todo-app/internal/postgres/postgrestest"
	"todo-app/internal/task"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// site is a database of a test's own with the application on it.
type site struct {
	postgrestest.Database
	admin *pgxpool.Pool // the superuser, for looking and for meddling
	pool  *pgxpool.Pool // AppRole
	store *postgres.Store
	tasks *task.Service
}

func newSite(t testing.TB, tweaks ...func(*pgxpool.Config)) *site {
	t.Helper()
	d := server.New(t)
	s := &site{Database: d, admin: d.Pool(t, pgserver.Superuser)}
	s.pool = s.open(t, postgres.AppRole, tweaks...)
	s.store, s.tasks = joined(s.pool)
	return s
}

// open returns a pool as the application makes it, but for the tweaks.
func (s *site) open(t testing.TB, role string, tweaks ...func(*pgxpool.Config)) *pgxpool.Pool {
	t.Helper()
	config := s.Database.Pool(t, role).Config()
	for _, tweak := range tweaks {
		tweak(config)
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func joined(pool *pgxpool.Pool) (*postgres.Store, *task.Service) {
	store := &postgres.Store{Pool: pool, Nonce: rand.Int64}
	return store, &task.Service{Store: store, Now: time.Now, NewID: freshID, Zone: time.UTC, Zones: &task.Zones{}}
}

func freshID() task.ID { return task.ID(uuid.Must(uuid.NewV7())) }

// exec runs a statement as the superuser.
func (s *site) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := s.admin.Exec(context.WithoutCancel(t.Context()), sql, args...); err != nil {
		t.Fatalf("%v in %s", err, sql)
	}
}

// ask reads one value as the superuser.
func ask[T any](t testing.TB, s *site, sql string, args ...any) T {
	t.Helper()
	rows, _ := s.admin.Query(t.Context(), sql, args...)
	value, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatalf("%v in %s", err, sql)
	}
	return value
}

// add creates tasks for an owner.
func (s *site) add(t testing.TB, owner string, drafts ...task.Patch) []task.Task {
	t.Helper()
	r, err := s.tasks.Create(t.Context(), task.Call{Owner: owner}, drafts, true)
	if err != nil {
		t.Fatal(err)
	}
	return r.Tasks
}

func titled(title string) task.Patch { return task.Patch{Title: task.Value(title)} }

// populate gives an owner something in every table.
func (s *site) populate(t testing.TB, owner string) []task.Task {
	t.Helper()
	draft := titled(owner + " first")
	draft.Tags = task.Value([]string{"shared", "tag"})
	draft.Reminders = task.Value([]task.Reminder{"9999-12-31T00:00:00Z"})
	first := s.add(t, owner, draft)[0]
	second := titled(owner + " second")
	second.ParentID, second.DependsOn = task.Value(first.ID), task.Value([]task.ID{first.ID})
	third := titled(owner + " third")
	third.Completed = task.Value(true)
	rest := s.add(t, owner, second, third, titled(owner+" fourth"))
	once := &task.Once{Key: "the key", Digest: [32]byte{1}, Answer: func(task.Result) []byte { return []byte("kept for " + owner) }}
	if _, err := s.tasks.Create(t.Context(), task.Call{Owner: owner, Once: once}, []task.Patch{titled(owner + " keyed")}, false); err != nil {
		t.Fatal(err)
	}
	s.key(t, owner)
	if _, err := s.tasks.CreateTemplate(t.Context(), task.Call{Owner: owner}, task.TemplateDraft{Name: "the template", Patch: titled("like this")}, nil); err != nil {
		t.Fatal(err)
	}
	s.exec(t, `insert into imports (owner_id, source, task_id) values ($1, 'source', $2)`, owner, [16]byte(first.ID))
	s.exec(t, `insert into long_histories (owner_id, task_id, through, at) values ($1, $2, 1, now())`, owner, [16]byte(first.ID))
	s.exec(t, `insert into deletions (owner_id, task_id, at) values ($1, $2, now())`, owner, [16]byte(first.ID))
	s.exec(t, `insert into calendars (owner_id, digest, created_at) values ($1, sha256($1::text::bytea), now())`, owner)
	s.talk(t, owner)
	outbox := &postgres.Outbox{Pool: s.pool, NewID: freshID}
	c, ok, err := outbox.Claim(t.Context(), owner, 1, time.Second)
	if err != nil || !ok {
		t.Fatal("no events of", owner, err)
	}
	if err := outbox.Release(t.Context(), c, time.Minute); err != nil {
		t.Fatal(err)
	}
	return append([]task.Task{first}, rest...)
}

// eventually waits until ok is true.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("after %v still not: %s", patience, what)
		}
		<-tick.C
	}
}

// statement is one that the application sent.
type statement struct {
	sql  string
	args []any
}

// tracer keeps what a pool sends.
type tracer struct {
	mu   sync.Mutex
	sent []statement
}

func (tr *tracer) into(c *pgxpool.Config) { c.ConnConfig.Tracer = tr }

func (tr *tracer) add(sql string, args []any) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.sent = append(tr.sent, statement{sql, args})
}

// take returns what was sent since it was last asked.
func (tr *tracer) take() []statement {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	sent := tr.sent
	tr.sent = nil
	return sent
}

func (tr *tracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	tr.add(d.SQL, d.Args)
	return ctx
}

func (tr *tracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (tr *tracer) TraceBatchStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceBatchStartData) context.Context {
	for _, q := range d.Batch.QueuedQueries {
		tr.add(q.SQL, q.Arguments)
	}
	return ctx
}

func (tr *tracer) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

func (tr *tracer) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// list reads a page as its owner would.
func (s *site) list(t testing.TB, owner string, q task.Query) task.Rendered {
	t.Helper()
	q.Sort, q.Limit = cmp.Or(q.Sort, task.SortCreated), cmp.Or(q.Limit, task.DefaultLimit)
	r, err := s.tasks.List(t.Context(), task.Call{Owner: owner}, q, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
