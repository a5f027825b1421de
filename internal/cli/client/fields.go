package client

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"todo-app/internal/task"
	"todo-app/internal/task/quickadd"
)

// fields are the flags that say what a task is.
type fields struct {
	title, note, due, priority, category, parent, repeat string
	tags, remind, dependsOn                              []string
	order                                                float64
	from                                                 string
	skipIfOpen                                           bool
}

func (f *fields) register(p *Program, c *cobra.Command) {
	f.registerSketch(p, c)
	flags := c.Flags()
	flags.StringVar(&f.parent, "parent", "", "the task that this one is part of")
	flags.StringSliceVar(&f.dependsOn, "depends-on", nil, "a task that this one waits for; several times for several")
	flags.Float64Var(&f.order, "order", 0, "where the task stands under --sort order")
	p.completeTasks(c, "parent")
	p.completeTasks(c, "depends-on")
}

// registerSketch registers the flags of what a template can say, too.
func (f *fields) registerSketch(p *Program, c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.note, "note", "", "the description, Markdown")
	flags.StringVar(&f.due, "due", "", "a date (2026-12-01), a time (2026-12-01 09:00, or RFC 3339), or words (tomorrow 9am)")
	flags.StringVar(&f.priority, "priority", "", "high, medium or low")
	flags.StringVar(&f.category, "category", "", "the category")
	flags.StringSliceVar(&f.tags, "tag", nil, "a tag; several times, or with commas, for several")
	flags.StringVar(&f.repeat, "repeat", "", "daily, weekly, monthly, yearly, an RRULE (RFC 5545), or words (every 2 weeks)")
	flags.StringVar(&f.from, "repeat-from", "", "what the next occurrence is counted from: due or completion")
	flags.BoolVar(&f.skipIfOpen, "skip-if-open", false, "leave out occurrences that pass while the task is open")
	flags.StringSliceVar(&f.remind, "remind", nil, "when to be reminded: how long before the due (30m, 2h, 1d, -PT30M), or an RFC 3339 time")
	p.completeWords(c, "priority", "high", "medium", "low")
	p.completeWords(c, "repeat", "daily", "weekly", "monthly", "yearly")
	p.completeWords(c, "repeat-from", "due", "completion")
	p.completeStored(c, "category", categoriesOf)
	p.completeStored(c, "tag", tagsOf)
}

// patch returns what the flags that were given say, with every fault in them.
func (f *fields) patch(ctx context.Context, s *session, c *cobra.Command) (p task.Patch, err error) {
	var problems []error
	given := func(flag string, read func() error) {
		switch {
		case !c.Flags().Changed(flag):
		case flag != "note" && blank(c, flag):
			problems = append(problems, empties(c, flag))
		default:
			if err := read(); err != nil {
				problems = append(problems, misused("--%s %v", flag, err))
			}
		}
	}
	given("note", func() error { p.Description = task.Value(f.note); return nil })
	given("due", func() error { return into(&p.Due, f.due, s.readDue) })
	given("priority", func() error { return into(&p.Priority, f.priority, readPriority) })
	given("category", func() error { p.Category = task.Value(f.category); return nil })
	given("tag", func() error { p.Tags = task.Value(f.tags); return nil })
	given("remind", func() error { return into(&p.Reminders, f.remind, readReminders) })
	given("order", func() error { p.Order = task.Value(f.order); return nil })
	given("repeat", func() error {
		return into(&p.Recurrence, f.repeat, func(words string) (task.RecurrencePatch, error) { return s.ruleInWords(words, p.Due.Value) })
	})
	given("repeat-from", func() error { p.Recurrence.Set = true; return into(&p.Recurrence.Value.From, f.from, readFrom) })
	given("skip-if-open", func() error {
		p.Recurrence.Set = true
		p.Recurrence.Value.SkipIfOpen = task.Value(f.skipIfOpen)
		return nil
	})
	if err := worst(problems); err != nil {
		return p, err
	}
	for _, flag := range []string{"parent", "depends-on"} {
		if blank(c, flag) {
			return p, empties(c, flag)
		}
	}
	if c.Flags().Changed("parent") {
		id, err := s.findOne(ctx, f.parent)
		if err != nil {
			return p, err
		}
		p.ParentID = task.Value(id)
	}
	if c.Flags().Changed("depends-on") {
		ids, err := s.find(ctx, f.dependsOn...)
		if err != nil {
			return p, err
		}
		p.DependsOn = task.Value(ids)
	}
	return p, nil
}

// blank reports whether a flag that there is was given and says nothing, or
// lists nothing.
func blank(c *cobra.Command, flag string) bool {
	f := c.Flags().Lookup(flag)
	if f == nil || !f.Changed {
		return false
	}
	if list, ok := f.Value.(interface{ GetSlice() []string }); ok {
		return strings.Join(list.GetSlice(), "") == ""
	}
	return f.Value.String() == ""
}

// empties refuses a flag that was given and says nothing.
func empties(c *cobra.Command, flag string) error {
	if c.Flags().Lookup("clear") != nil {
		return misused("--%s must not be empty: --clear %[1]s puts it back to nothing", flag)
	}
	return misused("--%s must not be empty: leave it out", flag)
}

// empty reports whether a patch changes nothing.
func empty(p task.Patch) bool { return reflect.ValueOf(p).IsZero() }

// into sets a field to what read makes of a text.
func into[S, T any](field *task.Field[T], from S, read func(S) (T, error)) error {
	value, err := read(from)
	*field = task.Value(value)
	return err
}

func readPriority(s string) (task.Priority, error) {
	p, ok := task.ParsePriority(s)
	if !ok {
		return 0, errors.New("must be high, medium or low")
	}
	return p, nil
}

func readFrom(s string) (task.RecurrenceFrom, error) {
	from := task.RecurrenceFrom(s)
	if from != task.FromDue && from != task.FromCompletion {
		return "", errors.New("must be due or completion")
	}
	return from, nil
}

// readDue reads a due: a date, or a time in the caller's zone or another.
func (s *session) readDue(text string) (task.Due, error) {
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04"} {
		if at, err := time.ParseInLocation(layout, text, s.view.Zone); err == nil {
			return task.ParseDue(at.Format(time.RFC3339))
		}
	}
	due, err := quickadd.ParseDue(text, s.view.Now.In(s.view.Zone))
	if err != nil {
		return due, errors.New("must be a date (2026-12-01), a time (2026-12-01 09:00, or RFC 3339), or words such as tomorrow 9am")
	}
	return due, nil
}

// readReminders reads reminders as the API has them, and short forms of
// offsets: 30m, 2h, 1d, 1w.
func readReminders(texts []string) ([]task.Reminder, error) {
	reminders := make([]task.Reminder, len(texts))
	for i, text := range texts {
		if unit := strings.TrimLeft(text, "0123456789"); len(unit) == 1 && len(text) > 1 {
			number := strings.TrimSuffix(text, unit)
			switch unit {
			case "m", "h":
				text = "-PT" + number + strings.ToUpper(unit)
			case "d", "w":
				text = "-P" + number + strings.ToUpper(unit)
			}
		}
		var err error
		if reminders[i], err = task.ParseReminder(text); err != nil {
			return nil, fmt.Errorf("%q %w, or short for an offset, such as 30m, 2h or 1d", texts[i], err)
		}
	}
	return reminders, nil
}

// clearable are the fields that can be put back to nothing or to their
// default.
var clearable = map[string]func(*task.Patch){
	"note":       func(p *task.Patch) { p.Description = task.Null[string]() },
	"due":        func(p *task.Patch) { p.Due = task.Null[task.Due]() },
	"priority":   func(p *task.Patch) { p.Priority = task.Null[task.Priority]() },
	"category":   func(p *task.Patch) { p.Category = task.Null[string]() },
	"tag":        func(p *task.Patch) { p.Tags = task.Null[[]string]() },
	"parent":     func(p *task.Patch) { p.ParentID = task.Null[task.ID]() },
	"depends-on": func(p *task.Patch) { p.DependsOn = task.Null[[]task.ID]() },
	"repeat":     func(p *task.Patch) { p.Recurrence = task.Null[task.RecurrencePatch]() },
	"remind":     func(p *task.Patch) { p.Reminders = task.Null[[]task.Reminder]() },
	"order":      func(p *task.Patch) { p.Order = task.Null[float64]() },
}

// clearNames lists the clearable fields in the order of the alphabet.
func clearNames() []string {
	names := make([]string, 0, len(clearable))
	for name := range clearable {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// clearing adds fields to be cleared to a patch that does not set them.
func clearing(p *task.Patch, names []string, c *cobra.Command) error {
	var problems []error
	for _, name := range names {
		put := clearable[name]
		switch {
		case put == nil:
			problems = append(problems, misused("--clear %q must be one of %s", name, strings.Join(clearNames(), ", ")))
		case c.Flags().Changed(name):
			problems = append(problems, misused("--%s and --clear %[1]s contradict each other", name))
		default:
			put(p)
		}
	}
	return worst(problems)
}
