package assist

import "context"

func completeTask() Tool {
	return Tool{
		Name: "complete_task", Title: "Complete a task",
		Description: "Mark a task as done. One that repeats gets its next occurrence, which the answer has. update_task with completed=false reopens it.",
		Params:      []Param{taskID, {Name: "force", Kind: Flag, Description: "Complete it although tasks that it depends on are open."}},
		Idempotent:  true,
		conflict:    "Complete the tasks named here first; or, if the user says so, call again with force=true.",
		do: func(ctx context.Context, c *call, a args) (any, error) {
			old, _, err := c.about(ctx, args{taskID.Name: a[taskID.Name]})
			if err != nil {
				return nil, err
			}
			force, _ := get[bool](a, "force")
			t, err := c.Complete(ctx, old.ID, force)
			if err != nil {
				return nil, err
			}
			if old.Completed() {
				return c.same(ctx, "Nothing changed: the task was completed already.", t)
			}
			return c.changed(ctx, "Completed.", t)
		},
	}
}
