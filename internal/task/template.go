package task

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Template is what tasks can be made of, under a name.
type Template struct {
	Name      string // in lower case
	Version   int64  // counts changes to this template, from 1
	CreatedAt time.Time
	UpdatedAt time.Time
	Sketch
	Operation int64 // as of a Task
}

// Sketch is what a template says of the tasks made of it.
type Sketch struct {
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Priority    Priority   `json:"priority"`
	Category    string     `json:"category"` // "": what a task without one gets
	Tags        []string   `json:"tags"`
	Due         string     `json:"due"`       // in words, read whenever a task is made; "" for none
	Reminders   []Reminder `json:"reminders"` // offsets alone: a moment would soon be past
	Recurrence  Recurrence `json:"recurrence"`
}

// Tag returns the validator of a template: its version, and when that came
// about, as the name of one that is gone may be given anew.
func (t Template) Tag() string {
	return strconv.FormatInt(t.Version, 10) + "-" + strconv.FormatInt(t.UpdatedAt.UnixMicro(), 36)
}

// The bounds of templates.
const (
	MaxTemplates    = 1000 // of one owner
	MaxTemplateName = 50   // in code points
	MaxDueWords     = 200  // in code points
)

// DueReader reads a due in words, as they are meant at a moment in its zone.
type DueReader func(words string, now time.Time) (Due, error)

// TemplateDraft is what a caller says of a template.
type TemplateDraft struct {
	Name  string
	From  ID    // the task that it is to be like; zero: Patch and Due say it
	Patch Patch // of tasks made of it; their dues are not its own
	Due   string
}

// FoldTemplateName returns the name that a template is kept under.
func FoldTemplateName(name string) string { return strings.ToLower(name) }

// checkTemplateName holds names to what can be part of an address.
func checkTemplateName(name string) error {
	if strings.HasPrefix(name, ".") || strings.Contains(name, "/") {
		return errors.New(`must not begin with "." or contain "/"`)
	}
	return checkName(name, MaxTemplateName)
}

// sketch returns what the draft says; Faults list everything wrong with it.
func (d TemplateDraft) sketch(read DueReader, now time.Time) (Sketch, error) {
	p, err := d.Patch.NewTask()
	faults := AsFaults(err)
	if d.Due != "" {
		faults.add("/due", readable(d.Due, read, now))
	}
	for i, r := range p.Reminders.Value {
		if !r.relative() {
			faults.add(fmt.Sprintf("/reminders/%d", i), errors.New("must be an offset before the due: a moment would soon be past"))
		}
	}
	t := p.apply(Task{}, now, "", 0)
	if len(t.Tags) == 0 {
		t.Tags = nil // one way to say so, whoever says it
	}
	if t.Recurrence.IsZero() && t.Recurrence != (Recurrence{}) {
		faults.add("/recurrence/rule", errors.New("is required"))
	}
	made := Sketch{t.Title, t.Description, t.Priority, t.Category, t.Tags, d.Due, t.Reminders, t.Recurrence}
	if faults == nil {
		faults.add("/recurrence/rule", made.repeats(read, now))
	}
	return made, faults.err()
}

// repeats returns why no task made of the sketch could follow its rule, if none
// can: where a due is given with each, only that the rule gives no date at all.
func (s Sketch) repeats(read DueReader, now time.Time) error {
	if s.Recurrence.IsZero() {
		return nil
	}
	r, due := s.Recurrence, Due{At: now}
	if s.Due == "" {
		r.Rule = without(r.Rule, "UNTIL")
	} else {
		due, _ = read(s.Due, now) // which it can: that is checked
	}
	_, err := r.Anchored(due, now.Location())
	return err
}

func readable(words string, read DueReader, now time.Time) error {
	err := checkName(words, MaxDueWords)
	if err == nil {
		_, err = read(words, now)
	}
	return err
}

// sketch returns what tasks like this one have in common. A task's due does not
// come again, but one that repeats needs some due to begin with: the day that
// it is made on, at the same time of day.
func (t Task) sketch(zone *time.Location) Sketch {
	s := Sketch{t.Title, t.Description, t.Priority, t.Category, t.Tags, "", offsets(t.Reminders), t.Recurrence}
	switch {
	case t.Recurrence.IsZero():
	case t.Due.AllDay:
		s.Due = "today"
	default:
		s.Due = "today at " + t.Due.At.In(zone).Format("15:04")
	}
	return s
}

// draft returns the patch of a new task that is as the sketch says.
func (s Sketch) draft() Patch {
	p := Patch{
		Title: Value(s.Title), Description: Value(s.Description), Priority: Value(s.Priority), Tags: Value(s.Tags), Reminders: Value(s.Reminders),
	}
	if s.Category != "" {
		p.Category = Value(s.Category)
	}
	if r := s.Recurrence; !r.IsZero() {
		p.Recurrence = Value(RecurrencePatch{Value(r.Rule), Value(r.From), Value(r.SkipIfOpen)})
	}
	return p
}

// over returns base with the fields of p that are set in place of its own.
func (p Patch) over(base Patch) Patch {
	overlay(&base.Title, p.Title)
	overlay(&base.Description, p.Description)
	overlay(&base.Completed, p.Completed)
	overlay(&base.Priority, p.Priority)
	overlay(&base.Category, p.Category)
	overlay(&base.Tags, p.Tags)
	overlay(&base.Due, p.Due)
	overlay(&base.Reminders, p.Reminders)
	overlay(&base.Recurrence, p.Recurrence)
	overlay(&base.ParentID, p.ParentID)
	overlay(&base.DependsOn, p.DependsOn)
	overlay(&base.Order, p.Order)
	overlay(&base.Archived, p.Archived)
	return base
}

func overlay[T any](f *Field[T], with Field[T]) {
	if with.Set {
		*f = with
	}
}

// CreateTemplate keeps a template under a name that is free. Faults, or a
// *Conflict if the name is taken or there are too many.
func (s *Service) CreateTemplate(ctx context.Context, c Call, d TemplateDraft, read DueReader) (Result, error) {
	return s.run(ctx, c, func(ctx context.Context, tx Tx, r *Result) error {
		name := FoldTemplateName(d.Name)
		made, err := s.sketchOf(ctx, tx, r.View, d, read)
		faults := AsFaults(err)
		faults.add("/name", checkTemplateName(name))
		if err = cmp.Or(faults.err(), err); err != nil {
			return err
		}
		if err := roomForTemplate(ctx, tx, name); err != nil {
			return err
		}
		r.Template = Template{Name: name, Version: 1, CreatedAt: r.View.Now, UpdatedAt: r.View.Now, Sketch: made}
		tx.SetTemplate(nil, &r.Template)
		return nil
	})
}

// sketchOf returns what the draft says, or the task that it is to be like.
func (s *Service) sketchOf(ctx context.Context, tx Tx, v View, d TemplateDraft, read DueReader) (Sketch, error) {
	if d.From.IsZero() {
		return d.sketch(read, v.Now.In(v.Zone))
	}
	found, err := tx.Find(ctx, d.From)
	switch {
	case err != nil:
		return Sketch{}, err
	case len(found) == 0:
		return Sketch{}, Faults{{"/from_task", "names no task"}}
	}
	return found[0].sketch(s.zone(tx.Owner())), nil
}

func roomForTemplate(ctx context.Context, tx Tx, name string) error {
	taken, err := tx.Template(ctx, name)
	switch {
	case err != nil:
		return err
	case taken != nil:
		return &Conflict{Detail: fmt.Sprintf("there is a template %q already", name)}
	}
	n, err := tx.CountTemplates(ctx)
	if err == nil && n >= MaxTemplates {
		err = &Conflict{Detail: fmt.Sprintf("there are %d templates already: delete one first", MaxTemplates)}
	}
	return err
}

// ReplaceTemplate has a template say something else. ErrNoTemplate, ErrStale
// or Faults. Changing nothing keeps its version.
func (s *Service) ReplaceTemplate(ctx context.Context, c Call, name string, d TemplateDraft, match []string, read DueReader) (Result, error) {
	return s.run(ctx, c, func(ctx context.Context, tx Tx, r *Result) error {
		old, err := template(ctx, tx, name, match)
		if err != nil {
			return err
		}
		r.Template = *old
		if r.Template.Sketch, err = s.sketchOf(ctx, tx, r.View, d, read); err != nil || old.says(r.Template.Sketch) {
			return err
		}
		r.Template.succeed(*old, r.View.Now)
		tx.SetTemplate(old, &r.Template)
		return nil
	})
}

// succeed makes the template the version after old.
func (t *Template) succeed(old Template, now time.Time) {
	t.Version, t.UpdatedAt = old.Version+1, now
	if t.UpdatedAt.Before(old.UpdatedAt) {
		t.UpdatedAt = old.UpdatedAt
	}
}

// says reports whether a template says this and nothing else.
func (s Sketch) says(other Sketch) bool {
	return s.Title == other.Title &&
		s.Description == other.Description &&
		s.Priority == other.Priority &&
		s.Category == other.Category &&
		slices.Equal(s.Tags, other.Tags) &&
		s.Due == other.Due &&
		slices.Equal(s.Reminders, other.Reminders) &&
		s.Recurrence == other.Recurrence
}

// DeleteTemplate removes a template; ErrNoTemplate or ErrStale. Tasks that
// were made of it stay.
func (s *Service) DeleteTemplate(ctx context.Context, c Call, name string, match []string) (Result, error) {
	return s.run(ctx, c, func(ctx context.Context, tx Tx, _ *Result) error {
		old, err := template(ctx, tx, name, match)
		if err == nil {
			tx.SetTemplate(old, nil)
		}
		return err
	})
}

// template returns the one to act on, if the caller's precondition allows it.
func template(ctx context.Context, tx Tx, name string, match []string) (*Template, error) {
	found, err := tx.Template(ctx, FoldTemplateName(name))
	switch {
	case err != nil:
		return nil, err
	case found == nil:
		return nil, ErrNoTemplate
	case match != nil && !slices.Contains(match, found.Tag()) && !slices.Contains(match, "*"):
		return nil, ErrStale
	}
	return found, nil
}

// CreateFromTemplate adds a task as a template has it, but for what over says.
// ErrNoTemplate, and what Create returns.
func (s *Service) CreateFromTemplate(ctx context.Context, c Call, name string, over Patch, read DueReader) (Result, error) {
	return s.write(ctx, c, func(ctx context.Context, tx Tx, v View) ([]Task, error) {
		t, err := template(ctx, tx, name, nil)
		if err != nil {
			return nil, err
		}
		draft := over.over(t.draft())
		if t.Due != "" && !over.Due.Set {
			due, err := read(t.Due, v.Now.In(v.Zone))
			if err != nil {
				return nil, Faults{{"/due", "of the template " + err.Error()}}
			}
			draft.Due = Value(due)
		}
		if draft, err = draft.NewTask(); err != nil {
			return nil, err
		}
		return s.create(ctx, tx, v, []Patch{draft}, func(int) string { return "" })
	})
}

// Templates returns a page of the caller's templates by name, those after one
// ("": from the first), and whether there are more.
func (s *Service) Templates(ctx context.Context, c Call, after string, most int) (page []Template, more bool, err error) {
	page, err = s.Store.Templates(ctx, c.Owner, after, most+1)
	if more = len(page) > most; more {
		page = page[:most]
	}
	return page, more, err
}

// Template returns one of the caller's templates, or ErrNoTemplate.
func (s *Service) Template(ctx context.Context, c Call, name string) (Template, error) {
	return s.Store.Template(ctx, c.Owner, FoldTemplateName(name))
}
