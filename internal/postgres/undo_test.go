package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"todo-app/internal/postgres"
	"todo-app/internal/task"
)

// undoing is an owner who does and undoes.
type undoing struct {
	*site
	t    rapid.TB
	call task.Call
	past []string // what was there after each step, the first before any
}

// everythingOf is all that is kept of an owner and not made anew by every
// write: each row of each table, with what only counts writes left out.
const everythingOf = `
select string_agg(line, e'\n' order by line)
from (
  select 'task ' || (to_jsonb(t) - 'version' - 'updated_at')::text as line from tasks t where owner_id = $1
  union all
  select 'template ' || (to_jsonb(t) - 'version' - 'updated_at')::text from templates t where owner_id = $1
  union all
  select 'owner ' || (to_jsonb(o) - 'generation' - 'nonce' - 'auto_archive_at')::text from owners o where owner_id = $1
  union all
  select 'term ' || to_jsonb(r)::text from task_terms r where owner_id = $1
  union all
  select 'tag ' || to_jsonb(r)::text from task_tags r where owner_id = $1
  union all
  select 'dependency ' || to_jsonb(r)::text from task_dependencies r where owner_id = $1
  union all
  select 'reminder ' || to_jsonb(r)::text from reminders r where owner_id = $1 and reminder <> ''
  union all
  select 'tally ' || to_jsonb(r)::text from tallies r where owner_id = $1
  union all
  select 'time ' || to_jsonb(r)::text from time_tallies r where owner_id = $1) all_lines`

func (u *undoing) present() string {
	u.t.Helper()
	var text *string
	if err := u.admin.QueryRow(ctx(), everythingOf, u.call.Owner).Scan(&text); err != nil {
		u.t.Fatal(err)
	}
	if text == nil {
		return ""
	}
	return *text
}

func (u *undoing) steps() []task.Operation {
	u.t.Helper()
	steps, err := u.tasks.Operations(ctx(), u.call)
	if err != nil {
		u.t.Fatal(err)
	}
	return steps
}

// undo undoes or redoes, and returns the step that this is.
func (u *undoing) undo(operation int64) task.Operation {
	u.t.Helper()
	r, err := u.tasks.Undo(ctx(), u.call, operation)
	if err != nil {
		u.t.Fatalf("undoing %d: %v", operation, err)
	}
	return r.Step
}

// is holds what is there to what was there once.
func (u *undoing) is(what, want string) {
	u.t.Helper()
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(u.present(), "\n")); diff != "" {
		u.t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// Whatever was done, in whatever order: undone step by step, everything is as
// it was before each step, and redone step by step as it was after.
func TestAnySequenceOfChangesUndoneIsTheStateBeforeAndForwardAgainTheStateAfter(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	owners := 0
	rapid.Check(t, func(t *rapid.T) {
		owners++
		u := &undoing{site: s, t: t, call: task.Call{Owner: fmt.Sprint("owner ", owners)}}
		u.past = []string{u.settled()}
		t.Repeat(map[string]func(*rapid.T){
			"create":   u.doing((*undoing).create),
			"update":   u.doing((*undoing).update),
			"act":      u.doing((*undoing).act),
			"delete":   u.doing((*undoing).delete),
			"bulk":     u.doing((*undoing).bulk),
			"template": u.doing((*undoing).template),
			"settings": u.doing((*undoing).settings),
			"there and back": func(t *rapid.T) {
				if len(u.past) > 1 {
					there := u.undo(0)
					u.is("after undoing one", u.past[len(u.past)-2])
					u.undo(there.ID)
					u.is("after redoing one", u.past[len(u.past)-1])
				}
			},
		})
		u.t = t
		u.walk()
	})
}

// settled is an owner who has done nothing yet but be there.
func (u *undoing) settled() string {
	if _, err := u.tasks.Create(ctx(), u.call, []task.Patch{titled("the first")}, false); err != nil {
		u.t.Fatal(err)
	}
	return u.present()
}

// walk undoes all that can be undone, and redoes it.
func (u *undoing) walk() {
	u.t.Helper()
	last := len(u.past) - 1
	back := min(last, task.MaxUndo)
	var undone []task.Operation
	for n := range back {
		undone = append(undone, u.undo(0))
		u.is(fmt.Sprintf("after undoing %d of %d", n+1, back), u.past[last-1-n])
	}
	for n, o := range slices.Backward(undone) {
		if redone := u.undo(o.ID); redone.Action != task.ActRedone || redone.Undoes != o.Undoes {
			u.t.Errorf("redoing %v is %v", o, redone)
		}
		u.is(fmt.Sprintf("after redoing %d of %d", back-n, back), u.past[last-n])
	}
}

// doing has an action be a step, if it changes anything.
func (u *undoing) doing(do func(*undoing, *rapid.T) error) func(*rapid.T) {
	return func(t *rapid.T) {
		before := u.steps()[0].ID
		err := do(u, t)
		var conflict *task.Conflict
		if err != nil && task.AsFaults(err) == nil && !errors.As(err, &conflict) && !errors.Is(err, task.ErrNoTemplate) {
			t.Fatal(err)
		}
		now := u.present()
		u.counted()
		if stepped := u.steps()[0].ID != before; stepped {
			u.past = append(u.past, now)
		} else if now != u.past[len(u.past)-1] {
			t.Fatalf("a change that is no step: %v", err)
		}
	}
}

// counted holds what is kept beside the tasks to what it is kept of.
func (u *undoing) counted() {
	u.t.Helper()
	rows, _ := u.admin.Query(ctx(), `
		select t.title || ' has ' || t.open_dependencies || ' open dependencies and ' || t.subtasks_completed || ' of ' || t.subtasks_total || ' subtasks done, not ' ||
		  c.open || ', ' || c.done || ' and ' || c.total
		from tasks t
		cross join lateral (select
		  (select count(*) from tasks d where d.owner_id = t.owner_id and d.id = any(t.depends_on) and d.completed_at is null) as open,
		  (select count(*) from tasks s where s.owner_id = t.owner_id and s.parent_id = t.id) as total,
		  (select count(*) from tasks s where s.owner_id = t.owner_id and s.parent_id = t.id and s.completed_at is not null) as done) c
		where t.owner_id = $1
		  and (t.open_dependencies, t.subtasks_completed, t.subtasks_total) is distinct from (c.open, c.done, c.total)`, u.call.Owner)
	if wrong, err := pgx.CollectRows(rows, pgx.RowTo[string]); err != nil || len(wrong) > 0 {
		u.t.Fatalf("what is counted is wrong: %q, %v", wrong, err)
	}
}

// some draws tasks that are there.
func (u *undoing) some(t *rapid.T, what string, least, most int) []task.ID {
	rows, _ := u.admin.Query(ctx(), `select id::text from tasks where owner_id = $1 order by id`, u.call.Owner)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (id task.ID, err error) {
		var text string
		if err = row.Scan(&text); err == nil {
			id, err = task.ParseID(text)
		}
		return id, err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < least {
		t.Skip("too few tasks")
	}
	if len(all) == 0 {
		return nil
	}
	return rapid.SliceOfNDistinct(rapid.SampledFrom(all), least, min(most, len(all)), rapid.ID).Draw(t, what)
}

func maybe[T any](t *rapid.T, what string, g *rapid.Generator[T]) task.Field[T] {
	switch rapid.IntRange(0, 5).Draw(t, what+"?") {
	case 0:
		return task.Null[T]()
	case 1:
		return task.Value(g.Draw(t, what))
	}
	return task.Field[T]{}
}

var (
	someText = rapid.SampledFrom([]string{"x", "two words", "\"'\\%_ü\U0001f600", "Ångström\n"})
	someDue  = rapid.Custom(func(t *rapid.T) task.Due {
		at := time.Date(2090, 1, 1, 9, 30, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 400).Draw(t, "day"))
		return task.Due{At: at}
	})
	someRule = rapid.SampledFrom([]string{"daily", "monthly", "FREQ=WEEKLY;COUNT=3"})
)

func (u *undoing) patch(t *rapid.T) task.Patch {
	p := task.Patch{
		Title:       task.Value(someText.Draw(t, "title")),
		Description: maybe(t, "description", someText),
		Priority:    maybe(t, "priority", rapid.SampledFrom([]task.Priority{task.High, task.Low})),
		Category:    maybe(t, "category", rapid.SampledFrom([]string{"a", "b"})),
		Tags:        maybe(t, "tags", rapid.SliceOfN(rapid.SampledFrom([]string{"t", "u", "v"}), 0, 3)),
		Due:         maybe(t, "due", someDue),
		Reminders:   maybe(t, "reminders", rapid.SliceOfN(rapid.SampledFrom([]task.Reminder{"-P1D", "PT0S"}), 0, 2)),
		Order:       maybe(t, "order", rapid.Float64Range(-1e18, 1e18)),
	}
	if rapid.IntRange(0, 3).Draw(t, "repeats") == 0 {
		p.Due = task.Value(someDue.Draw(t, "due"))
		p.Recurrence = task.Value(task.RecurrencePatch{Rule: task.Value(someRule.Draw(t, "rule"))})
	}
	if rapid.Bool().Draw(t, "relates") {
		p.DependsOn = task.Value(u.some(t, "depends on", 0, 2))
		for _, id := range u.some(t, "parent", 0, 1) {
			p.ParentID = task.Value(id)
		}
	}
	return p
}

func (u *undoing) create(t *rapid.T) error {
	drafts := make([]task.Patch, rapid.IntRange(1, 3).Draw(t, "how many"))
	for i := range drafts {
		drafts[i] = u.patch(t)
	}
	_, err := u.tasks.Create(ctx(), u.call, drafts, true)
	return err
}

func (u *undoing) update(t *rapid.T) error {
	e := task.Edit{Patch: u.patch(t), Whole: rapid.Bool().Draw(t, "whole"), Force: rapid.Bool().Draw(t, "force")}
	if rapid.Bool().Draw(t, "state too") {
		e.Patch.Completed, e.Patch.Archived = task.Value(rapid.Bool().Draw(t, "completed")), task.Value(rapid.Bool().Draw(t, "archived"))
	}
	_, err := u.tasks.Update(ctx(), u.call, u.some(t, "task", 1, 1)[0], e)
	return err
}

func (u *undoing) act(t *rapid.T) error {
	acts := []func(*task.Service, task.ID) error{
		func(s *task.Service, id task.ID) error {
			return last(s.Complete(ctx(), u.call, id, task.Edit{Force: true}))
		},
		func(s *task.Service, id task.ID) error { return last(s.Reopen(ctx(), u.call, id, task.Edit{})) },
		func(s *task.Service, id task.ID) error { return last(s.Archive(ctx(), u.call, id, task.Edit{})) },
		func(s *task.Service, id task.ID) error { return last(s.Unarchive(ctx(), u.call, id, task.Edit{})) },
		func(s *task.Service, id task.ID) error { return last(s.Skip(ctx(), u.call, id, task.Edit{})) },
	}
	return rapid.SampledFrom(acts).Draw(t, "act")(u.tasks, u.some(t, "task", 1, 1)[0])
}

func last[T any](_ T, err error) error { return err }

func (u *undoing) delete(t *rapid.T) error {
	switch rapid.IntRange(0, 5).Draw(t, "what") {
	case 0:
		return last(u.tasks.DeleteMany(ctx(), u.call, task.Selection{Completed: true}))
	case 1:
		return last(u.tasks.DeleteMany(ctx(), u.call, task.Selection{All: true}))
	case 2:
		return last(u.tasks.DeleteMany(ctx(), u.call, task.Selection{IDs: u.some(t, "tasks", 1, 4)}))
	}
	return last(u.tasks.Delete(ctx(), u.call, u.some(t, "task", 1, 1)[0], rapid.Bool().Draw(t, "promote"), nil))
}

func (u *undoing) bulk(t *rapid.T) error {
	if rapid.IntRange(0, 5).Draw(t, "all completed ones") == 0 {
		return last(u.tasks.ArchiveCompleted(ctx(), u.call))
	}
	b := task.Bulk{Action: rapid.SampledFrom(task.BulkActions).Draw(t, "action"), IDs: u.some(t, "tasks", 1, 5)}
	if b.Action == task.BulkUpdate {
		b.Set = u.patch(t)
	}
	return last(u.tasks.Bulk(ctx(), u.call, b))
}

func (u *undoing) template(t *rapid.T) error {
	name := rapid.SampledFrom([]string{"m", "n"}).Draw(t, "name")
	draft := task.TemplateDraft{Name: name, Patch: titled(someText.Draw(t, "title"))}
	switch rapid.IntRange(0, 3).Draw(t, "what") {
	case 0:
		return last(u.tasks.DeleteTemplate(ctx(), u.call, name, nil))
	case 1:
		return last(u.tasks.ReplaceTemplate(ctx(), u.call, name, draft, nil, nil))
	case 2:
		return last(u.tasks.CreateFromTemplate(ctx(), u.call, name, task.Patch{}, nil))
	}
	return last(u.tasks.CreateTemplate(ctx(), u.call, draft, nil))
}

func (u *undoing) settings(t *rapid.T) error {
	chosen := task.Settings{Zone: rapid.SampledFrom([]string{"UTC", "Asia/Tokyo"}).Draw(t, "zone"), AutoArchiveDays: rapid.IntRange(0, 2).Draw(t, "days")}
	return u.tasks.SetSettings(ctx(), u.call, chosen, nil)
}

func TestFiftyStepsBackAndForthRestoreEveryByte(t *testing.T) {
	t.Parallel()
	u := &undoing{site: newSite(t), t: t, call: task.Call{Owner: "alice"}}
	u.past = []string{u.settled()}
	for n := range task.MaxUndo + 20 {
		draft := titled(fmt.Sprint("task ", n))
		draft.Tags = task.Value([]string{"t"})
		u.add(t, "alice", draft)
		u.past = append(u.past, u.present())
	}
	if n := len(u.steps()); n != task.MaxUndo {
		t.Errorf("%d steps can be undone", n)
	}
	u.walk()
	u.walk()
}

// ctx is the context of what is done inside a property, which has no test's.
func ctx() context.Context { return context.Background() }

// refused wants a conflict with these tasks in the way.
func (u *undoing) refused(what string, operation int64, want ...task.ID) {
	u.t.Helper()
	before := u.present()
	_, err := u.tasks.Undo(ctx(), u.call, operation)
	var conflict *task.Conflict
	if !errors.As(err, &conflict) {
		u.t.Errorf("%s: %v", what, err)
		return
	}
	if diff := cmp.Diff(want, conflict.Tasks); diff != "" {
		u.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
	u.is("after "+what, before)
}

func TestAnUndoLosesNothingOfWhatCameAfter(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for i, run := range []func(*undoing){
		func(u *undoing) { // the same task
			a := u.add(t, u.call.Owner, titled("a"))[0].ID
			u.patched(a, task.Patch{Title: task.Value("b")})
			first := u.steps()[0].ID
			u.patched(a, task.Patch{Priority: task.Value(task.High)})
			u.refused("undoing a change before another", first, a)
			u.undo(0)
			u.undo(first)
		},
		func(u *undoing) { // the same again, by another operation
			a := u.add(t, u.call.Owner, titled("a"))[0].ID
			u.patched(a, titled("b"))
			first := u.steps()[0].ID
			u.patched(a, titled("a"))
			u.patched(a, titled("b"))
			u.refused("undoing what another operation has done again", first, a)
		},
		func(u *undoing) { // a build that knows nothing of steps was there
			a := u.add(t, u.call.Owner, titled("a"))[0].ID
			s.exec(t, `update owners set generation = generation + 1 where owner_id = $1`, u.call.Owner)
			s.exec(t, `update tasks set title = 'other', version = version + 1 where id = $1`, a.String())
			u.refused("undoing what an older build has changed since", 0, a)
		},
		func(u *undoing) { // the parent is gone
			both := u.add(t, u.call.Owner, titled("parent"), titled("child"))
			u.patched(both[1].ID, task.Patch{ParentID: task.Value(both[0].ID)})
			u.must(u.tasks.Delete(ctx(), u.call, both[1].ID, false, nil))
			gone := u.steps()[0].ID
			u.must(u.tasks.Delete(ctx(), u.call, both[0].ID, false, nil))
			u.refused("bringing back a task whose parent is gone", gone, both[1].ID)
		},
		func(u *undoing) { // the parent has become a subtask
			three := u.add(t, u.call.Owner, titled("parent"), titled("child"), titled("other"))
			u.patched(three[1].ID, task.Patch{ParentID: task.Value(three[0].ID)})
			u.must(u.tasks.Delete(ctx(), u.call, three[1].ID, false, nil))
			gone := u.steps()[0].ID
			u.patched(three[0].ID, task.Patch{ParentID: task.Value(three[2].ID)})
			u.refused("bringing back a third level", gone, three[1].ID)
		},
		func(u *undoing) { // it has got subtasks
			two := u.add(t, u.call.Owner, titled("a"), titled("b"))
			u.patched(two[0].ID, task.Patch{ParentID: task.Value(two[1].ID)})
			u.patched(two[0].ID, task.Patch{ParentID: task.Null[task.ID]()})
			freed := u.steps()[0].ID
			u.add(t, u.call.Owner, task.Patch{Title: task.Value("c"), ParentID: task.Value(two[0].ID)})
			u.refused("moving back what has subtasks by now", freed, two[0].ID)
		},
		func(u *undoing) { // a dependency is gone
			two := u.add(t, u.call.Owner, titled("a"), titled("b"))
			u.patched(two[1].ID, task.Patch{DependsOn: task.Value([]task.ID{two[0].ID})})
			u.must(u.tasks.Delete(ctx(), u.call, two[1].ID, false, nil))
			gone := u.steps()[0].ID
			u.must(u.tasks.Delete(ctx(), u.call, two[0].ID, false, nil))
			u.refused("bringing back a task whose dependency is gone", gone, two[1].ID)
		},
		func(u *undoing) { // others need what would go
			a := u.add(t, u.call.Owner, titled("a"))[0].ID
			made := u.steps()[0].ID
			b := u.add(t, u.call.Owner, task.Patch{Title: task.Value("b"), DependsOn: task.Value([]task.ID{a})})[0].ID
			u.refused("taking away what another depends on", made, b)
			u.must(u.tasks.Delete(ctx(), u.call, b, false, nil))
			c := u.add(t, u.call.Owner, task.Patch{Title: task.Value("c"), ParentID: task.Value(a)})[0].ID
			u.refused("taking away what has subtasks", made, c)
		},
		func(u *undoing) { // a circle would close
			two := u.add(t, u.call.Owner, titled("a"), titled("b"))
			u.patched(two[0].ID, task.Patch{DependsOn: task.Value([]task.ID{two[1].ID})})
			u.patched(two[0].ID, task.Patch{DependsOn: task.Null[[]task.ID]()})
			freed := u.steps()[0].ID
			u.patched(two[1].ID, task.Patch{DependsOn: task.Value([]task.ID{two[0].ID})})
			u.refused("closing a circle", freed, two[0].ID, two[1].ID)
		},
		func(u *undoing) { // a name is taken
			u.must(u.tasks.CreateTemplate(ctx(), u.call, task.TemplateDraft{Name: "n", Patch: titled("one")}, nil))
			u.must(u.tasks.DeleteTemplate(ctx(), u.call, "n", nil))
			gone := u.steps()[0].ID
			u.must(u.tasks.CreateTemplate(ctx(), u.call, task.TemplateDraft{Name: "n", Patch: titled("two")}, nil))
			u.refused("bringing back a template whose name is taken", gone)
		},
		func(u *undoing) { // settings that came to be the same again by another step
			set := func(zone string) {
				u.must(nil, u.tasks.SetSettings(ctx(), u.call, task.Settings{Zone: zone}, nil))
			}
			set("Asia/Tokyo")
			first := u.steps()[0].ID
			set("UTC")
			set("Asia/Tokyo")
			u.refused("undoing settings", first)
		},
	} {
		u := &undoing{site: s, t: t, call: task.Call{Owner: fmt.Sprint("owner ", i)}}
		run(u)
	}
}

func (u *undoing) patched(id task.ID, p task.Patch) {
	u.t.Helper()
	u.must(u.tasks.Update(ctx(), u.call, id, task.Edit{Patch: p}))
}

func (u *undoing) must(_ any, err error) {
	u.t.Helper()
	if err != nil {
		u.t.Fatal(err)
	}
}

// Each of many who undo at once undoes a step of its own, and each step is
// undone once.
func TestManyWhoUndoAtOnceUndoEachStepOnce(t *testing.T) {
	t.Parallel()
	u := &undoing{site: newSite(t), t: t, call: task.Call{Owner: "alice"}}
	const steps = 12
	for n := range steps {
		u.add(t, "alice", titled(fmt.Sprint(n)))
	}
	var running sync.WaitGroup
	var mu sync.Mutex
	undone := map[int64]int{}
	for range steps {
		running.Go(func() {
			r, err := u.tasks.Undo(ctx(), u.call, 0)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			undone[r.Step.Undoes]++
		})
	}
	running.Wait()
	if n := ask[int](t, u.site, `select count(*)::int from tasks`); n != 0 || len(undone) != steps {
		t.Errorf("%d tasks are left, and these were undone: %v", n, undone)
	}
	u.refused("undoing once more", 0)
}

func TestStepsThatAreTooManyOrTooOldAreForgotten(t *testing.T) {
	t.Parallel()
	u := &undoing{site: newSite(t), t: t, call: task.Call{Owner: "alice"}}
	for range 3 * 64 {
		u.add(t, "alice", titled("x"))
	}
	if n := ask[int](t, u.site, `select count(*)::int from operations`); n > task.MaxUndo+64 {
		t.Errorf("%d operations are kept", n)
	}
	p, err := u.sweeper(u.Pool(t, postgres.SweepRole)).Purge(ctx(), time.Now().Add(task.UndoLife).Add(-time.Hour), false)
	if err != nil || p.Operations != 0 {
		t.Errorf("%v %v", p, err)
	}
	p, err = u.sweeper(u.Pool(t, postgres.SweepRole)).Purge(ctx(), time.Now().Add(task.UndoLife).Add(time.Hour), false)
	if n := ask[int](t, u.site, `select count(*)::int from operations`); err != nil || p.Operations == 0 || n != 0 {
		t.Errorf("%v %v, %d are left", p, err, n)
	}
}

// The record of a task outlives it as long as its deletion can be undone. Who
// synced before what is forgotten begins anew.
func TestTheHistoryOfADeletedTaskIsForgottenWithItsUndo(t *testing.T) {
	t.Parallel()
	u := &undoing{site: newSite(t), t: t, call: task.Call{Owner: "alice"}}
	var ids []task.ID
	for _, title := range []string{"kept", "deleted", "restored", "deleted again", "of a busy owner"} {
		owner := "alice"
		if title == "of a busy owner" {
			owner = "bob"
		}
		ids = append(ids, u.add(t, owner, titled(title))[0].ID)
	}
	kept, deleted, restored, again := ids[0], ids[1], ids[2], ids[3]
	for _, id := range []task.ID{restored, again} {
		u.must(u.tasks.Delete(ctx(), u.call, id, false, nil))
		u.must(u.tasks.Undo(ctx(), u.call, 0))
	}
	u.must(u.tasks.Delete(ctx(), u.call, deleted, false, nil))
	u.must(u.tasks.Delete(ctx(), task.Call{Owner: "bob"}, ids[4], false, nil))
	age := func(by time.Duration, whose string, args ...any) {
		u.exec(t, `update changes set at = at - $1::interval `+whose, append([]any{by}, args...)...)
		u.exec(t, `update deletions set at = at - $1::interval `+whose, append([]any{by}, args...)...)
	}
	age(task.UndoLife+25*time.Hour, "")
	before, err := u.tasks.Changes(ctx(), u.call, nil, nil)
	u.must(nil, err)
	u.must(u.tasks.Delete(ctx(), u.call, again, false, nil))
	age(task.UndoLife-time.Hour, "where task_id = $2", [16]byte(again))

	busy, err := u.Pool(t, postgres.AppRole).Begin(ctx())
	u.must(nil, err)
	defer busy.Rollback(ctx())
	u.must(busy.Exec(ctx(), `select set_config('app.owner', 'bob', true)`))
	u.must(busy.Exec(ctx(), `update owners set generation = generation + 1 where owner_id = 'bob'`))
	sweeper := u.sweeper(u.Pool(t, postgres.SweepRole))
	purge := func(want int64) {
		t.Helper()
		if p, err := sweeper.Purge(ctx(), time.Now(), false); err != nil || p.Histories != want {
			t.Errorf("%+v, %v; want %d deletions", p, err, want)
		}
	}
	purge(3) // of one that was put back, and of an earlier time, too, which removes nothing
	left := ask[[]string](t, u.site, `select array_agg(distinct coalesce(after, before) ->> 'title' order by coalesce(after, before) ->> 'title') from changes`)
	if diff := cmp.Diff([]string{"deleted again", "kept", "of a busy owner", "restored"}, left); diff != "" {
		t.Error("whose records are left (-want +got): ", diff)
	}
	u.must(nil, busy.Rollback(ctx()))
	purge(1)
	purge(0)

	if found, err := u.tasks.History(ctx(), u.call, kept, task.Place{}); err != nil || len(found.Records) != 1 {
		t.Errorf("of the one that was kept %+v, %v", found, err)
	}
	if _, err := u.tasks.Changes(ctx(), u.call, &task.Place{}, nil); !errors.Is(err, task.ErrTokenExpired) {
		t.Errorf("the changes from the beginning: %v", err)
	}
	if found, err := u.tasks.Changes(ctx(), u.call, &before.Through, nil); err != nil || len(found.Records) != 1 {
		t.Errorf("the changes since: %+v, %v", found, err)
	}
	u.must(u.tasks.Undo(ctx(), u.call, 0))
	if found, err := u.tasks.Get(ctx(), u.call, again, nil); err != nil || !strings.Contains(string(found.Body), "deleted again") {
		t.Errorf("what was deleted last came back as %s, %v", found.Body, err)
	}
}
