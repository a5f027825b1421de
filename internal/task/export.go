package task

import "context"

// File is what tasks are written to.
type File interface {
	// Begin is told, before all tasks, how they are seen, by the owner's own
	// clocks, and which zone the owner has chosen, "" if none.
	Begin(v View, zone string) error
	// Task writes a task, which is good until it returns.
	Task(*Task) error
}

// Export writes all of the caller's tasks to a file, in the order of their
// ids, which is that of their creation, and as they are at one moment: what
// others write meanwhile is not in it. It holds one task at a time. An error
// of the file's ends it and is returned.
func (s *Service) Export(ctx context.Context, c Call, f File) error {
	c.Zone = nil
	return s.Store.Snapshot(ctx, c.Owner, func(o Owner) error {
		return f.Begin(s.view(c, o, s.now()), o.Zone)
	}, f.Task)
}
