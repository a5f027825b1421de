package task

import "context"

// File is what tasks are written to.
type File interface {
	// Begin is told, before all else, how tasks are seen, by the owner's own
	// clocks, and what the owner has chosen: no zone, "", if none.
	Begin(v View, chosen Settings) error
	// Template writes a template, before all tasks, and Task a task; they are
	// good until it returns.
	Template(*Template) error
	Task(*Task) error
}

// Export writes all that the caller has to a file: settings, templates and
// tasks, those in the order of their ids, which is that of their creation, and
// all as they are at one moment: what others write meanwhile is not in it. It
// holds one task at a time. An error of the file's ends it and is returned.
func (s *Service) Export(ctx context.Context, c Call, f File) error {
	c.Zone = nil
	return s.Store.Snapshot(ctx, c.Owner, Telling{
		Owner:    func(o Owner) error { return f.Begin(s.view(c, o, s.now()), o.chosen()) },
		Template: f.Template,
		Task:     f.Task,
	})
}
