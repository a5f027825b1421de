package tasktest

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"todo-app/internal/task"
)

// repeats is a draft of a task that does so by a rule, from a due on.
func repeats(title, rule, from string) task.Patch {
	return task.Patch{
		Title: task.Value(title), Due: task.Value(due(from)),
		Recurrence: task.Value(task.RecurrencePatch{Rule: task.Value(rule)}),
	}
}

// completeTo completes a task and returns the occurrence that is answered with it.
func (u *user) completeTo(id task.ID) (done, next task.Task) {
	u.t.Helper()
	r, err := u.service.Complete(ctx(), u.call, id, task.Edit{})
	u.must("completing", err)
	if len(r.Tasks) != 2 {
		u.t.Fatalf("completing answered with %d tasks", len(r.Tasks))
	}
	return r.Tasks[0], r.Tasks[1]
}

func (u *user) foretold(id task.ID, n int) (dates []string) {
	u.t.Helper()
	r, err := u.service.Occurrences(ctx(), u.call, id, n, nil)
	u.must("asking for occurrences", err)
	u.must("understanding occurrences", json.Unmarshal(r.Body, &dates))
	return dates
}

var recurring = []test{
	{"completing a task that repeats makes the next one, with what it has", func(t *testing.T, b *bench) {
		u := b.user(t)
		root := u.create(titled("root"))
		draft := repeats("pay", "monthly", "2026-03-31")
		draft.Description, draft.Priority, draft.Category = task.Value("the rent"), task.Value(task.High), task.Value("home")
		draft.Tags, draft.Order, draft.ParentID = task.Value([]string{"money"}), task.Value(7.5), task.Value(root.ID)
		draft.Reminders = task.Value([]task.Reminder{"-PT30M", "2026-03-30T18:00:00Z", "PT0S"})
		was := u.create(draft)
		u.clock.advance(time.Minute)
		done, next := u.completeTo(was.ID)
		want := task.Task{
			ID: next.ID, Version: 1, CreatedAt: u.clock.Now(), UpdatedAt: u.clock.Now(),
			Title: "pay", Description: "the rent", Priority: task.High, Category: "home", Tags: []string{"money"}, Order: 7.5, ParentID: root.ID,
			Due: due("2026-04-30"), Reminders: []task.Reminder{"-PT30M", "PT0S"},
			Recurrence: task.Recurrence{Rule: "FREQ=MONTHLY;BYMONTHDAY=-1", From: task.FromDue}, Anchor: due("2026-03-31"), Occurrence: due("2026-04-30"),
		}
		equal(t, "the next one", next, want)
		equal(t, "the next one as stored", u.stored(next.ID)[next.ID], want)
		was.Version, was.UpdatedAt, was.CompletedAt, was.NextID = 2, u.clock.Now(), u.clock.Now(), next.ID
		equal(t, "the one completed", done, was)
		equal(t, "the one completed as stored", u.stored(was.ID)[was.ID], was)
		equal(t, "the parent's progress", u.get(root.ID).Subtasks, task.Progress{Total: 2, Completed: 1})
		equal(t, "the list of those with the tag", len(u.list(matching(task.Filter{Tags: []string{"money"}}))), 2)
		equal(t, "those with the word", len(u.list(matching(task.Filter{HasText: true, Text: "rent"}))), 2)
	}},
	{"the 31st comes back after the months that have none", func(t *testing.T, b *bench) {
		u := b.user(t)
		at := u.create(repeats("x", "monthly", "2026-01-31"))
		for _, want := range []string{"2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"} {
			_, at = u.completeTo(at.ID)
			equal(t, "due", at.Due.String(), want)
		}
	}},
	{"completing twice, or again after reopening, makes one", func(t *testing.T, b *bench) {
		u := b.user(t)
		id := u.create(repeats("x", "daily", "2026-03-10")).ID
		done, next := u.completeTo(id)
		again, same := u.completeTo(id)
		equal(t, "completed again", []task.Task{again, same}, []task.Task{done, next})
		u.change(id, reopened)
		u.change(next.ID, titled("the next"))
		_, same = u.completeTo(id)
		equal(t, "the next one after reopening", same.Title, "the next")
		equal(t, "tasks", len(u.list(every())), 2)
		u.remove(next.ID, false)
		equal(t, "answers without the next, which is gone", len(u.edit(id, completed)), 1)
		u.change(id, reopened)
		_, other := u.completeTo(id)
		equal(t, "due of another", other.Due.String(), "2026-03-11")
	}},
	{"completing from many places at once makes one", func(t *testing.T, b *bench) {
		u := b.user(t)
		for range rounds / 4 {
			id := u.create(repeats("x", "weekly", "2026-03-10")).ID
			var next [4]task.ID
			var do []func()
			for i := range next {
				do = append(do, func() {
					if r, err := u.service.Complete(ctx(), u.call, id, task.Edit{}); err == nil && len(r.Tasks) == 2 {
						next[i] = r.Tasks[1].ID
					}
				})
			}
			together(do...)
			equal(t, "the next one", next, [4]task.ID{next[0], next[0], next[0], next[0]})
			equal(t, "tasks", len(u.list(every())), 2)
			_, err := u.service.DeleteMany(ctx(), u.call, task.Selection{All: true})
			u.must("deleting", err)
		}
	}},
	{"a series that ends makes none after its last", func(t *testing.T, b *bench) {
		u := b.user(t)
		at := u.create(repeats("x", "FREQ=DAILY;COUNT=2", "2026-03-10"))
		equal(t, "foretold", u.foretold(at.ID, 9), []string{"2026-03-11"})
		_, at = u.completeTo(at.ID)
		equal(t, "foretold of the last", u.foretold(at.ID, 9), nil)
		_, err := u.service.Skip(ctx(), u.call, at.ID, task.Edit{})
		isConflict(t, "skipping the last", err)
		equal(t, "answers of the last", len(u.edit(at.ID, completed)), 1)
		equal(t, "tasks", len(u.list(every())), 2)
	}},
	{"moving a due moves one occurrence, naming the rule begins anew", func(t *testing.T, b *bench) {
		u := b.user(t)
		id := u.create(repeats("x", "weekly", "2026-03-09")).ID // a Monday
		u.change(id, task.Patch{Due: task.Value(due("2026-03-11T15:00:00Z"))})
		equal(t, "foretold", u.foretold(id, 2), []string{"2026-03-16", "2026-03-23"})
		whole := task.Patch{Title: task.Value("x"), Due: task.Value(due("2026-03-12")),
			Recurrence: task.Value(task.RecurrencePatch{Rule: task.Value("FREQ=WEEKLY")})}
		_, err := u.update(id, task.Edit{Whole: true, Patch: whole})
		u.must("putting it back with another due", err)
		equal(t, "foretold", u.foretold(id, 2), []string{"2026-03-16", "2026-03-23"})
		u.change(id, task.Patch{Recurrence: whole.Recurrence})
		equal(t, "foretold", u.foretold(id, 2), []string{"2026-03-19", "2026-03-26"})
		_, next := u.completeTo(id)
		equal(t, "due", next.Due.String(), "2026-03-19")
		if _, err := u.update(next.ID, task.Edit{Patch: task.Patch{Due: task.Null[task.Due]()}}); err == nil {
			t.Error("the due was taken away")
		}
	}},
	{"skipping moves on without completing", func(t *testing.T, b *bench) {
		u := b.user(t)
		was := u.create(repeats("x", "daily", "2026-03-10T09:00:00Z"))
		u.clock.advance(time.Minute)
		r, err := u.service.Skip(ctx(), u.call, was.ID, task.Edit{Match: []string{"1-x"}})
		u.must("skipping", err)
		want := was
		want.Version, want.UpdatedAt, want.Due, want.Occurrence = 2, u.clock.Now(), due("2026-03-11T09:00:00Z"), due("2026-03-11T09:00:00Z")
		equal(t, "the task", r.Tasks, []task.Task{want})
		equal(t, "the task as stored", u.stored(was.ID)[was.ID], want)
		for what, match := range map[string][]string{"one that has changed": {"1-x"}, "nothing": nil} {
			id, wrong := was.ID, task.ErrStale
			if match == nil {
				id, wrong = newID(), task.ErrNotFound
			}
			_, err := u.service.Skip(ctx(), u.call, id, task.Edit{Match: match})
			isError(t, "skipping "+what, err, wrong)
		}
		_, err = u.service.Skip(ctx(), u.call, u.create(titled("once")).ID, task.Edit{})
		isConflict(t, "skipping what does not repeat", err)
		u.complete(was.ID)
		_, err = u.service.Skip(ctx(), u.call, was.ID, task.Edit{})
		isConflict(t, "skipping what is done", err)
	}},
	{"wall-clock time stays in the owner's zone, wherever the caller is", func(t *testing.T, b *bench) {
		u := b.user(t)
		u.must("setting the zone", u.service.SetSettings(ctx(), u.call, task.Settings{Zone: "Europe/Berlin"}, nil))
		id := u.create(repeats("x", "daily", "2026-03-28T09:00:00+01:00")).ID
		want := []string{"2026-03-29T07:00:00Z", "2026-03-30T07:00:00Z"} // clocks went forward
		equal(t, "foretold", u.in(tokyo).foretold(id, 2), want)
		_, next := u.in(tokyo).completeTo(id)
		equal(t, "due", next.Due.String(), want[0])
	}},
	{"counted from completion, the next is so long after it was done", func(t *testing.T, b *bench) {
		u := b.user(t)
		draft := repeats("x", "FREQ=DAILY;INTERVAL=3;COUNT=3", "2026-03-12")
		draft.Recurrence.Value.From = task.Value(task.FromCompletion)
		id := u.create(draft).ID
		equal(t, "foretold", u.foretold(id, 9), []string{"2026-03-15", "2026-03-18"})
		u.clock.advance(-24 * time.Hour)
		done, next := u.completeTo(id)
		equal(t, "due", next.Due.String(), "2026-03-12")
		equal(t, "rule", next.Recurrence.Rule, "FREQ=DAILY;INTERVAL=3;COUNT=2")
		equal(t, "foretold of what is done", u.foretold(done.ID, 1), []string{"2026-03-12"})
	}},
	{"subtasks are there anew, open and as much later", func(t *testing.T, b *bench) {
		u := b.user(t)
		root := u.create(repeats("root", "weekly", "2026-03-10"))
		first := under(root.ID, "first")
		first.Due, first.Tags = task.Value(due("2026-03-09T08:00:00Z")), task.Value([]string{"x"})
		one := u.create(first)
		second := under(root.ID, "second")
		second.DependsOn = task.Value([]task.ID{one.ID})
		two := u.create(second)
		own := repeats("own", "daily", "2026-03-10")
		own.ParentID = task.Value(root.ID)
		u.create(own)
		away := under(root.ID, "away")
		away.Archived = task.Value(true)
		u.create(away)
		u.complete(one.ID)
		_, next := u.completeTo(root.ID)
		equal(t, "progress", u.get(next.ID).Subtasks, task.Progress{Total: 2})
		equal(t, "progress as answered", next.Subtasks, task.Progress{Total: 2})
		equal(t, "progress of what is done", u.get(root.ID).Subtasks, task.Progress{Total: 4, Completed: 1})
		copies := u.list(matching(task.Filter{Parent: next.ID}))
		equal(t, "titles", titles(copies), []string{"first", "second"})
		equal(t, "due", []string{copies[0].Due.String(), copies[1].Due.String()}, []string{"2026-03-16T08:00:00Z", ""})
		equal(t, "depends on", copies[1].DependsOn, []task.ID{copies[0].ID})
		equal(t, "blocked", copies[1].Blocked, true)
		equal(t, "the second of before", u.get(two.ID).DependsOn, []task.ID{one.ID})
	}},
	{"a next occurrence waits for what is open, and for the next of what is done", func(t *testing.T, b *bench) {
		u := b.user(t)
		open, once, weekly := u.create(titled("open")), u.create(titled("once")), u.create(repeats("gather", "weekly", "2026-03-10"))
		draft := repeats("publish", "weekly", "2026-03-11")
		draft.DependsOn = task.Value([]task.ID{once.ID, weekly.ID, open.ID})
		id := u.create(draft).ID
		u.complete(once.ID)
		_, gather := u.completeTo(weekly.ID)
		_, err := u.service.Complete(ctx(), u.call, id, task.Edit{})
		isConflict(t, "completing", err, open.ID)
		r, err := u.service.Complete(ctx(), u.call, id, task.Edit{Force: true})
		u.must("completing by force", err)
		next := u.stored(r.Tasks[1].ID)[r.Tasks[1].ID]
		equal(t, "depends on", next.DependsOn, []task.ID{gather.ID, open.ID})
		equal(t, "open dependencies", next.OpenDependencies, 2)
	}},
	{"what repeats under a parent that takes no subtasks is not completed", func(t *testing.T, b *bench) {
		u := b.user(t)
		root := u.create(titled("root"))
		draft := repeats("x", "daily", "2026-03-10")
		draft.ParentID = task.Value(root.ID)
		id := u.create(draft).ID
		u.change(root.ID, task.Patch{Archived: task.Value(true)})
		_, err := u.service.Complete(ctx(), u.call, id, task.Edit{})
		isConflict(t, "completing", err, root.ID)
		equal(t, "completed", u.get(id).Completed(), false)
		equal(t, "tasks", len(u.list(every())), 2)
	}},
	{"nothing is foretold of what does not repeat, or is not there", func(t *testing.T, b *bench) {
		u := b.user(t)
		id := u.create(titled("x")).ID
		equal(t, "foretold", u.foretold(id, 3), nil)
		_, err := u.service.Occurrences(ctx(), u.call, newID(), 3, nil)
		isError(t, "of nothing", err, task.ErrNotFound)
		_, err = b.user(t).service.Occurrences(ctx(), b.user(t).call, id, 3, nil)
		isError(t, "of another owner's", err, task.ErrNotFound)
	}},
	{"a replayed completion is answered with the same next one", func(t *testing.T, b *bench) {
		u := b.user(t)
		id := u.create(repeats("x", "daily", "2026-03-10")).ID
		once := u.once("key", 1, func(r task.Result) []byte { return []byte(r.Tasks[1].ID.String()) })
		r, err := once.service.Complete(ctx(), once.call, id, task.Edit{})
		u.must("completing", err)
		_, err = once.service.Complete(ctx(), once.call, id, task.Edit{})
		var replay *task.Replay
		if !errors.As(err, &replay) || string(replay.Answer) != r.Tasks[1].ID.String() {
			t.Errorf("got %v", err)
		}
		equal(t, "tasks", len(u.list(every())), 2)
	}},
}

// edit changes a task and returns all that is answered.
func (u *user) edit(id task.ID, p task.Patch) []task.Task {
	u.t.Helper()
	r, err := u.service.Update(ctx(), u.call, id, task.Edit{Patch: p})
	u.must("changing", err)
	return r.Tasks
}
