package postgres_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"todo-app/internal/postgres"
	"todo-app/internal/task"
)

// changeTo changes a task again and again, up to a version, as a program that
// never ends would.
func (s *site) changeTo(t testing.TB, owner string, id task.ID, version int) {
	t.Helper()
	s.exec(t, `create or replace procedure change(who text, what uuid, most bigint) language plpgsql as $$
		begin
			for v in (select version + 1 from tasks where owner_id = who and id = what) .. most loop
				update owners set generation = generation + 1 where owner_id = who;
				update tasks set version = v, position = v where owner_id = who and id = what;
			end loop;
		end $$`)
	s.exec(t, `call change($1, $2, $3)`, owner, [16]byte(id), version)
}

// outlive has what is recorded of a task up to a version be older than can be
// undone.
func (s *site) outlive(t testing.TB, id task.ID, version int) {
	t.Helper()
	age := task.UndoLife + 25*time.Hour
	s.exec(t, `update changes set at = at - $1::interval where task_id = $2 and (after ->> 'version')::int <= $3`, age, [16]byte(id), version)
	s.exec(t, `
		update long_histories l set at = at - $1::interval
		where task_id = $2
		  and through <= (select c.generation from changes c where c.task_id = l.task_id and (c.after ->> 'version')::int = $3 - 1000)`,
		age, [16]byte(id), version)
}

// versions returns from which to which version there are records of a task,
// and how many there are.
func (s *site) versions(t testing.TB, id task.ID) []int {
	t.Helper()
	return ask[[]int](t, s, `select array[min(v), min(v) filter (where v > 1), max(v), count(*)]
		from (select (coalesce(after, before) ->> 'version')::int as v from changes where task_id = $1) c`, [16]byte(id))
}

func TestOfATaskThatIsChangedWithoutEndTheFirstRecordAndTheNewestThousandStay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.add(t, "alice", titled("changed without end"))[0].ID
	few := s.add(t, "alice", titled("changed now and then"))[0].ID
	s.changeTo(t, "alice", id, 1000)
	call := task.Call{Owner: "alice"}
	token := func() task.Place {
		t.Helper()
		found, err := s.tasks.Changes(ctx(), call, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		return found.Through
	}
	through := token()
	before := through
	before.Generation--
	s.changeTo(t, "alice", id, 3100)
	s.changeTo(t, "alice", few, 999)
	sweeper := s.sweeper(s.Pool(t, postgres.SweepRole))
	purge := func(when string, want int64) {
		t.Helper()
		if p, err := sweeper.Purge(ctx(), time.Now(), false); err != nil || p.Records != want || p.Histories != 0 {
			t.Errorf("%s: %+v, %v; want %d records", when, p, err, want)
		}
	}
	purge("while all is young", 0)
	s.outlive(t, id, 1999)
	purge("while the second thousand is young", 0)
	s.outlive(t, id, 2500)
	sweeper.Keep = 2 * task.UndoLife
	purge("where more is kept", 0)
	sweeper.Keep = 0

	busy, err := s.pool.Begin(ctx())
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Rollback(ctx())
	for _, sql := range []string{`select set_config('app.owner', 'alice', true)`, `select from owners for update`} {
		if _, err := busy.Exec(ctx(), sql); err != nil {
			t.Fatal(err)
		}
	}
	purge("while its owner is written for", 0)
	if err := busy.Rollback(ctx()); err != nil {
		t.Fatal(err)
	}
	purge("once it is old", 999)
	purge("again", 0)
	if diff := cmp.Diff([]int{1, 1001, 3100, 2101}, s.versions(t, id)); diff != "" {
		t.Error("what is left (-want +got): ", diff)
	}
	if diff := cmp.Diff([]int{1, 2, 999, 999}, s.versions(t, few)); diff != "" {
		t.Error("what is left of the other (-want +got): ", diff)
	}

	history, err := s.tasks.History(ctx(), call, id, task.Place{})
	if err != nil || len(history.Records) != task.MaxChanges || history.Records[0].Change != task.Created || history.Records[1].Task.Version != 1001 {
		t.Errorf("the history: %d records, %v", len(history.Records), err)
	}
	if _, err := s.tasks.Changes(ctx(), call, &before, nil); !errors.Is(err, task.ErrTokenExpired) {
		t.Errorf("the changes since before what is gone: %v", err)
	}
	if found, err := s.tasks.Changes(ctx(), call, &through, nil); err != nil || found.Records[0].Task.Version != 1001 {
		t.Errorf("the changes since what is gone: %v", err)
	}
	s.change(t, "alice", id, titled("renamed"))
	if _, err := s.tasks.Undo(ctx(), call, 0); err != nil {
		t.Errorf("undoing the newest: %v", err)
	}
}
