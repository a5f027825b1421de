package tasktest

import (
	"fmt"
	"slices"

	"todo-app/internal/task"
)

// verdict says where a change is at fault, or which tasks are in its way.
func (f *forest) verdict(id task.ID, was, next *tree, force bool) (faults []string, conflict []task.ID) {
	if next.parent != was.parent && !next.parent.IsZero() {
		p := f.tasks[next.parent]
		if p == nil || next.parent == id || !p.parent.IsZero() || p.archived || f.subtasks(id).Total > 0 {
			faults = append(faults, "/parent_id")
		}
	}
	relinked := !slices.Equal(was.dependsOn, next.dependsOn)
	if relinked {
		for i, d := range next.dependsOn {
			if d == id || f.tasks[d] == nil {
				faults = append(faults, fmt.Sprint("/depends_on/", i))
			}
		}
	}
	if len(faults) > 0 {
		return faults, nil
	}
	if next.completed && !was.completed && !force {
		if open := f.open(next); len(open) > 0 {
			return nil, open
		}
	}
	if relinked {
		return nil, f.circle(id, was, next)
	}
	return nil, nil
}

// circle returns the dependencies being added if one leads back to the task.
func (f *forest) circle(id task.ID, was, next *tree) []task.ID {
	var added []task.ID
	for _, d := range next.dependsOn {
		if !slices.Contains(was.dependsOn, d) {
			added = append(added, d)
		}
	}
	if slices.ContainsFunc(added, func(from task.ID) bool { return f.leads(from, id) }) {
		return added
	}
	return nil
}

func (f *forest) leads(from, to task.ID) bool {
	return slices.ContainsFunc(f.tasks[from].dependsOn, func(id task.ID) bool { return id == to || f.leads(id, to) })
}

// open returns the dependencies of a task that are open.
func (f *forest) open(n *tree) []task.ID {
	var open []task.ID
	for _, id := range n.dependsOn {
		if !f.tasks[id].completed {
			open = append(open, id)
		}
	}
	return open
}

func (f *forest) subtasks(parent task.ID) task.Progress {
	var p task.Progress
	for _, n := range f.tasks {
		if n.parent == parent && !parent.IsZero() {
			p.Total++
			p.Completed += yes(n.completed)
		}
	}
	return p
}
