package assist

import (
	"context"

	"todo-app/internal/task"
)

// A call notes that a write was sent: what is not answered may have been done.

// Create implements Writer.
func (c *call) Create(ctx context.Context, p task.Patch) (Task, error) {
	c.sent = true
	return c.Tasks.Create(ctx, p)
}

// Update implements Writer.
func (c *call) Update(ctx context.Context, id task.ID, p task.Patch) (Task, error) {
	c.sent = true
	return c.Tasks.Update(ctx, id, p)
}

// Complete implements Writer.
func (c *call) Complete(ctx context.Context, id task.ID, force bool) (Task, error) {
	c.sent = true
	return c.Tasks.Complete(ctx, id, force)
}

// Delete implements Writer.
func (c *call) Delete(ctx context.Context, id task.ID, promote bool) error {
	c.sent = true
	return c.Tasks.Delete(ctx, id, promote)
}

// Bulk implements Writer.
func (c *call) Bulk(ctx context.Context, b Bulk) ([]task.Outcome, error) {
	c.sent = !b.DryRun
	return c.Tasks.Bulk(ctx, b)
}

// Undo implements Writer.
func (c *call) Undo(ctx context.Context, operation int64) (Step, error) {
	c.sent = true
	return c.Tasks.Undo(ctx, operation)
}
