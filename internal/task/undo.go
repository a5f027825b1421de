package task

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Operation is one step of what an owner did: one write, whatever it was about.
type Operation struct {
	ID     int64 // the generation that the write made
	At     time.Time
	Actor  string
	Action Action
	Tasks  int      // how many it was about
	Titles []string // of the first of them
	// Undoes is the step that an undo or a redo is about, 0 of other steps.
	// UndoneBy is the undo of a step that is undone: naming it redoes the step.
	Undoes, UndoneBy int64
}

// Action says what a step did, the most telling if it did several things: the
// name of a Change, or one of these.
type Action string

// The actions that are no changes of tasks.
const (
	ActedOnTemplate Action = "template"
	ActedOnSettings Action = "settings"
	ActUndone       Action = "undone"
	ActRedone       Action = "redone"
)

// How far back steps can be undone.
const (
	MaxUndo  = 50
	UndoLife = 30 * 24 * time.Hour
)

// Footprint is one task in a step: as it was before, as the step left it, and
// as it is now; nil where there was none.
type Footprint struct{ Before, After, Now *Task }

// Beside is what a step did that is not about tasks, with what was before and
// what was left behind: templates (nil: none), or settings.
type Beside struct {
	Template *[2]*Template      `json:"template,omitempty"`
	Settings *[2]OwnersSettings `json:"settings,omitempty"`
}

// OwnersSettings are what is kept of an owner's settings.
type OwnersSettings struct {
	Zone            string `json:"zone"`
	AutoArchiveDays int    `json:"auto_archive_days"`
	Operation       int64  `json:"operation"` // that set them
}

// settings returns what is kept of the owner's settings.
func (o Owner) settings() OwnersSettings {
	return OwnersSettings{o.Zone, o.AutoArchiveDays, o.SettingsOperation}
}

// Breach is what would be wrong with tasks after an undo, as it is put to the
// caller.
type Breach string

// What an undo may not leave behind.
const (
	BreachParent     Breach = "the parent of a task is gone or a subtask now"
	BreachSubtask    Breach = "a task that would be a subtask has got subtasks"
	BreachDependency Breach = "a task that another depends on is gone"
	BreachNeeded     Breach = "another task refers to one that would be gone"
	BreachCrowded    Breach = "a task would have too many subtasks"
	breachCycle      Breach = "the dependencies would form a cycle"
)

// Operations returns the caller's steps that can be undone or redone, the
// newest first.
func (s *Service) Operations(ctx context.Context, c Call) ([]Operation, error) {
	return s.Store.Operations(ctx, c.Owner, s.now().Add(-UndoLife))
}

// Undo reverses a step as a whole: the newest that is not undone yet and was
// not archiving by itself, or the one named. Naming an undo redoes what that has undone. Nothing of what others
// have done since is lost: a *Conflict says what is in the way, and nothing is
// done then. ErrNoOperation if the one named cannot be undone any more.
func (s *Service) Undo(ctx context.Context, c Call, operation int64) (Result, error) {
	return s.run(ctx, c, func(ctx context.Context, tx Tx, r *Result) error {
		steps, err := tx.Operations(ctx, r.View.Now.Add(-UndoLife))
		if err != nil {
			return err
		}
		step, redo, err := pick(steps, operation)
		if err != nil {
			return err
		}
		reversed := step.ID
		if redo {
			reversed = step.UndoneBy
		}
		if err := reverse(ctx, tx, reversed, r.View.Now); err != nil {
			return err
		}
		r.Step = tx.Reversed(step, redo)
		return nil
	})
}

// pick returns the step to undo, or to redo.
func pick(steps []Operation, named int64) (step Operation, redo bool, err error) {
	for _, o := range steps {
		switch {
		case named == 0 && o.UndoneBy == 0 && o.Actor != AutoArchiver, named != 0 && named == o.ID && o.UndoneBy == 0:
			return o, false, nil
		case named != 0 && named == o.UndoneBy:
			return o, true, nil
		case named == o.ID:
			return o, false, &Conflict{Detail: fmt.Sprintf("it is undone already: name the operation %d to redo it", o.UndoneBy)}
		}
	}
	if named == 0 {
		return Operation{}, false, &Conflict{Detail: "there is nothing to undo"}
	}
	return Operation{}, false, ErrNoOperation
}

// undoPage is how many tasks are put back at a time: a delete of everything is
// undone too, in a function with little memory.
const undoPage = 250

// maxInTheWay bounds how many tasks a conflict of an undo names.
const maxInTheWay = 50

// reverse puts everything back that an operation found.
func reverse(ctx context.Context, tx Tx, operation int64, now time.Time) error {
	if err := reverseBeside(ctx, tx, operation, now); err != nil {
		return err
	}
	ids, err := tx.Touched(ctx, operation)
	if err != nil || len(ids) == 0 {
		return err
	}
	var overtaken, linked []ID
	for page := range slices.Chunk(ids, undoPage) {
		prints, err := tx.Footprints(ctx, operation, page)
		if err != nil {
			return err
		}
		for i := range prints {
			if id, ok := prints[i].intact(); !ok {
				overtaken = append(overtaken, id)
			}
			linked = append(linked, prints[i].relinked()...)
			prints[i].renew(now)
		}
		if len(overtaken) == 0 {
			err = tx.Restore(ctx, prints)
		}
		if err != nil {
			return err
		}
	}
	if len(overtaken) > 0 {
		return inTheWay("the tasks have been changed by another operation since", overtaken)
	}
	return settled(ctx, tx, linked)
}

func inTheWay(detail string, tasks []ID) error {
	return &Conflict{detail, tasks[:min(len(tasks), maxInTheWay)]}
}

// intact reports whether the task is as the step left it, and names it.
func (f Footprint) intact() (ID, bool) {
	switch {
	case f.After == nil && f.Now == nil:
		return ID{}, true
	case f.After == nil:
		return f.Now.ID, false
	case f.Now == nil:
		return f.After.ID, false
	}
	return f.Now.ID, f.Now.Operation == f.After.Operation && sameContent(*f.Now, *f.After) && f.Now.NextID == f.After.NextID
}

// relinked names the task if it gets dependencies back.
func (f Footprint) relinked() []ID {
	if f.Before != nil && slices.ContainsFunc(f.Before.DependsOn, func(id ID) bool {
		return f.Now == nil || !slices.Contains(f.Now.DependsOn, id)
	}) {
		return []ID{f.Before.ID}
	}
	return nil
}

// renew makes what is put back a version of its own.
func (f *Footprint) renew(now time.Time) {
	switch {
	case f.Before == nil:
	case f.Now == nil:
		f.Before.succeed(*f.Before, now)
	default:
		f.Before.succeed(*f.Now, now)
	}
}

// settled holds what was put back to the rules between tasks.
func settled(ctx context.Context, tx Tx, linked []ID) error {
	breach, tasks, err := tx.Settle(ctx)
	if err != nil {
		return err
	}
	if len(tasks) > 0 {
		return inTheWay(string(breach), tasks)
	}
	if len(linked) == 0 {
		return nil
	}
	edges, err := tx.Dependencies(ctx, linked)
	if err == nil {
		if circle := edges.circle(); circle != nil {
			err = inTheWay(string(breachCycle), circle)
		}
	}
	return err
}

// Edges are dependencies: from each task to those that it depends on.
type Edges map[ID][]ID

// circle returns tasks of a cycle, or nil if there is none: what is left when
// tasks without dependencies are taken away again and again.
func (e Edges) circle() []ID {
	waits, dependents := map[ID]int{}, map[ID][]ID{}
	for id, on := range e {
		waits[id] = len(on)
		for _, target := range on {
			waits[target] += 0
			dependents[target] = append(dependents[target], id)
		}
	}
	var free []ID
	for id, n := range waits {
		if n == 0 {
			free = append(free, id)
		}
	}
	for len(free) > 0 {
		id := free[len(free)-1]
		free = free[:len(free)-1]
		delete(waits, id)
		for _, other := range dependents[id] {
			if waits[other]--; waits[other] == 0 {
				free = append(free, other)
			}
		}
	}
	var left []ID
	for id := range waits {
		left = append(left, id)
	}
	slices.SortFunc(left, func(a, b ID) int { return slices.Compare(a[:], b[:]) })
	return left
}

// reverseBeside puts back what the operation did to a template or the settings.
func reverseBeside(ctx context.Context, tx Tx, operation int64, now time.Time) error {
	b, err := tx.Beside(ctx, operation)
	if err != nil {
		return err
	}
	if s := b.Settings; s != nil {
		if tx.Owner().settings() != s[1] {
			return &Conflict{Detail: "the settings have been changed by another operation since"}
		}
		tx.RestoreSettings(s[0])
	}
	if t := b.Template; t != nil {
		return reverseTemplate(ctx, tx, *t, now)
	}
	return nil
}

func reverseTemplate(ctx context.Context, tx Tx, was [2]*Template, now time.Time) error {
	before, after := was[0], was[1]
	named := after
	if named == nil {
		named = before
	}
	present, err := tx.Template(ctx, named.Name)
	if err != nil {
		return err
	}
	switch {
	case after == nil && present != nil:
		return &Conflict{Detail: fmt.Sprintf("there is a new template %q by now", named.Name)}
	case after != nil && (present == nil || present.Operation != after.Operation || !present.says(after.Sketch)):
		return &Conflict{Detail: fmt.Sprintf("the template %q has been changed by another operation since", named.Name)}
	}
	if before != nil {
		from := *before
		if present != nil {
			from = *present
		}
		before.succeed(from, now)
	}
	tx.RestoreTemplate(present, before)
	return nil
}
