package task

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Field is one member of a patch: absent, null (put back to its default) or a
// value.
type Field[T any] struct {
	Set   bool
	Null  bool
	Value T
}

// Value returns a field that is set to v.
func Value[T any](v T) Field[T] { return Field[T]{Set: true, Value: v} }

// Null returns a field that is put back to its default.
func Null[T any]() Field[T] { return Field[T]{Set: true, Null: true} }

// Patch is what a caller says about a task: a whole one to create or replace
// with, or some fields to change. Absent is not null.
type Patch struct {
	Title       Field[string]
	Description Field[string]
	Completed   Field[bool]
	Priority    Field[Priority]
	Category    Field[string]
	Tags        Field[[]string]
	Due         Field[Due]
	Reminders   Field[[]Reminder]
	Recurrence  Field[RecurrencePatch]
	ParentID    Field[ID]
	DependsOn   Field[[]ID]
	Order       Field[float64]
	Archived    Field[bool]
}

// RecurrencePatch is a patch to a recurrence, whose members RFC 7396 merges
// one by one.
type RecurrencePatch struct {
	Rule       Field[string]
	From       Field[RecurrenceFrom]
	SkipIfOpen Field[bool]
}

// The bounds of the contract. Text is measured in code points.
const (
	MaxTitle       = 500
	MaxDescription = 20_000
	MaxCategory    = 50
	MaxTag         = 50
	MaxTags        = 20
	MaxReminders   = 10
	MaxDependsOn   = 50
	MaxOrder       = 1e18
	MaxCreate      = 1000 // tasks in one request
)

const defaultCategory = "other"

// manyTags is how many tags are too many to look at each, even if some turn
// out to be the same.
const manyTags = 10 * MaxTags

// Normalize folds what is folded (category, tags), and lists everything
// wrong with the fields that are set, as Faults.
func (p *Patch) Normalize() error {
	var faults Faults
	if p.Title.Set {
		faults.add("/title", p.checkTitle())
	}
	if p.Description.Set {
		faults.add("/description", checkText(p.Description.Value, MaxDescription))
	}
	notNull(&faults, "/completed", p.Completed)
	notNull(&faults, "/archived", p.Archived)
	if p.Category.Set && !p.Category.Null {
		faults.add("/category", checkName(p.Category.Value, MaxCategory))
		p.Category.Value = strings.ToLower(p.Category.Value)
	}
	if p.Tags.Set {
		p.normalizeTags(&faults)
	}
	if len(p.Reminders.Value) > MaxReminders {
		faults.add("/reminders", atMost(MaxReminders))
	}
	if p.DependsOn.Set {
		p.DependsOn.Value = unique(p.DependsOn.Value)
		if len(p.DependsOn.Value) > MaxDependsOn {
			faults.add("/depends_on", atMost(MaxDependsOn))
		}
	}
	if o := p.Order.Value; o < -MaxOrder || o > MaxOrder || o != o {
		faults.add("/order", fmt.Errorf("must lie between -%.0g and %.0g", MaxOrder, MaxOrder))
	}
	return faults.err()
}

func notNull(faults *Faults, pointer string, f Field[bool]) {
	if f.Null {
		faults.add(pointer, errors.New("must be true or false"))
	}
}

func (p *Patch) checkTitle() error {
	if p.Title.Null {
		return errors.New("must not be null")
	}
	return checkName(p.Title.Value, MaxTitle)
}

func (p *Patch) normalizeTags(faults *Faults) {
	if len(p.Tags.Value) > manyTags {
		faults.add("/tags", atMost(MaxTags))
		return
	}
	tags := make([]string, len(p.Tags.Value))
	for i, tag := range p.Tags.Value {
		faults.add(fmt.Sprintf("/tags/%d", i), checkName(tag, MaxTag))
		tags[i] = strings.ToLower(tag)
	}
	slices.Sort(tags)
	if p.Tags.Value = slices.Compact(tags); len(p.Tags.Value) > MaxTags {
		faults.add("/tags", atMost(MaxTags))
	}
}

// checkName holds a text that must say something.
func checkName(s string, most int) error {
	if strings.TrimFunc(s, unicode.IsSpace) == "" {
		return errors.New("must not be blank")
	}
	return checkText(s, most)
}

func checkText(s string, most int) error {
	switch n := utf8.RuneCountInString(s); {
	case n > most:
		return fmt.Errorf("must be at most %d characters; this has %d", most, n)
	case !utf8.ValidString(s):
		return errors.New("must be valid UTF-8")
	case strings.ContainsRune(s, 0):
		return errors.New("must not contain the character U+0000")
	}
	return nil
}

func atMost(n int) error { return fmt.Errorf("must have at most %d items", n) }

// unique drops repeated ids, keeping the order of their first mention.
func unique(ids []ID) []ID {
	seen := make(map[ID]bool, len(ids))
	kept := make([]ID, 0, len(ids))
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			kept = append(kept, id)
		}
	}
	return kept
}

// whole completes a patch that stands for a whole task: absent means default.
func (p Patch) whole() Patch {
	orNull(&p.Description)
	orValue(&p.Completed, false)
	orNull(&p.Priority)
	orNull(&p.Category)
	orNull(&p.Tags)
	orNull(&p.Due)
	orNull(&p.Reminders)
	orNull(&p.Recurrence)
	orNull(&p.ParentID)
	orNull(&p.DependsOn)
	orNull(&p.Order)
	orValue(&p.Archived, false)
	return p
}

func orNull[T any](f *Field[T]) {
	if !f.Set {
		*f = Null[T]()
	}
}

func orValue[T any](f *Field[T], v T) {
	if !f.Set {
		*f = Value(v)
	}
}

// NewTask completes a patch that is to become a new task: what is absent is
// set to its default. The error lists everything wrong with it, as Faults.
func (p Patch) NewTask() (Patch, error) {
	p = p.titled().whole()
	err := p.Normalize()
	if !p.Title.Set {
		err = append(Faults{{"/title", "is required, or a description to take it from"}}, AsFaults(err)...)
	}
	return p, err
}

// titled takes the first line of the description that says something as the
// title of a new task that was given none.
func (p Patch) titled() Patch {
	if p.Title.Set {
		return p
	}
	for line := range strings.Lines(p.Description.Value) {
		if line = strings.TrimFunc(line, unicode.IsSpace); line != "" {
			if runes := []rune(line); len(runes) > MaxTitle {
				line = string(runes[:MaxTitle])
			}
			p.Title = Value(line)
			break
		}
	}
	return p
}

// apply returns t with the patch's fields in place. category is what a task
// without one of its own gets, order what an unplaced one gets.
func (p Patch) apply(t Task, now time.Time, category string, order float64) Task {
	set(&t.Title, p.Title, "")
	set(&t.Description, p.Description, "")
	set(&t.Priority, p.Priority, Medium)
	set(&t.Category, p.Category, category)
	set(&t.Tags, p.Tags, nil)
	set(&t.Due, p.Due, Due{})
	set(&t.Reminders, p.Reminders, nil)
	t.Recurrence = p.Recurrence.Value.apply(t.Recurrence, p.Recurrence)
	set(&t.ParentID, p.ParentID, ID{})
	set(&t.DependsOn, p.DependsOn, nil)
	set(&t.Order, p.Order, order)
	mark(&t.CompletedAt, p.Completed, now)
	mark(&t.ArchivedAt, p.Archived, now)
	return t
}

func (p RecurrencePatch) apply(r Recurrence, f Field[RecurrencePatch]) Recurrence {
	switch {
	case f.Null:
		return Recurrence{}
	case !f.Set:
		return r
	case r.From == "":
		r.From = FromDue
	}
	set(&r.Rule, p.Rule, "")
	set(&r.From, p.From, FromDue)
	set(&r.SkipIfOpen, p.SkipIfOpen, false)
	return r
}

func set[T any](target *T, f Field[T], byDefault T) {
	switch {
	case f.Null:
		*target = byDefault
	case f.Set:
		*target = f.Value
	}
}

// mark records since when something holds; what already held keeps its time.
func mark(at *time.Time, f Field[bool], now time.Time) {
	switch {
	case !f.Set:
	case !f.Value:
		*at = time.Time{}
	case at.IsZero():
		*at = now
	}
}

// sameContent reports whether a caller could tell a and b apart by what can
// be written, now or when they are completed.
func sameContent(a, b Task) bool {
	return a.Title == b.Title &&
		a.Description == b.Description &&
		a.CompletedAt.Equal(b.CompletedAt) &&
		a.Priority == b.Priority &&
		a.Category == b.Category &&
		slices.Equal(a.Tags, b.Tags) &&
		a.Due.Equal(b.Due) &&
		slices.Equal(a.Reminders, b.Reminders) &&
		a.Recurrence == b.Recurrence &&
		a.Anchor.Equal(b.Anchor) &&
		a.Occurrence.Equal(b.Occurrence) &&
		a.ParentID == b.ParentID &&
		slices.Equal(a.DependsOn, b.DependsOn) &&
		a.Order == b.Order &&
		a.ArchivedAt.Equal(b.ArchivedAt)
}
