package assist

import "context"

func addTask() Tool {
	return Tool{
		Name: "add_task", Title: "Add a task",
		Description: "Add a task to the user's list. Put dates, priority, tags and the like into their own parameters, not into the title.",
		Params:      with([]Param{{Name: "title", Kind: Text, Required: true, Description: "What is to be done, in one line of at most 500 characters."}}, fields...),
		do: func(ctx context.Context, c *call, a args) (any, error) {
			p, err := c.patch(ctx, a, nil)
			if err != nil {
				return nil, err
			}
			t, err := c.Create(ctx, p)
			if err != nil {
				return nil, err
			}
			return c.changed(ctx, "Added.", t)
		},
	}
}
