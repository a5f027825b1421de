package assist

import (
	"context"

	"todo-app/internal/task"
)

// deleted is the answer about a task that is gone.
type deleted struct {
	Message string   `json:"message"`
	Deleted mention  `json:"deleted"`
	Undo    *undoing `json:"undo,omitempty"`
}

func deleteTask() Tool {
	return Tool{
		Name: "delete_task", Title: "Delete a task",
		Description: "Delete a task, by default with its subtasks; others no longer depend on it. It can be undone for 30 days. A task that is done is completed, not deleted.",
		Params: []Param{taskID, {Name: "subtasks", Kind: Text, Enum: []string{"delete", "promote"},
			Description: "Whether its subtasks are deleted, too, or become tasks of their own; delete if not said."}},
		Destructive: true,
		plan:        planDelete,
		do: func(ctx context.Context, c *call, a args) (any, error) {
			old, _, err := c.about(ctx, args{taskID.Name: a[taskID.Name]})
			if err != nil {
				return nil, err
			}
			before, err := c.newest(ctx)
			if err != nil {
				return nil, err
			}
			subtasks, _ := get[string](a, "subtasks")
			if err := c.Delete(ctx, old.ID, subtasks == "promote"); err != nil {
				return nil, err
			}
			answer := deleted{Deleted: mention{old.ID.String(), old.Title}}
			answer.Message, answer.Undo = c.taken(ctx, "Deleted.", func(s Step) bool { return since(before)(s) && s.Action == task.Action(task.Deleted) })
			return answer, nil
		},
	}
}

// planDelete says what a deletion takes away.
func planDelete(ctx context.Context, c *call, a args) (*Plan, any, error) {
	old, _, err := c.about(ctx, args{taskID.Name: a[taskID.Name]})
	if err != nil {
		return nil, nil, err
	}
	settled := args{taskID.Name: old.ID.String()}
	p := &Plan{Action: string(task.BulkDelete), Tasks: 1, Titles: []string{old.Title}}
	subtasks, given := get[string](a, "subtasks")
	if given {
		settled["subtasks"] = subtasks
	}
	if subtasks != "promote" {
		p.Tasks += old.Subtasks.Total
	}
	p.Arguments = encode(settled)
	return p, nil, nil
}
