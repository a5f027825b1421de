package assist

import (
	"context"

	"todo-app/internal/task"
)

// taskID is the parameter that names the task a tool is about.
var taskID = Param{Name: "task_id", Kind: Text, Required: true, Description: "The task's id, or enough of its beginning or end to be that of no other."}

// changes are the parameters that change a task.
var changes = with([]Param{{Name: "title", Kind: Text, Description: "What is to be done."}}, with(fields,
	Param{Name: "completed", Kind: Flag, Description: "Whether it is done."},
	Param{Name: "archived", Kind: Flag, Description: "Whether it is put away."})...)

func updateTask() Tool {
	return Tool{
		Name: "update_task", Title: "Change a task",
		Description: "Change what is given of a task, and leave the rest. An empty string clears description, due, category, recurrence or parent_id; " +
			"an empty array clears tags, reminders or depends_on.",
		Params:      with([]Param{taskID}, changes...),
		Destructive: true, Idempotent: true,
		conflict: "Tell the user what is in the way. Open dependencies keep a task from being completed: complete_task has force for that.",
		do: func(ctx context.Context, c *call, a args) (any, error) {
			if len(a) == 1 {
				return nil, task.Faults{{Pointer: "", Detail: "nothing is given that should change"}}
			}
			old, p, err := c.about(ctx, a)
			if err != nil {
				return nil, err
			}
			t, err := c.Update(ctx, old.ID, p)
			if err != nil {
				return nil, err
			}
			if t.Version == old.Version {
				return c.same(ctx, "Nothing changed: the task was like that already.", t)
			}
			return c.changed(ctx, "Changed.", t)
		},
	}
}

// about returns the task that arguments name, and what they say of it.
func (c *call) about(ctx context.Context, a args) (t Task, p task.Patch, err error) {
	typed, _ := get[string](a, taskID.Name)
	id, err := c.named(ctx, taskID.Name, typed)
	if err != nil {
		return t, p, err
	}
	if t, err = c.Get(ctx, id); err != nil {
		return t, p, err
	}
	p, err = c.patch(ctx, a, &t.Due)
	return t, p, err
}

// same answers about a task that a write has left as it was.
func (c *call) same(ctx context.Context, message string, t Task) (a one, err error) {
	a.Message, a.Already = message, true
	if a.Task, err = c.show(ctx, t); err == nil && t.Next != nil {
		a.Next, err = c.show(ctx, *t.Next)
	}
	return a, err
}
