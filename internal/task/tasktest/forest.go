package tasktest

import (
	"slices"

	"pgregory.net/rapid"

	"todo-app/internal/task"
)

// forest is a model of an owner's tasks: relations and what follows from them.
type forest struct {
	*user
	tasks map[task.ID]*tree
	order []task.ID // of creation; those that are gone stay
}

type tree struct {
	version             int64
	parent              task.ID
	dependsOn           []task.ID
	completed, archived bool
}

// draw picks a task that is there, or skips the action.
func (f *forest) draw(t *rapid.T, name string) (task.ID, *tree) {
	var there []task.ID
	for _, id := range f.order {
		if f.tasks[id] != nil {
			there = append(there, id)
		}
	}
	if len(there) == 0 {
		t.Skip("no task is there")
	}
	id := rapid.SampledFrom(there).Draw(t, name)
	return id, f.tasks[id]
}

// drawAny picks a few tasks, some of which may be gone.
func (f *forest) drawAny(t *rapid.T, name string, most int) []task.ID {
	if len(f.order) == 0 {
		return nil
	}
	return rapid.SliceOfNDistinct(rapid.SampledFrom(f.order), 0, most, rapid.ID).Draw(t, name)
}

func (f *forest) drawParent(t *rapid.T) task.ID {
	if picked := f.drawAny(t, "parent", 1); len(picked) == 1 {
		return picked[0]
	}
	return task.ID{}
}

func (f *forest) create(t *rapid.T) {
	next := &tree{version: 1, parent: f.drawParent(t), dependsOn: f.drawAny(t, "depends on", 3), completed: rapid.IntRange(0, 3).Draw(t, "completed") == 0}
	r, err := f.service.Create(ctx(), f.call, []task.Patch{{
		Title: task.Value("x"), ParentID: orNull(next.parent), DependsOn: task.Value(next.dependsOn), Completed: task.Value(next.completed),
	}}, false)
	if f.refused(t, err, task.ID{}, &tree{}, next, false) {
		return
	}
	f.tasks[r.Tasks[0].ID] = next
	f.order = append(f.order, r.Tasks[0].ID)
}

func orNull(id task.ID) task.Field[task.ID] {
	if id.IsZero() {
		return task.Null[task.ID]()
	}
	return task.Value(id)
}

// edit changes a task in the store and in the model.
func (f *forest) edit(t *rapid.T, id task.ID, e task.Edit, change func(*tree)) {
	was := f.tasks[id]
	next := *was
	change(&next)
	_, err := f.update(id, e)
	if f.refused(t, err, id, was, &next, e.Force) {
		return
	}
	if !slices.Equal(was.dependsOn, next.dependsOn) || was.parent != next.parent || was.completed != next.completed || was.archived != next.archived {
		next.version++
	}
	f.tasks[id] = &next
}

func (f *forest) complete(t *rapid.T) {
	id, _ := f.draw(t, "task")
	f.edit(t, id, task.Edit{Patch: completed, Force: rapid.Bool().Draw(t, "force")}, func(n *tree) { n.completed = true })
}

func (f *forest) reopen(t *rapid.T) {
	id, _ := f.draw(t, "task")
	f.edit(t, id, task.Edit{Patch: reopened}, func(n *tree) { n.completed = false })
}

func (f *forest) archive(t *rapid.T) {
	id, _ := f.draw(t, "task")
	away := rapid.Bool().Draw(t, "archived")
	f.edit(t, id, task.Edit{Patch: task.Patch{Archived: task.Value(away)}}, func(n *tree) { n.archived = away })
}

func (f *forest) depend(t *rapid.T) {
	id, _ := f.draw(t, "task")
	on := f.drawAny(t, "depends on", 4)
	f.edit(t, id, task.Edit{Patch: task.Patch{DependsOn: task.Value(on)}}, func(n *tree) { n.dependsOn = on })
}

func (f *forest) move(t *rapid.T) {
	id, _ := f.draw(t, "task")
	parent := f.drawParent(t)
	f.edit(t, id, task.Edit{Patch: task.Patch{ParentID: orNull(parent)}}, func(n *tree) { n.parent = parent })
}

func (f *forest) remove(t *rapid.T) {
	id, _ := f.draw(t, "task")
	promote := rapid.Bool().Draw(t, "promote")
	r, err := f.service.Delete(ctx(), f.call, id, promote, nil)
	f.must("deleting", err)
	equal(t, "tasks deleted", r.Count, f.drop([]task.ID{id}, promote))
}

func (f *forest) removeMany(t *rapid.T) {
	s := task.Selection{IDs: f.drawAny(t, "tasks", 3)}
	if rapid.IntRange(0, 5).Draw(t, "completed ones") == 0 {
		s = task.Selection{Completed: true}
	}
	selected := s.IDs
	for id, n := range f.tasks {
		if s.Completed && n.completed && !n.archived {
			selected = append(selected, id)
		}
	}
	equal(t, "tasks deleted", f.user.removeMany(s), f.drop(selected, false))
}

// drop takes tasks out of the model and counts them.
func (f *forest) drop(selected []task.ID, promote bool) int {
	before := len(f.tasks)
	gone := map[task.ID]bool{}
	for _, id := range selected {
		gone[id] = true
	}
	for id, n := range f.tasks {
		if !promote && slices.Contains(selected, n.parent) {
			gone[id] = true
		}
	}
	for id, n := range f.tasks {
		kept := slices.DeleteFunc(slices.Clone(n.dependsOn), func(id task.ID) bool { return gone[id] })
		switch {
		case gone[id]:
			delete(f.tasks, id)
		case len(kept) < len(n.dependsOn) || gone[n.parent]:
			n.version++
			n.dependsOn = kept
			if gone[n.parent] {
				n.parent = task.ID{}
			}
		}
	}
	return before - len(f.tasks)
}

// refused says whether the model refuses a change, and holds the store to it.
func (f *forest) refused(t *rapid.T, err error, id task.ID, was, next *tree, force bool) bool {
	faults, conflict := f.verdict(id, was, next, force)
	switch {
	case len(faults) > 0:
		isFaulty(t, "a change that is at fault", err, faults...)
	case len(conflict) > 0:
		isConflict(t, "a change in conflict", err, conflict...)
	default:
		f.must("a change that is right", err)
		return false
	}
	return true
}

// check holds all tasks to the model.
func (f *forest) check(t *rapid.T) {
	type state struct {
		Version             int64
		Parent              task.ID
		DependsOn           []task.ID
		Completed, Archived bool
		Open                int
		Subtasks            task.Progress
	}
	want, got := map[task.ID]state{}, map[task.ID]state{}
	for id, n := range f.tasks {
		want[id] = state{n.version, n.parent, n.dependsOn, n.completed, n.archived, len(f.open(n)), f.subtasks(id)}
	}
	for id, s := range f.stored(f.order...) {
		got[id] = state{s.Version, s.ParentID, s.DependsOn, s.Completed(), s.Archived(), s.OpenDependencies, s.Subtasks}
	}
	equal(t, "all tasks", got, want)
}

// checkList holds what is listed to the model.
func (f *forest) checkList(t *rapid.T) {
	type state struct {
		Version  int64
		Blocked  bool
		Subtasks task.Progress
	}
	want, got := map[task.ID]state{}, map[task.ID]state{}
	for id, n := range f.tasks {
		want[id] = state{n.version, len(f.open(n)) > 0 && !n.completed, f.subtasks(id)}
	}
	for _, s := range f.list(every()) {
		got[s.ID] = state{s.Version, s.Blocked, s.Subtasks}
	}
	equal(t, "the list", got, want)
}
