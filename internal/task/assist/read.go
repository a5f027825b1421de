package assist

import "context"

// Today returns what the tool today answers.
func Today(ctx context.Context, tasks Tasks) (Result, error) { return today().Call(ctx, tasks, nil) }

// One returns a task with all that is known of it, by its id or an end of that.
func One(ctx context.Context, tasks Tasks, id string) (Result, error) {
	t := Tool{Name: "task", do: func(ctx context.Context, c *call, _ args) (any, error) {
		found, err := c.named(ctx, "id", id)
		if err != nil {
			return nil, err
		}
		got, err := c.Get(ctx, found)
		if err != nil {
			return nil, err
		}
		return c.show(ctx, got)
	}}
	return t.Call(ctx, tasks, nil)
}
