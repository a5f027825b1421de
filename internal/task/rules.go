package task

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// MaxSubtasks bounds the subtasks of one task, so that a tree of lists stays
// an answer and not an export.
const MaxSubtasks = 1000

// related holds the tasks that others refer to, as they are inside a Tx.
type related map[ID]Task

// find fetches, in one round trip, the tasks that ids yields.
func find(ctx context.Context, tx Tx, ids func(yield func(ID))) (related, error) {
	var wanted []ID
	ids(func(id ID) {
		if !id.IsZero() {
			wanted = append(wanted, id)
		}
	})
	if len(wanted) == 0 {
		return nil, nil
	}
	found, err := tx.Find(ctx, unique(wanted)...)
	r := make(related, len(found))
	for _, t := range found {
		r[t.ID] = t
	}
	return r, err
}

func forEach(ids []ID, yield func(ID)) {
	for _, id := range ids {
		yield(id)
	}
}

// one returns the task to act on, if the caller's precondition allows it.
func one(ctx context.Context, tx Tx, id ID, match []string) (Task, error) {
	found, err := tx.Find(ctx, id)
	switch {
	case err != nil:
		return Task{}, err
	case len(found) == 0:
		return Task{}, ErrNotFound
	case match != nil && !Matches(found[0].Version, match):
		return Task{}, ErrStale
	}
	return found[0], nil
}

// category returns what a task under parent gets when it names none.
func (r related) category(parent ID) string {
	if p, ok := r[parent]; ok {
		return p.Category
	}
	return defaultCategory
}

// countSubtask notes one more subtask, for the next to be added beside it.
func (r related) countSubtask(parent ID) {
	if p, ok := r[parent]; ok {
		p.Subtasks.Total++
		r[parent] = p
	}
}

// settle holds the rules between a task and its relations when it goes from
// old (zero: new) to t, begins the series of one that repeats, and counts its
// open dependencies. left is for finding out where series lead.
func (r related) settle(old Task, t *Task, zone *time.Location, left *patience, force bool) error {
	var faults Faults
	if t.ParentID != old.ParentID && !t.ParentID.IsZero() {
		p, ok := r[t.ParentID]
		faults.add("/parent_id", checkParent(*t, p, ok))
	}
	if t.Recurrence.IsZero() && t.Recurrence != (Recurrence{}) {
		faults.add("/recurrence/rule", errors.New("is required"))
	}
	if !t.Recurrence.IsZero() && t.Due.IsZero() {
		faults.add("/recurrence", errors.New("needs a due to repeat from"))
	}
	faults.add("/recurrence/rule", t.anchor(zone, left))
	relinked := !slices.Equal(t.DependsOn, old.DependsOn)
	completing := t.Completed() && !old.Completed()
	var open []ID
	if relinked || completing {
		open = r.openDependencies(*t, &faults)
		t.OpenDependencies = len(open)
	}
	if len(faults) > 0 {
		return faults
	}
	if completing && len(open) > 0 && !force {
		return &Conflict{"the task depends on tasks that are still open", open}
	}
	return nil
}

func checkParent(t, parent Task, found bool) error {
	switch {
	case t.ParentID == t.ID:
		return errors.New("must not be the task itself")
	case !found:
		return errors.New("names no task")
	case !parent.ParentID.IsZero():
		return errors.New("names a subtask, and subtasks have none of their own")
	case t.Subtasks.Total > 0:
		return errors.New("must be null while the task has subtasks of its own")
	case parent.Archived():
		return errors.New("names an archived task")
	case parent.Subtasks.Total >= MaxSubtasks:
		return fmt.Errorf("names a task that already has %d subtasks", MaxSubtasks)
	}
	return nil
}

// openDependencies returns those of t's dependencies that are open, and adds
// a fault for each that cannot be one.
func (r related) openDependencies(t Task, faults *Faults) []ID {
	var open []ID
	for i, id := range t.DependsOn {
		d, ok := r[id]
		switch pointer := fmt.Sprintf("/depends_on/%d", i); {
		case id == t.ID:
			faults.add(pointer, errors.New("must not be the task itself"))
		case !ok:
			faults.add(pointer, errors.New("names no task"))
		case !d.Completed():
			open = append(open, id)
		}
	}
	return open
}

// acyclic refuses dependencies that lead back to the task. Under the owner's
// lock no other request can close the circle from its other side.
func acyclic(ctx context.Context, tx Tx, old, t Task) error {
	var added []ID
	for _, id := range t.DependsOn {
		if !slices.Contains(old.DependsOn, id) {
			added = append(added, id)
		}
	}
	if len(added) == 0 {
		return nil
	}
	circle, err := tx.Reaches(ctx, added, t.ID)
	if err == nil && circle {
		err = &Conflict{"the dependencies would form a cycle: one of them already depends on this task", added}
	}
	return err
}

// AsFaults returns the faults in an error, none if it holds something else.
func AsFaults(err error) Faults {
	var f Faults
	errors.As(err, &f)
	return f
}
