package assist

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"todo-app/internal/task"
	"todo-app/internal/task/quickadd"
)

// fields are the parameters that say what a task is, beside its title. On a
// task that is there, empty clears.
var fields = []Param{
	{Name: "description", Kind: Text, Description: "Notes, Markdown."},
	{Name: "due", Kind: Text, Description: "A day (2026-12-01), a time (2026-12-01 09:00, or RFC 3339), or words, which are read in the user's time zone: " +
		"tomorrow, friday 5pm, in 3 days, next week."},
	{Name: "priority", Kind: Text, Enum: []string{"high", "medium", "low"}, Description: "How urgent it is; medium if not said."},
	{Name: "category", Kind: Text, Description: "One category, such as work or home."},
	{Name: "tags", Kind: Texts, Most: task.MaxTags, Description: "All of its tags."},
	{Name: "reminders", Kind: Texts, Most: task.MaxReminders, Description: "When to remind: how long before the due (30m, 2h, 1d or -PT30M), or an RFC 3339 time."},
	{Name: "recurrence", Kind: Text, Description: "How it repeats: daily, weekly, monthly, yearly, words (every 2 weeks, every last friday), or an RFC 5545 RRULE."},
	{Name: "recurrence_from", Kind: Text, Enum: []string{"due", "completion"}, Description: "What the next occurrence is counted from; due if not said."},
	{Name: "skip_if_open", Kind: Flag, Description: "Leave out occurrences that pass while it is open."},
	{Name: "parent_id", Kind: Text, Description: "The task that it is a subtask of."},
	{Name: "depends_on", Kind: Texts, Most: task.MaxDependsOn, Description: "Ids of all tasks that have to be done before it."},
	{Name: "order", Kind: Number, Description: "Its place when sorted by order; a new task comes last."},
}

// patch returns what arguments say of a task, with every fault in them. Due is that
// of the task as it is, zero where there are several; nil is of a new task.
func (c *call) patch(ctx context.Context, a args, due *task.Due) (task.Patch, error) {
	v, err := c.viewFor(ctx, a)
	if err != nil {
		return task.Patch{}, err
	}
	p, faults := read(a, due, v)
	if len(faults) > 0 {
		return p, faults
	}
	return p, c.relate(ctx, &p, a)
}

// read returns what arguments say of a task by itself, as it is meant in a
// view: see patch.
func read(a args, due *task.Due, v task.View) (p task.Patch, faults task.Faults) {
	note := func(parameter string, err error) {
		if err != nil {
			faults = append(faults, task.Fault{Pointer: "/" + parameter, Detail: err.Error()})
		}
	}
	plain(&p, a)
	var err error
	if text, given := get[string](a, "due"); given {
		p.Due, err = field(text, func(s string) (task.Due, error) { return readDue(s, v) })
		note("due", err)
	}
	if texts, given := get[[]string](a, "reminders"); given {
		p.Reminders, err = each(texts, readReminder)
		note("reminders", err)
	}
	note("recurrence", recur(&p, a, due, v))
	known := p // normalizing folds what the service folds itself
	return p, append(faults, task.AsFaults(known.Normalize())...)
}

// amiss returns what is wrong with arguments that say something of tasks,
// beside what makes them no such arguments. It asks nobody: whether words are
// understood does not depend on when and where they are said.
func amiss(params []Param, a args) (faults task.Faults) {
	for _, p := range params {
		switch inner, given := get[args](a, p.Name); {
		case p.Name == "set" && given:
			faults = append(faults, amiss(p.Members, inner).Under("/set")...)
		case p.Name == "description": // these are fields
			_, wrong := read(a, nil, task.View{Now: time.Unix(0, 0), Zone: time.UTC})
			faults = append(faults, wrong...)
		}
	}
	return faults
}

// viewFor returns the caller's view if there are words that depend on it.
func (c *call) viewFor(ctx context.Context, a args) (task.View, error) {
	if a["due"] == nil && a["recurrence"] == nil {
		return task.View{}, nil
	}
	return c.viewed(ctx)
}

// plain sets the fields that are as they are given.
func plain(p *task.Patch, a args) {
	if s, given := get[string](a, "title"); given {
		p.Title = task.Value(s)
	}
	if s, given := get[string](a, "description"); given {
		p.Description = task.Value(s)
	}
	if s, given := get[string](a, "priority"); given {
		priority, _ := task.ParsePriority(s) // one of the words
		p.Priority = task.Value(priority)
	}
	if s, given := get[string](a, "category"); given {
		p.Category, _ = field(s, func(s string) (string, error) { return s, nil })
	}
	if tags, given := get[[]string](a, "tags"); given {
		p.Tags = task.Value(tags)
	}
	if n, given := get[float64](a, "order"); given {
		p.Order = task.Value(n)
	}
	if done, given := get[bool](a, "completed"); given {
		p.Completed = task.Value(done)
	}
	if away, given := get[bool](a, "archived"); given {
		p.Archived = task.Value(away)
	}
}

// relate sets the fields that name other tasks.
func (c *call) relate(ctx context.Context, p *task.Patch, a args) (err error) {
	if s, given := get[string](a, "parent_id"); given {
		p.ParentID, err = field(s, func(s string) (task.ID, error) { return c.named(ctx, "parent_id", s) })
		if err != nil {
			return err
		}
	}
	if names, given := get[[]string](a, "depends_on"); given {
		var ids []task.ID
		if ids, err = c.all(ctx, "depends_on", names); err == nil {
			p.DependsOn = task.Value(ids)
		}
	}
	return err
}

// field reads a text; an empty one puts the field back to nothing.
func field[T any](text string, read func(string) (T, error)) (task.Field[T], error) {
	if strings.TrimSpace(text) == "" {
		return task.Null[T](), nil
	}
	value, err := read(text)
	return task.Value(value), err
}

func each[T any](texts []string, read func(string) (T, error)) (task.Field[[]T], error) {
	values := make([]T, len(texts))
	for i, text := range texts {
		var err error
		if values[i], err = read(text); err != nil {
			return task.Field[[]T]{}, fmt.Errorf("has %q, which %w", short(text), err)
		}
	}
	return task.Value(values), nil
}

// local are times as models write them that leave the zone to the user.
var local = []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04"}

// readDue reads a due in the caller's zone.
func readDue(text string, v task.View) (task.Due, error) {
	text = strings.TrimSpace(text)
	for _, layout := range local {
		if at, err := time.ParseInLocation(layout, text, v.Zone); err == nil {
			return task.ParseDue(at.Format(time.RFC3339))
		}
	}
	return quickadd.ParseDue(text, v.Now.In(v.Zone))
}

// brief are offsets as people write them.
var brief = regexp.MustCompile(`^([0-9]+)([mhdw])$`)

func readReminder(text string) (task.Reminder, error) {
	if part := brief.FindStringSubmatch(strings.ToLower(strings.TrimSpace(text))); part != nil {
		before := map[string]string{"m": "-PT%sM", "h": "-PT%sH", "d": "-P%sD", "w": "-P%sW"}[part[2]]
		text = fmt.Sprintf(before, part[1])
	}
	return task.ParseReminder(text)
}

// recur reads how a task repeats, from first on. Words that say so also say when
// that begins, which counts for a new task that is given no due.
func recur(p *task.Patch, a args, first *task.Due, v task.View) error {
	if from, given := get[string](a, "recurrence_from"); given {
		p.Recurrence.Set = true
		p.Recurrence.Value.From = task.Value(task.RecurrenceFrom(from))
	}
	if skip, given := get[bool](a, "skip_if_open"); given {
		p.Recurrence.Set = true
		p.Recurrence.Value.SkipIfOpen = task.Value(skip)
	}
	text, given := get[string](a, "recurrence")
	switch {
	case !given:
		return nil
	case strings.TrimSpace(text) == "":
		p.Recurrence = task.Null[task.RecurrencePatch]()
		return nil
	case p.Due.Set:
		first = &p.Due.Value
	}
	said, err := quickadd.ParseRule(text, first, v.Now.In(v.Zone))
	p.Recurrence.Set = true
	p.Recurrence.Value.Rule = said.Recurrence.Value.Rule
	if from := said.Recurrence.Value.From; from.Set && !p.Recurrence.Value.From.Set {
		p.Recurrence.Value.From = from
	}
	if first == nil {
		p.Due = said.Due
	}
	return err
}
