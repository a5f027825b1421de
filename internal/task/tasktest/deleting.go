package tasktest

import (
	"slices"
	"testing"
	"time"

	"todo-app/internal/task"
)

var deleting = []test{
	{"what is deleted is gone", func(t *testing.T, b *bench) {
		u := b.user(t)
		id := u.create(task.Patch{Title: task.Value("needle"), Tags: task.Value([]string{"pin"})}).ID
		u.remove(id, false)
		_, err := u.service.Get(ctx(), u.call, id, []string{"*"})
		isError(t, "reading", err, task.ErrNotFound)
		_, err = u.service.Complete(ctx(), u.call, id, task.Edit{})
		isError(t, "completing", err, task.ErrNotFound)
		_, err = u.service.Delete(ctx(), u.call, id, false, nil)
		isError(t, "deleting", err, task.ErrNotFound)
		equal(t, "the list", u.list(every()), nil)
		equal(t, "a search", u.list(matching(task.Filter{Text: "needle", HasText: true})), nil)
		equal(t, "a tag's list", u.list(matching(task.Filter{Tags: []string{"pin"}})), nil)
	}},
	{"subtasks go with their parent", func(t *testing.T, b *bench) {
		u := b.user(t)
		parent := u.create(titled("parent"))
		u.createAll(under(parent.ID, "a"), under(parent.ID, "b"), titled("root"))
		r, err := u.service.Delete(ctx(), u.call, parent.ID, false, nil)
		u.must("deleting", err)
		equal(t, "tasks deleted", r.Count, 3)
		equal(t, "what is left", titles(u.list(every())), []string{"root"})
	}},
	{"promoted subtasks become roots, which changes them", func(t *testing.T, b *bench) {
		u := b.user(t)
		parent := u.create(titled("parent"))
		children := u.createAll(under(parent.ID, "a"), after("b", parent.ID), titled("c"))
		both := u.create(task.Patch{Title: task.Value("d"), ParentID: task.Value(parent.ID), DependsOn: task.Value([]task.ID{parent.ID, children[2].ID})})
		u.clock.advance(time.Second)
		r, err := u.service.Delete(ctx(), u.call, parent.ID, true, nil)
		u.must("deleting", err)
		equal(t, "tasks deleted", r.Count, 1)
		left := u.list(matching(task.Filter{RootsOnly: true}))
		equal(t, "the roots", titles(left), []string{"a", "b", "c", "d"})
		kept := u.stored(ids(left)...)
		equal(t, "versions", []int64{kept[children[0].ID].Version, kept[children[1].ID].Version, kept[children[2].ID].Version, kept[both.ID].Version}, []int64{2, 2, 1, 2})
		equal(t, "the time of the change", kept[both.ID].UpdatedAt, u.clock.Now())
		equal(t, "what d depends on", kept[both.ID].DependsOn, []task.ID{children[2].ID})
	}},
	{"nobody depends on what is gone, and keeps the order of the rest", func(t *testing.T, b *bench) {
		u := b.user(t)
		targets := u.createAll(titled("1"), titled("2"), titled("3"), titled("4"))
		child := u.create(under(targets[1].ID, "child"))
		one, two, three, four := targets[0].ID, targets[1].ID, targets[2].ID, targets[3].ID
		waiting := u.create(after("waiting", four, two, one, child.ID, three))
		u.complete(three)
		u.clock.advance(time.Second)
		u.remove(two, false)
		got := u.stored(waiting.ID)[waiting.ID]
		equal(t, "what it depends on", got.DependsOn, []task.ID{four, one, three})
		equal(t, "open dependencies", got.OpenDependencies, 2)
		equal(t, "the version", got.Version, 2)
		equal(t, "the time of the change", got.UpdatedAt, u.clock.Now())
		u.clock.advance(-time.Second) // another pod's is behind
		u.remove(one, false)
		equal(t, "the time of the change after, by a clock that is behind", u.stored(waiting.ID)[waiting.ID].UpdatedAt, got.UpdatedAt)
		u.clock.advance(time.Second)
		u.remove(four, false)
		if s := u.get(waiting.ID); s.Blocked || s.Version != 4 {
			t.Errorf("blocked %t, version %d, want false and 4", s.Blocked, s.Version)
		}
		u.complete(waiting.ID)
	}},
	{"a subtask that goes counts no longer", func(t *testing.T, b *bench) {
		u := b.user(t)
		parent := u.create(titled("parent"))
		children := u.createAll(under(parent.ID, "a"), under(parent.ID, "b"), under(parent.ID, "c"))
		u.complete(children[0].ID)
		equal(t, "subtasks", u.get(parent.ID).Subtasks, task.Progress{Total: 3, Completed: 1})
		u.remove(children[0].ID, false)
		equal(t, "subtasks", u.get(parent.ID).Subtasks, task.Progress{Total: 2})
		equal(t, "the parent's version", u.get(parent.ID).Version, 1)
	}},
	{"many are deleted by id, whatever names nothing", func(t *testing.T, b *bench) {
		u := b.user(t)
		parent := u.create(titled("parent"))
		all := u.createAll(titled("a"), titled("b"), titled("c"), under(parent.ID, "child"), under(parent.ID, "other child"))
		equal(t, "tasks deleted", u.removeMany(task.Selection{IDs: []task.ID{all[0].ID, newID(), all[3].ID, parent.ID, all[0].ID}}), 4)
		equal(t, "what is left", titles(u.list(every())), []string{"b", "c"})
		equal(t, "tasks deleted", u.removeMany(task.Selection{IDs: []task.ID{newID()}}), 0)
		equal(t, "tasks deleted", u.removeMany(task.Selection{}), 0)
		equal(t, "what is left", titles(u.list(every())), []string{"b", "c"})
	}},
	{"many are deleted because they are completed, with their subtasks, but not from the archive", func(t *testing.T, b *bench) {
		u := b.user(t)
		all := u.createAll(titled("open"), titled("done"), titled("parent"), titled("put away"))
		u.create(under(all[2].ID, "open child"))
		done := u.create(under(all[0].ID, "done child"))
		for _, id := range []task.ID{all[1].ID, all[2].ID, all[3].ID, done.ID} {
			u.complete(id)
		}
		u.change(all[3].ID, task.Patch{Archived: task.Value(true)})
		equal(t, "tasks deleted", u.removeMany(task.Selection{Completed: true}), 4)
		equal(t, "what is left", titles(u.list(every())), []string{"open", "put away"})
		equal(t, "subtasks", u.get(all[0].ID).Subtasks, task.Progress{})
	}},
	{"all are deleted, of this owner only", func(t *testing.T, b *bench) {
		u, other := b.user(t), b.user(t)
		parent := u.create(titled("parent"))
		child := u.create(under(parent.ID, "child"))
		u.create(after("waiting", child.ID))
		theirs := other.create(titled("theirs"))
		equal(t, "tasks deleted", u.removeMany(task.Selection{All: true}), 3)
		equal(t, "tasks deleted", u.removeMany(task.Selection{All: true}), 0)
		equal(t, "what is left", u.list(every()), nil)
		equal(t, "what another has", ids(other.list(every())), []task.ID{theirs.ID})
	}},
	{"a deletion in a long chain of dependencies touches its neighbour only", func(t *testing.T, b *bench) {
		u := b.user(t)
		chain := []task.Task{u.create(titled("0"))}
		for range 9 {
			chain = append(chain, u.create(after("next", chain[len(chain)-1].ID)))
		}
		u.remove(chain[4].ID, false)
		var changed []int
		for i, t := range slices.Delete(slices.Clone(chain), 4, 5) {
			if u.get(t.ID).Version != 1 {
				changed = append(changed, i)
			}
		}
		equal(t, "tasks that changed", changed, []int{4})
	}},
}

func (u *user) removeMany(s task.Selection) int {
	u.t.Helper()
	r, err := u.service.DeleteMany(ctx(), u.call, s)
	u.must("deleting many", err)
	return r.Count
}
