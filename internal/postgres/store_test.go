package postgres_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"todo-app/internal/pgserver"
	"todo-app/internal/postgres"
	"todo-app/internal/task"
	"todo-app/internal/task/tasktest"
)

func TestTheStoreDoesWhatEveryStoreMust(t *testing.T) {
	tasktest.Run(t, func(t testing.TB) task.Store {
		return &postgres.Store{Pool: server.New(t).Pool(t, postgres.AppRole), Nonce: rand.Int64}
	})
}

func TestNothingIsLeftOfWhatWasDeletedAndTotalsCountWhatIsThere(t *testing.T) {
	database := server.New(t)
	admin := database.Pool(t, pgserver.Superuser)
	store := &postgres.Store{Pool: database.Pool(t, postgres.AppRole), Nonce: rand.Int64}
	service := &task.Service{
		Store: store, Now: time.Now, Zone: time.UTC, Zones: &task.Zones{},
		NewID: func() task.ID { return task.ID(uuid.Must(uuid.NewV7())) },
	}
	call := task.Call{Owner: "alice"}
	must := func(r task.Result, err error) task.Result {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	totals := func(want postgres.Totals) {
		t.Helper()
		if got, err := store.Totals(t.Context()); err != nil || got != want {
			t.Errorf("totals are %+v, %v; want %+v", got, err, want)
		}
	}
	draft := func(title string, archived, completed bool) task.Patch {
		return task.Patch{Title: task.Value(title), Tags: task.Value([]string{"tag"}), Archived: task.Value(archived), Completed: task.Value(completed)}
	}
	first := must(service.Create(t.Context(), call, []task.Patch{
		draft("open", false, false), draft("done", false, true), draft("away", true, false), draft("both", true, true),
	}, true)).Tasks
	totals(postgres.Totals{Pending: 1, Completed: 1, Archived: 2})
	child := draft("child", false, false)
	child.ParentID, child.DependsOn = task.Value(first[0].ID), task.Value([]task.ID{first[0].ID, first[1].ID})
	must(service.Create(t.Context(), call, []task.Patch{child}, false))
	must(service.Complete(t.Context(), call, first[0].ID, task.Edit{}))
	must(service.Reopen(t.Context(), call, first[1].ID, task.Edit{}))
	must(service.Update(t.Context(), call, first[2].ID, task.Edit{Patch: task.Patch{Archived: task.Value(false), Completed: task.Value(true)}}))
	totals(postgres.Totals{Pending: 2, Completed: 2, Archived: 1})
	must(service.DeleteMany(t.Context(), call, task.Selection{IDs: []task.ID{first[3].ID}}))
	totals(postgres.Totals{Pending: 2, Completed: 2})
	must(service.Delete(t.Context(), call, first[0].ID, true, nil))
	totals(postgres.Totals{Pending: 2, Completed: 1})
	must(service.DeleteMany(t.Context(), call, task.Selection{All: true}))
	totals(postgres.Totals{})
	for _, table := range []string{"tasks", "task_terms", "task_tags", "task_dependencies"} {
		if n := rows(t, admin, table); n != 0 {
			t.Errorf("%s still has %d rows", table, n)
		}
	}
}

func rows(t *testing.T, pool *pgxpool.Pool, table string) (n int) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), fmt.Sprintf("select count(*) from %s", table)).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestPlansMadeWhileTablesWereSmallDoNotReadAllOfThemLater(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *pgxpool.Config) { c.MaxConns = 1 }) // one connection, which keeps its plans
	s.add(t, "alice", titled("a"))
	s.exec(t, "vacuum analyze") // the planner knows now how small they are
	const writes = 40
	for i := range writes {
		now := time.Now()
		if err := s.store.Write(t.Context(), write(now, fmt.Sprint("key ", i)), inserting(now)); err != nil {
			t.Fatal(err)
		}
	}
	s.pool.Reset() // so that the backend reports what it did
	eventually(t, "the writes are counted", func() bool {
		return ask[int](t, s, `select n_tup_ins::int from pg_stat_user_tables where relname = 'idempotency_keys'`) == writes
	})
	if n := ask[int](t, s, `select seq_tup_read::int from pg_stat_user_tables where relname = 'idempotency_keys'`); n > 0 {
		t.Errorf("%d keys were read to find %d", n, writes)
	}
}
