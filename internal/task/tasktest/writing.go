package tasktest

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"todo-app/internal/task"
)

var reading = []test{
	{"an owner nobody has heard of has no tasks", func(t *testing.T, b *bench) {
		u := b.user(t)
		equal(t, "the list", u.list(every()), nil)
		for _, window := range task.DueWindows {
			equal(t, "the list of "+string(window), u.list(matching(task.Filter{Due: window})), nil)
		}
		_, err := u.service.Get(ctx(), u.call, newID(), nil)
		isError(t, "reading a task", err, task.ErrNotFound)
	}},
	{"a task reads back as it was written", func(t *testing.T, b *bench) {
		u := b.user(t)
		parent, first, second := u.create(titled("parent")), u.create(titled("first")), u.create(titled("second"))
		u.complete(second.ID)
		u.clock.advance(1234567 * time.Microsecond)
		full := full(parent.ID, second.ID, first.ID)
		created := u.create(full)
		now := u.clock.Now()
		want := task.Task{
			ID: created.ID, Version: 1, CreatedAt: now, UpdatedAt: now,
			Title: "Title", Description: "some\ntext", Priority: task.High, Category: "garden", Tags: []string{"a", "b"},
			Due: due("2026-03-12T08:30:00.000001Z"), Reminders: []task.Reminder{"-PT30M", "-P1D", "2026-03-11T00:00:00Z"},
			Recurrence: task.Recurrence{Rule: "FREQ=DAILY", From: task.FromCompletion, SkipIfOpen: true},
			Anchor:     due("2026-03-12T08:30:00.000001Z"), Occurrence: due("2026-03-12T08:30:00.000001Z"),
			ParentID: parent.ID, DependsOn: []task.ID{second.ID, first.ID}, Order: 1.5, ArchivedAt: now, OpenDependencies: 1,
		}
		equal(t, "what create answers", created, want)
		equal(t, "what is stored", u.stored(created.ID)[created.ID], want)
		want.OpenDependencies = 0 // readers are told whether, not how many
		want.Anchor, want.Occurrence = task.Due{}, task.Due{}
		read := shown{Task: want, URL: "https://todo.example/api/v1/tasks/" + created.ID.String(), Blocked: true}
		equal(t, "what is read", u.get(created.ID), read)
		for _, s := range u.list(every()) {
			if s.ID == created.ID {
				equal(t, "what is listed", s, read)
			}
		}
	}},
	{"what is not said has its default", func(t *testing.T, b *bench) {
		u := b.user(t)
		now := u.clock.Now()
		first, second := u.create(titled("first")), u.create(titled("second"))
		want := task.Task{
			ID: first.ID, Version: 1, CreatedAt: now, UpdatedAt: now, Title: "first",
			Priority: task.Medium, Category: "other", Order: float64(now.UnixMicro()),
		}
		equal(t, "what is stored", u.stored(first.ID)[first.ID], want)
		u.clock.advance(time.Microsecond)
		third := u.create(titled("third"))
		if !(first.Order <= second.Order && second.Order < third.Order) {
			t.Errorf("new tasks are not last: %v, %v, %v", first.Order, second.Order, third.Order)
		}
	}},
	{"the answers to a write and to a read have one validator", func(t *testing.T, b *bench) {
		u := b.user(t)
		r, err := u.service.Create(ctx(), u.call, []task.Patch{{Title: task.Value("late"), Due: task.Value(due("2026-03-01"))}}, false)
		u.must("creating", err)
		equal(t, "the validator", u.read(r.Tasks[0].ID).ETag, r.Tasks[0].ETag(r.View))
	}},
	{"a first read and a second are the same", func(t *testing.T, b *bench) {
		u := b.user(t)
		created := u.createAll(titled("a"), titled("b"), titled("c"))
		q := every()
		q.Limit = 2
		equal(t, "a page", u.page(q), u.page(q))
		equal(t, "a task", u.read(created[0].ID), u.read(created[0].ID))
		owner, err := u.service.Store.Owner(ctx(), u.call.Owner)
		u.must("reading the owner", err)
		equal(t, "the generation of a page", u.page(q).Generation, owner.Generation)
		equal(t, "the generation of a task", u.read(created[0].ID).Generation, owner.Generation)
	}},
}

var writing = []test{
	{"several tasks are created in order, or none of them", func(t *testing.T, b *bench) {
		u := b.user(t)
		created := u.createAll(titled("1"), titled("2"), titled("3"))
		equal(t, "titles by order", titles(u.list(task.Query{Sort: task.SortOrder, Limit: 10})), []string{"1", "2", "3"})
		if created[0].Order >= created[1].Order || created[1].Order >= created[2].Order {
			t.Errorf("orders are %v, %v, %v", created[0].Order, created[1].Order, created[2].Order)
		}
		_, err := u.service.Create(ctx(), u.call, []task.Patch{titled("4"), {Title: task.Value(" ")}, under(newID(), "6")}, true)
		isFaulty(t, "creating with a blank title", err, "/1/title")
		_, err = u.service.Create(ctx(), u.call, []task.Patch{titled("4"), under(newID(), "5"), after("6", newID())}, true)
		isFaulty(t, "creating with relations to nothing", err, "/1/parent_id", "/2/depends_on/0")
		equal(t, "titles after refusals", titles(u.list(every())), []string{"1", "2", "3"})
	}},
	{"a thousand tasks are created at once", func(t *testing.T, b *bench) {
		u := b.user(t)
		drafts := make([]task.Patch, task.MaxCreate)
		var want []string
		for i := range drafts {
			drafts[i] = titled(strconv.Itoa(i))
			want = append(want, strconv.Itoa(i))
		}
		u.createAll(drafts...)
		equal(t, "titles by order", titles(u.list(task.Query{Sort: task.SortOrder, Limit: 333})), want)
	}},
	{"a change leaves what it does not name", func(t *testing.T, b *bench) {
		u := b.user(t)
		parent, other := u.create(titled("parent")), u.create(titled("other"))
		was := u.create(full(parent.ID, other.ID))
		for i, p := range []task.Patch{
			{Title: task.Value("new")}, {Description: task.Value("new")}, {Priority: task.Value(task.Low)},
			{Category: task.Value("new")}, {Tags: task.Value([]string{"new", "x"})}, {Due: task.Value(due("2027-01-01"))},
			{Reminders: task.Value([]task.Reminder{"PT0S"})}, {Order: task.Value(-2.25)}, {Archived: task.Value(false)},
			{Recurrence: task.Value(task.RecurrencePatch{Rule: task.Value("FREQ=WEEKLY")})}, {ParentID: task.Null[task.ID]()},
			{DependsOn: task.Value([]task.ID{parent.ID})}, {DependsOn: task.Null[[]task.ID]()}, {Completed: task.Value(true)},
			{Recurrence: task.Null[task.RecurrencePatch]()}, {Due: task.Null[task.Due]()},
			{Completed: task.Value(false)}, {Archived: task.Value(true)}, {Tags: task.Null[[]string]()},
		} {
			u.clock.advance(time.Second)
			want := applied(was, p, u.clock.Now())
			got := u.change(was.ID, p)
			want.NextID = got.NextID // of its own making
			equal(t, "answer to change "+strconv.Itoa(i), got, want)
			equal(t, "stored after change "+strconv.Itoa(i), u.stored(was.ID)[was.ID], want)
			equal(t, "read after change "+strconv.Itoa(i), u.get(was.ID).Version, want.Version)
			was = got
		}
	}},
	{"changing nothing counts as no change", func(t *testing.T, b *bench) {
		u := b.user(t)
		was := u.create(full(task.ID{}))
		before := u.page(every())
		u.clock.advance(time.Second)
		for _, p := range []task.Patch{{}, titled(was.Title), {Tags: task.Value([]string{"B", "A", "a"})}, {Completed: task.Value(false)}, {Archived: task.Value(true)}} {
			equal(t, "the task", u.change(was.ID, p), was)
		}
		equal(t, "the list's validator", u.page(every()).ETag, before.ETag)
	}},
	{"a replacement puts back what it does not name", func(t *testing.T, b *bench) {
		u := b.user(t)
		parent, other := u.create(titled("parent")), u.create(titled("other"))
		was := u.create(full(parent.ID, other.ID))
		u.clock.advance(time.Second)
		now := u.clock.Now()
		_, err := u.update(was.ID, task.Edit{Whole: true})
		isFaulty(t, "replacing by nothing", err, "/title")
		got, err := u.update(was.ID, task.Edit{Whole: true, Patch: titled("bare")})
		u.must("replacing", err)
		want := task.Task{
			ID: was.ID, Version: 2, CreatedAt: was.CreatedAt, UpdatedAt: now,
			Title: "bare", Priority: task.Medium, Category: "other", Order: float64(now.UnixMicro()),
		}
		equal(t, "the answer", got, want)
		equal(t, "what is stored", u.stored(was.ID)[was.ID], want)
		equal(t, "the former parent's subtasks", u.get(parent.ID).Subtasks, task.Progress{})
	}},
	{"a category that is put back becomes the parent's", func(t *testing.T, b *bench) {
		u := b.user(t)
		parent := u.create(task.Patch{Title: task.Value("parent"), Category: task.Value("Garden")})
		child := u.create(under(parent.ID, "child"))
		equal(t, "the category of a new subtask", child.Category, "garden")
		u.change(child.ID, task.Patch{Category: task.Value("house")})
		equal(t, "the category put back", u.change(child.ID, task.Patch{Category: task.Null[string]()}).Category, "garden")
		u.change(child.ID, task.Patch{ParentID: task.Null[task.ID]()})
		equal(t, "the category of a root put back", u.change(child.ID, task.Patch{Category: task.Null[string]()}).Category, "other")
	}},
	{"completing and reopening happen once", func(t *testing.T, b *bench) {
		u := b.user(t)
		id := u.create(titled("x")).ID
		done := u.complete(id)
		equal(t, "completed at", done.CompletedAt, u.clock.Now())
		u.clock.advance(time.Minute)
		equal(t, "completed again", u.complete(id), done)
		r, err := u.service.Reopen(ctx(), u.call, id, task.Edit{})
		u.must("reopening", err)
		equal(t, "versions", []int64{done.Version, r.Tasks[0].Version}, []int64{2, 3})
		equal(t, "reopened again", u.change(id, reopened), r.Tasks[0])
		if got := u.get(id); got.Completed() || got.Version != 3 {
			t.Errorf("read back as %+v", got)
		}
	}},
	{"each change counts one version, and If-Match knows the present one only", func(t *testing.T, b *bench) {
		u := b.user(t)
		id := u.create(titled("0")).ID
		for version := int64(1); version <= 5; version++ {
			tag := u.read(id).ETag
			equal(t, "the version", u.get(id).Version, version)
			for _, stale := range [][]string{{}, {strconv.FormatInt(version-1, 10) + "-x"}, {strconv.FormatInt(version+1, 10) + "-x", "L~1"}} {
				_, err := u.update(id, task.Edit{Patch: titled("stale"), Match: stale})
				isError(t, "changing with a stale If-Match", err, task.ErrStale)
				_, err = u.service.Delete(ctx(), u.call, id, false, stale)
				isError(t, "deleting with a stale If-Match", err, task.ErrStale)
			}
			_, err := u.update(id, task.Edit{Patch: titled(tag), Match: []string{"7-other", tag}})
			u.must("changing with a current If-Match", err)
		}
		_, err := u.update(newID(), task.Edit{Patch: titled("x"), Match: []string{"*"}})
		isError(t, "changing what does not exist", err, task.ErrNotFound)
		_, err = u.service.Delete(ctx(), u.call, id, false, []string{"*"})
		u.must("deleting whatever version", err)
	}},
	{"another task's change makes no precondition stale, though readers see it", func(t *testing.T, b *bench) {
		u := b.user(t)
		target := u.create(titled("target"))
		waiting := u.create(after("waiting", target.ID))
		tag := u.read(waiting.ID).ETag
		u.complete(target.ID)
		if r := u.read(waiting.ID, tag); r.NotModified {
			t.Error("a validator from before the dependency was done still stands")
		}
		_, err := u.update(waiting.ID, task.Edit{Patch: titled("new"), Match: []string{tag}})
		u.must("changing", err)
	}},
}

// full says something about every field but completed.
func full(parent task.ID, dependsOn ...task.ID) task.Patch {
	return task.Patch{
		Title: task.Value("Title"), Description: task.Value("some\ntext"), Priority: task.Value(task.High),
		Category: task.Value("Garden"), Tags: task.Value([]string{"b", "A", "B"}), Due: task.Value(due("2026-03-12T09:30:00.0000019+01:00")),
		Reminders:  task.Value([]task.Reminder{"-PT30M", "-P1D", "2026-03-11T00:00:00Z"}),
		Recurrence: task.Value(task.RecurrencePatch{Rule: task.Value("FREQ=DAILY"), From: task.Value(task.FromCompletion), SkipIfOpen: task.Value(true)}),
		ParentID:   task.Value(parent), DependsOn: task.Value(dependsOn), Order: task.Value(1.5), Archived: task.Value(true),
	}
}

// applied says what a task is after a change; its open dependencies are all
// it has, and each patch differs from what was.
func applied(t task.Task, p task.Patch, now time.Time) task.Task {
	t.Version, t.UpdatedAt = t.Version+1, now
	put(&t.Title, p.Title)
	put(&t.Description, p.Description)
	put(&t.Priority, p.Priority)
	put(&t.Category, p.Category)
	put(&t.Tags, p.Tags)
	put(&t.Due, p.Due)
	put(&t.Reminders, p.Reminders)
	put(&t.ParentID, p.ParentID)
	put(&t.DependsOn, p.DependsOn)
	put(&t.Order, p.Order)
	if p.Recurrence.Null {
		t.Recurrence, t.Anchor, t.Occurrence = task.Recurrence{}, task.Due{}, task.Due{}
	} else if p.Recurrence.Set {
		t.Recurrence.Rule, t.Anchor, t.Occurrence = p.Recurrence.Value.Rule.Value, t.Due, t.Due
	}
	t.CompletedAt = since(t.CompletedAt, p.Completed, now)
	t.ArchivedAt = since(t.ArchivedAt, p.Archived, now)
	t.OpenDependencies = len(t.DependsOn)
	t.Tags = slices.Clone(t.Tags)
	return t
}

func put[T any](target *T, f task.Field[T]) {
	if f.Set {
		*target = f.Value
	}
}

func since(at time.Time, f task.Field[bool], now time.Time) time.Time {
	switch {
	case !f.Set:
		return at
	case f.Value:
		return now
	}
	return time.Time{}
}

func due(s string) task.Due {
	d, err := task.ParseDue(s)
	if err != nil {
		panic(err) // a test says what is no due
	}
	return d
}
