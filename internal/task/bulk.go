package task

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// BulkAction is what is done to many tasks at once.
type BulkAction string

// The actions on many tasks.
const (
	BulkComplete BulkAction = "complete"
	BulkReopen   BulkAction = "reopen"
	BulkArchive  BulkAction = "archive"
	BulkDelete   BulkAction = "delete"
	BulkUpdate   BulkAction = "update"
)

// BulkActions lists the actions in the order of the contract.
var BulkActions = []BulkAction{BulkComplete, BulkReopen, BulkArchive, BulkDelete, BulkUpdate}

// MaxBulk is how many tasks one bulk is about at most.
const MaxBulk = 1000

// Bulk is one action on many tasks: on those with the ids, or on those that the
// filter admits.
type Bulk struct {
	Action BulkAction
	IDs    []ID
	Filter *Filter
	Set    Patch // what BulkUpdate changes
	DryRun bool  // only say what would become of each
}

// Outcome is what became of one task of a bulk.
type Outcome struct {
	ID     ID
	Result OutcomeResult
	Detail string // why it was refused
	Tasks  []ID   // those in the way, as in Conflict
}

// OutcomeResult says it in a word.
type OutcomeResult string

// What can become of a task.
const (
	WasDone      OutcomeResult = "done"
	WasUnchanged OutcomeResult = "unchanged"
	WasRefused   OutcomeResult = "refused"
)

// errDryRun undoes a write that was only to be tried.
var errDryRun = errors.New("this was a dry run")

// Bulk does one thing to many tasks, and says of each in the result what became
// of it: in the order of the ids, each once, or of creation. What is refused
// for one task leaves the others alone. Tasks come before those that depend on
// them, so that a bulk may complete both. Faults if it is no bulk, or one of
// too many tasks; nothing is done then.
func (s *Service) Bulk(ctx context.Context, c Call, b Bulk) (Result, error) {
	e, err := b.edit()
	if err != nil {
		return Result{}, err
	}
	if b.DryRun {
		c.Once = nil
	}
	r, err := s.run(ctx, c, func(ctx context.Context, tx Tx, r *Result) error {
		ids, err := b.selected(ctx, tx, r.View)
		if err != nil {
			return err
		}
		if b.Action == BulkDelete {
			r.Outcomes, err = deleteEach(ctx, tx, ids)
		} else {
			r.Outcomes, err = s.changeEach(ctx, tx, r.View, ids, e)
		}
		if err == nil && b.DryRun {
			err = errDryRun
		}
		return err
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return r, err
}

// edit returns what is done to each task, with the faults of the bulk itself.
func (b *Bulk) edit() (e Edit, err error) {
	var faults Faults
	switch b.Action {
	case BulkComplete:
		e.Patch.Completed = Value(true)
	case BulkReopen:
		e.Patch.Completed = Value(false)
	case BulkArchive:
		e.Patch.Archived = Value(true)
	case BulkUpdate:
		e.Patch = b.Set
		faults = AsFaults(e.normalize()).Under("/set")
		if sets(b.Set) == 0 {
			faults.add("/set", errors.New("must say what to change"))
		}
	}
	b.IDs = unique(b.IDs)
	if len(b.IDs) > MaxBulk {
		faults.add("/ids", atMost(MaxBulk))
	}
	if (b.Filter == nil) == (len(b.IDs) == 0) {
		faults.add("", errors.New("must have either ids or a filter, and neither may be empty"))
	}
	return e, faults.err()
}

// sets counts the fields that a patch says something of.
func sets(p Patch) (n int) {
	for _, set := range [...]bool{
		p.Title.Set, p.Description.Set, p.Completed.Set, p.Priority.Set, p.Category.Set, p.Tags.Set, p.Due.Set,
		p.Reminders.Set, p.Recurrence.Set, p.ParentID.Set, p.DependsOn.Set, p.Order.Set, p.Archived.Set,
	} {
		if set {
			n++
		}
	}
	return n
}

func (b *Bulk) selected(ctx context.Context, tx Tx, v View) ([]ID, error) {
	if b.Filter == nil {
		return b.IDs, nil
	}
	ids, err := tx.Matching(ctx, v, *b.Filter, MaxBulk+1)
	if len(ids) > MaxBulk {
		return nil, Faults{{"/filter", fmt.Sprintf("admits more than %d tasks: narrow it", MaxBulk)}}
	}
	return ids, err
}

// changeEach changes tasks one after the other. Each is read anew: what was
// done before may have changed it too.
func (s *Service) changeEach(ctx context.Context, tx Tx, v View, ids []ID, e Edit) ([]Outcome, error) {
	order := ids
	if e.Patch.Completed.Value {
		found, err := find(ctx, tx, func(yield func(ID)) { forEach(ids, yield) })
		if err != nil {
			return nil, err
		}
		order = found.dependenciesFirst(ids)
	}
	became := map[ID]Outcome{}
	left := muchMore
	e.left = &left
	for _, id := range order {
		o, err := s.changeOne(ctx, tx, v, id, e)
		if err != nil {
			return nil, err
		}
		became[id] = o
	}
	outcomes := make([]Outcome, len(ids))
	for i, id := range ids {
		outcomes[i] = became[id]
	}
	return outcomes, nil
}

func (s *Service) changeOne(ctx context.Context, tx Tx, v View, id ID, e Edit) (Outcome, error) {
	old, err := one(ctx, tx, id, nil)
	var left []Task
	if err == nil {
		left, err = s.change(ctx, tx, v, old, e)
	}
	o := Outcome{ID: id, Result: WasDone}
	var conflict *Conflict
	var faults Faults
	switch {
	case errors.As(err, &conflict):
		o.Result, o.Detail, o.Tasks = WasRefused, conflict.Detail, conflict.Tasks
	case errors.As(err, &faults) || errors.Is(err, ErrNotFound):
		o.Result, o.Detail = WasRefused, err.Error()
	case err != nil:
		return o, err
	case left[0].Version == old.Version:
		o.Result = WasUnchanged
	}
	return o, nil
}

// dependenciesFirst returns the ids with each behind those that it depends on,
// else in their order.
func (r related) dependenciesFirst(ids []ID) []ID {
	ordered, seen, wanted := make([]ID, 0, len(ids)), map[ID]bool{}, map[ID]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	var visit func(ID)
	visit = func(id ID) {
		if !wanted[id] || seen[id] {
			return
		}
		seen[id] = true
		forEach(r[id].DependsOn, visit)
		ordered = append(ordered, id)
	}
	forEach(ids, visit)
	return ordered
}

// deleteEach deletes the tasks that are there, with their subtasks.
func deleteEach(ctx context.Context, tx Tx, ids []ID) ([]Outcome, error) {
	found, err := find(ctx, tx, func(yield func(ID)) { forEach(ids, yield) })
	if err != nil {
		return nil, err
	}
	outcomes := make([]Outcome, len(ids))
	var there []ID
	for i, id := range ids {
		if _, ok := found[id]; !ok {
			outcomes[i] = Outcome{ID: id, Result: WasRefused, Detail: ErrNotFound.Error()}
			continue
		}
		outcomes[i] = Outcome{ID: id, Result: WasDone}
		there = append(there, id)
	}
	if len(there) > 0 {
		_, err = tx.Delete(ctx, Selection{IDs: there}, false)
	}
	return outcomes, err
}

// latestMoment is after every change there has been, also one that the clock of
// another pod dates ahead.
var latestMoment = time.Date(lastYear, 1, 1, 0, 0, 0, 0, time.UTC)

// archivePage is how many tasks ArchiveCompleted reads at a time.
const archivePage = 500

// ArchiveCompleted archives all completed tasks, and counts them.
func (s *Service) ArchiveCompleted(ctx context.Context, c Call) (Result, error) {
	return s.run(ctx, c, func(ctx context.Context, tx Tx, r *Result) error {
		for {
			n, err := archiveUnchanged(ctx, tx, r.View.Now, latestMoment, archivePage)
			r.Count += n
			if err != nil || n < archivePage {
				return err
			}
		}
	})
}
