package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"todo-app/internal/task"
)

// recounted are the tallies as they would be made anew.
const recounted = `
select count(*)::int
from (
  (select owner_id, category, state, priority, parent_id is not null, cardinality(depends_on) > 0, recurrence_rule <> '', count(*)
   from tasks
   group by 1, 2, 3, 4, 5, 6, 7
   except
   select * from tallies)
  union all
  (select * from tallies
   except
   select owner_id, category, state, priority, parent_id is not null, cardinality(depends_on) > 0, recurrence_rule <> '', count(*)
   from tasks
   group by 1, 2, 3, 4, 5, 6, 7)
) differing`

func TestWritesOfBuildsThatKnowNothingOfTalliesAreCounted(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.add(t, "alice", titled("a"), titled("b"), titled("c"))
	s.add(t, "bob", titled("d"))
	for _, sql := range []string{
		`update tasks set category = 'moved', version = version + 1 where title in ('a', 'd')`, // of two owners at once
		`update tasks set completed_at = now() where title <> 'c'`,
		`delete from tasks where title in ('b', 'd')`,
		`update tasks set due_at = '2026-05-05 10:07', due_all_day = false where title = 'c'`,
	} {
		s.exec(t, sql)
		if n := ask[int](t, s, recounted); n != 0 {
			t.Errorf("after %s %d tallies are wrong", sql, n)
		}
	}
	if n := ask[int](t, s, `select count(*)::int from time_tallies where tasks <= 0`); n != 0 {
		t.Errorf("%d tallies of nothing are left", n)
	}
	if got := ask[string](t, s, `select at::text from time_tallies where what = 'due'`); got != "2026-05-05 10:00:00+00" {
		t.Error("it is due in the quarter of", got)
	}
}

func TestOneWriteOfManyTasksMovesEachTallyOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var drafts []task.Patch
	for i := range 200 {
		drafts = append(drafts, titled(fmt.Sprint(i)))
	}
	s.add(t, "alice", drafts...)
	s.exec(t, `update tasks set completed_at = now(), version = version + 1`)
	if n := ask[int](t, s, `select tasks::int from tallies where owner_id = 'alice'`); n != len(drafts) {
		t.Error(n)
	}
	if _, err := s.tasks.DeleteMany(t.Context(), task.Call{Owner: "alice"}, task.Selection{All: true}); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"tallies", "time_tallies"} {
		if n := ask[int](t, s, `select count(*)::int from `+table); n != 0 {
			t.Errorf("%s has %d rows for no task", table, n)
		}
	}
}

func TestNumbersAreReadWithoutReadingTasks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const tasks = 3000
	s.add(t, "alice", titled("a"))
	s.exec(t, `insert into tasks (owner_id, id, version, created_at, updated_at, title, title_key, description, priority, category, tags, due_at,
	    due_all_day, reminders, recurrence_rule, recurrence_from, recurrence_skip_if_open, depends_on, position, open_dependencies)
	  select 'alice', gen_random_uuid(), 1, now(), now(), 'x', 'x', '', 2, 'c' || i % 50, '{}', now() - make_interval(days => 1 + i % 40), false, '{}', '', '', false, '{}', i, 0
	  from generate_series(1, $1::int) i`, tasks)
	s.exec(t, `analyze`)
	s.exec(t, `alter table tasks set (autovacuum_enabled = false)`)
	// A connection reports what it has read when it ends.
	read := func() int {
		s.pool.Reset()
		s.admin.Reset()
		eventually(t, "no other connection has anything to report", func() bool {
			return ask[bool](t, s, `select not exists (
			  select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend')`)
		})
		return ask[int](t, s, `select coalesce(sum(idx_tup_fetch + seq_tup_read), 0)::int from pg_stat_user_tables where relname = 'tasks'`)
	}
	before := read()
	for range 3 {
		if _, err := s.tasks.Report(t.Context(), task.Call{Owner: "alice", Zone: time.UTC}, task.ReportStats, nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := read() - before; n > 100 {
		t.Errorf("three reports read %d tasks", n)
	}
}
