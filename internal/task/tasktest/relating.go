package tasktest

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"todo-app/internal/task"
)

var relating = []test{
	{"relations and counters are what the changes made them, whatever the changes", func(t *testing.T, b *bench) {
		rapid.Check(t, func(t *rapid.T) {
			f := &forest{user: b.user(t), tasks: map[task.ID]*tree{}}
			t.Repeat(map[string]func(*rapid.T){
				"create":   f.create,
				"complete": f.complete,
				"reopen":   f.reopen,
				"archive":  f.archive,
				"depend":   f.depend,
				"move":     f.move,
				"delete":   f.remove,
				"many":     f.removeMany,
				"":         f.check,
			})
			f.checkList(t)
		})
	}},
	{"subtasks are one level deep", func(t *testing.T, b *bench) {
		u := b.user(t)
		root, other := u.create(titled("root")), u.create(titled("other"))
		child := u.create(under(root.ID, "child"))
		for what, c := range map[string]struct{ id, parent task.ID }{
			"a subtask's subtask":  {other.ID, child.ID},
			"a parent as subtask":  {root.ID, other.ID},
			"a task in itself":     {other.ID, other.ID},
			"a parent in its own":  {root.ID, child.ID},
			"a subtask of nothing": {other.ID, newID()},
		} {
			_, err := u.update(c.id, task.Edit{Patch: task.Patch{ParentID: task.Value(c.parent)}})
			isFaulty(t, what, err, "/parent_id")
		}
		_, err := u.service.Create(ctx(), u.call, []task.Patch{under(child.ID, "x")}, false)
		isFaulty(t, "a new subtask's subtask", err, "/parent_id")
		u.change(child.ID, task.Patch{ParentID: task.Value(other.ID)})
		u.change(root.ID, task.Patch{ParentID: task.Value(other.ID)})
		equal(t, "the former parent, now a subtask", u.get(root.ID).ParentID, other.ID)
		equal(t, "subtasks", u.get(other.ID).Subtasks, task.Progress{Total: 2})
	}},
	{"an archived task takes no subtasks, and keeps those it has", func(t *testing.T, b *bench) {
		u := b.user(t)
		root := u.create(titled("root"))
		child, other := u.create(under(root.ID, "child")), u.create(titled("other"))
		u.change(root.ID, task.Patch{Archived: task.Value(true)})
		_, err := u.service.Create(ctx(), u.call, []task.Patch{under(root.ID, "x")}, false)
		isFaulty(t, "a new subtask", err, "/parent_id")
		_, err = u.update(other.ID, task.Edit{Patch: task.Patch{ParentID: task.Value(root.ID)}})
		isFaulty(t, "another subtask", err, "/parent_id")
		u.change(child.ID, task.Patch{Title: task.Value("new"), ParentID: task.Value(root.ID)})
	}},
	{"a task has no more subtasks than it may", func(t *testing.T, b *bench) {
		u := b.user(t)
		root, other := u.create(titled("root")), u.create(titled("other"))
		drafts := make([]task.Patch, task.MaxSubtasks-1)
		for i := range drafts {
			drafts[i] = under(root.ID, fmt.Sprint(i))
		}
		u.createAll(drafts...)
		_, err := u.service.Create(ctx(), u.call, []task.Patch{under(root.ID, "fits"), under(root.ID, "does not")}, true)
		isFaulty(t, "two more", err, "/1/parent_id")
		last := u.create(under(root.ID, "last"))
		_, err = u.update(other.ID, task.Edit{Patch: task.Patch{ParentID: task.Value(root.ID)}})
		isFaulty(t, "one moved there", err, "/parent_id")
		u.change(last.ID, titled("still there"))
		u.remove(last.ID, false)
		u.change(other.ID, task.Patch{ParentID: task.Value(root.ID)})
	}},
	{"dependencies must exist, and be others", func(t *testing.T, b *bench) {
		u := b.user(t)
		x, y := u.create(titled("x")), u.create(titled("y"))
		gone := u.create(titled("gone"))
		u.remove(gone.ID, false)
		_, err := u.update(x.ID, task.Edit{Patch: task.Patch{DependsOn: task.Value([]task.ID{y.ID, gone.ID, x.ID})}})
		isFaulty(t, "depending on nothing and itself", err, "/depends_on/1", "/depends_on/2")
		got := u.change(x.ID, task.Patch{DependsOn: task.Value([]task.ID{y.ID, y.ID})})
		equal(t, "what is named twice", got.DependsOn, []task.ID{y.ID})
	}},
	{"no dependencies lead back, however far round", func(t *testing.T, b *bench) {
		u := b.user(t)
		first := u.create(titled("0"))
		chain := []task.ID{first.ID}
		for i := range 30 {
			chain = append(chain, u.create(after(fmt.Sprint(i+1), chain[len(chain)-1])).ID)
		}
		for _, i := range []int{1, 2, 15, 30} {
			_, err := u.update(first.ID, task.Edit{Patch: task.Patch{DependsOn: task.Value([]task.ID{chain[i]})}})
			isConflict(t, "closing a circle", err, chain[i])
		}
		_, err := u.update(chain[3], task.Edit{Patch: task.Patch{DependsOn: task.Value([]task.ID{chain[2], chain[9]})}})
		isConflict(t, "closing a circle by one of several", err, chain[9])
		u.change(chain[16], task.Patch{DependsOn: task.Null[[]task.ID]()})
		u.change(first.ID, task.Patch{DependsOn: task.Value([]task.ID{chain[30]})})
		equal(t, "the first is blocked now", u.get(first.ID).Blocked, true)
	}},
	{"what is blocked is completed by force only, and then changes nothing else", func(t *testing.T, b *bench) {
		u := b.user(t)
		targets := u.createAll(titled("1"), titled("2"), titled("3"))
		u.complete(targets[1].ID)
		waiting := u.create(after("waiting", targets[2].ID, targets[1].ID, targets[0].ID))
		_, err := u.service.Complete(ctx(), u.call, waiting.ID, task.Edit{})
		isConflict(t, "completing", err, targets[2].ID, targets[0].ID)
		_, err = u.update(waiting.ID, task.Edit{Patch: task.Patch{Title: task.Value("new"), Completed: task.Value(true)}})
		isConflict(t, "completing by a patch", err, targets[2].ID, targets[0].ID)
		equal(t, "what is stored", u.stored(waiting.ID)[waiting.ID], waiting)
		_, err = u.service.Create(ctx(), u.call, []task.Patch{titled("x"), {Title: task.Value("y"), Completed: task.Value(true), DependsOn: task.Value([]task.ID{targets[0].ID})}}, true)
		isConflict(t, "creating what is completed and blocked", err, targets[0].ID)
		r, err := u.service.Complete(ctx(), u.call, waiting.ID, task.Edit{Force: true})
		u.must("completing by force", err)
		if done := u.get(waiting.ID); !done.Completed() || done.Blocked {
			t.Errorf("completed by force: %+v", done)
		}
		u.change(waiting.ID, reopened)
		equal(t, "blocked again when open again", u.get(waiting.ID).Blocked, true)
		equal(t, "open dependencies", r.Tasks[0].OpenDependencies, 2)
	}},
	{"a dependency that is done in the same change blocks no longer", func(t *testing.T, b *bench) {
		u := b.user(t)
		target := u.create(titled("target"))
		waiting := u.create(after("waiting", target.ID))
		u.change(waiting.ID, task.Patch{Completed: task.Value(true), DependsOn: task.Null[[]task.ID]()})
	}},
	{"a recurrence needs a rule and a due", func(t *testing.T, b *bench) {
		u := b.user(t)
		weekly := task.Value(task.RecurrencePatch{Rule: task.Value("weekly")})
		draft := task.Patch{Title: task.Value("x"), Recurrence: weekly}
		_, err := u.service.Create(ctx(), u.call, []task.Patch{draft}, false)
		isFaulty(t, "a rule without a due", err, "/recurrence")
		draft.Due = task.Value(due("2026-04-01"))
		id := u.create(draft).ID
		_, err = u.update(id, task.Edit{Patch: task.Patch{Due: task.Null[task.Due]()}})
		isFaulty(t, "taking the due away", err, "/recurrence")
		_, err = u.update(id, task.Edit{Patch: task.Patch{Recurrence: task.Value(task.RecurrencePatch{Rule: task.Null[string]()})}})
		isFaulty(t, "taking the rule away", err, "/recurrence/rule")
		got := u.change(id, task.Patch{Recurrence: task.Value(task.RecurrencePatch{SkipIfOpen: task.Value(true)})})
		equal(t, "one member changed", got.Recurrence, task.Recurrence{Rule: "FREQ=WEEKLY", From: task.FromDue, SkipIfOpen: true})
		_, err = u.update(id, task.Edit{Whole: true, Patch: task.Patch{Title: task.Value("x"), Due: draft.Due, Recurrence: task.Value(task.RecurrencePatch{})}})
		isFaulty(t, "a replacement without a rule", err, "/recurrence/rule")
	}},
}
