package assist

import (
	"context"
	"time"

	"todo-app/internal/task"
)

// shown is a task as a model is told of it: what is usual is left away.
type shown struct {
	ID             string   `json:"id"`
	Title          string   `json:"title"`
	Status         string   `json:"status"`
	Due            string   `json:"due,omitempty"`
	Overdue        bool     `json:"overdue,omitempty"`
	DaysOverdue    int      `json:"days_overdue,omitempty"`
	Priority       string   `json:"priority"`
	Category       string   `json:"category"`
	Tags           []string `json:"tags,omitempty"`
	Description    string   `json:"description,omitempty"`
	HasDescription bool     `json:"has_description,omitempty"` // in lists, which leave it out
	Reminders      []string `json:"reminders,omitempty"`
	Recurrence     string   `json:"recurrence,omitempty"`
	RecurrenceFrom string   `json:"recurrence_from,omitempty"`
	SkipIfOpen     bool     `json:"skip_if_open,omitempty"`
	ParentID       string   `json:"parent_id,omitempty"`
	DependsOn      []string `json:"depends_on,omitempty"`
	Blocked        bool     `json:"blocked,omitempty"`
	Subtasks       int      `json:"subtasks,omitempty"`
	SubtasksDone   int      `json:"subtasks_completed,omitempty"`
	Archived       bool     `json:"archived,omitempty"`
	CompletedAt    string   `json:"completed_at,omitempty"`
}

// show returns a task as a model is told of it, times as the caller's clocks
// show them.
func (c *call) show(ctx context.Context, t Task) (*shown, error) {
	zone := time.UTC
	if !t.Due.IsZero() && !t.Due.AllDay || t.Completed() {
		switch v, err := c.viewed(ctx); {
		case err == nil:
			zone = v.Zone
		case !c.wrote: // what was written is told in any case, in UTC
			return nil, err
		}
	}
	s := &shown{
		ID: t.ID.String(), Title: t.Title, Status: "pending", Due: showDue(t.Due, zone), Overdue: t.Overdue, DaysOverdue: t.DaysOverdue,
		Priority: t.Priority.String(), Category: t.Category, Tags: t.Tags, Description: t.Description,
		Recurrence: t.Recurrence.Rule, SkipIfOpen: t.Recurrence.SkipIfOpen,
		Blocked: t.Blocked, Subtasks: t.Subtasks.Total, SubtasksDone: t.Subtasks.Completed, Archived: t.Archived(),
	}
	if t.Completed() {
		s.Status, s.CompletedAt = "completed", stamp(t.CompletedAt, zone)
	}
	if t.Recurrence.From == task.FromCompletion {
		s.RecurrenceFrom = string(t.Recurrence.From)
	}
	for _, r := range t.Reminders {
		s.Reminders = append(s.Reminders, string(r))
	}
	for _, id := range t.DependsOn {
		s.DependsOn = append(s.DependsOn, id.String())
	}
	if !t.ParentID.IsZero() {
		s.ParentID = t.ParentID.String()
	}
	return s, nil
}

func showDue(d task.Due, zone *time.Location) string {
	if d.IsZero() || d.AllDay {
		return d.String()
	}
	return stamp(d.At, zone)
}

// showAll returns tasks as lists have them.
func (c *call) showAll(ctx context.Context, tasks []Task) ([]*shown, error) {
	all := make([]*shown, len(tasks))
	for i, t := range tasks {
		var err error
		if all[i], err = c.show(ctx, t); err != nil {
			return nil, err
		}
		all[i].HasDescription, all[i].Description = all[i].Description != "", ""
	}
	return all, nil
}

// one is the answer about one task.
type one struct {
	Message string   `json:"message"`
	Already bool     `json:"already,omitempty"` // it was like that, and nothing was changed
	Task    *shown   `json:"task"`
	Next    *shown   `json:"next_occurrence,omitempty"`
	Undo    *undoing `json:"undo,omitempty"`
}

// undoing says how to take back what was done.
type undoing struct {
	Tool      string `json:"tool"`
	Operation int64  `json:"operation"`
}

const (
	canUndo  = " The tool undo takes it back, with the operation given here."
	mustUndo = " To take it back, call undo without arguments before anything else is changed."
)

// taken completes an answer about a write with how to take it back: by the
// number of the step, which fits tells from others.
func (c *call) taken(ctx context.Context, message string, fits func(Step) bool) (string, *undoing) {
	c.wrote = true
	steps, err := c.Steps(ctx)
	if err == nil {
		for _, s := range steps {
			if s.open() && fits(s) {
				return message + canUndo, &undoing{"undo", s.Operation}
			}
		}
	}
	return message + mustUndo, nil // the write is done, whatever became of looking for its number
}

// madeAt fits the step that made a version of a task.
func madeAt(t Task) func(Step) bool {
	return func(s Step) bool { return s.At.Equal(t.UpdatedAt) }
}

// since fits the newest step after one.
func since(before int64) func(Step) bool {
	return func(s Step) bool { return s.Operation > before }
}

// newest returns the number of the newest step, 0 if there is none.
func (c *call) newest(ctx context.Context) (int64, error) {
	steps, err := c.Steps(ctx)
	if err != nil || len(steps) == 0 {
		return 0, err
	}
	return steps[0].Operation, nil
}

// changed answers about a task after a write.
func (c *call) changed(ctx context.Context, message string, t Task) (a one, err error) {
	c.wrote = true
	if a.Task, err = c.show(ctx, t); err != nil {
		return a, err
	}
	if t.Next != nil {
		if a.Next, err = c.show(ctx, *t.Next); err != nil {
			return a, err
		}
	}
	a.Message, a.Undo = c.taken(ctx, message, madeAt(t))
	return a, nil
}
