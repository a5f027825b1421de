package postgres

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/task"
)

// maxTitles is how many titles a step is known by.
const maxTitles = 2

// telling orders what a write may do by how much it tells of the step.
var telling = []task.Action{
	task.Action(task.Updated), task.Action(task.Created), task.Action(task.Archived), task.Action(task.Reopened),
	task.Action(task.Completed), task.Action(task.Deleted), task.ActedOnTemplate, task.ActedOnSettings, task.ActRedone, task.ActUndone,
}

// note has a change of a task be part of the step.
func (t *tx) note(c task.Change, of task.Task) { t.did(task.Action(c), 1, of.Title) }

// did has something be part of the step.
func (t *tx) did(a task.Action, tasks int, titles ...string) {
	o := &t.step
	if slices.Index(telling, a) > slices.Index(telling, o.Action) {
		o.Action = a
	}
	o.Tasks += tasks
	o.Titles = append(o.Titles, titles[:min(len(titles), maxTitles-len(o.Titles))]...)
}

// settings returns the owner's as this write has left them so far.
func (t *tx) settings() task.OwnersSettings {
	if t.beside.Settings == nil {
		o := t.owner
		was := task.OwnersSettings{Zone: o.Zone, AutoArchiveDays: o.AutoArchiveDays, Operation: o.SettingsOperation}
		t.beside.Settings = &[2]task.OwnersSettings{was, was}
		t.beside.Settings[1].Operation = o.Generation.Count
	}
	return t.beside.Settings[1]
}

const setSettingsOperation = `
update owners
set settings_operation = $2
where owner_id = $1`

// setSettings has a change of the settings be part of the step.
func (t *tx) setSettings(s task.OwnersSettings) {
	t.beside.Settings[1] = s
	t.queue(setSettingsOperation, t.write.Owner, s.Operation)
	t.did(task.ActedOnSettings, 0)
}

// RestoreSettings implements task.Tx.
func (t *tx) RestoreSettings(s task.OwnersSettings) {
	present := t.settings()
	if s.Zone != present.Zone {
		t.SetZone(s.Zone)
	}
	if s.AutoArchiveDays != present.AutoArchiveDays {
		t.SetAutoArchive(s.AutoArchiveDays)
	}
	t.setSettings(s)
}

const insertOperation = `
insert into operations (owner_id, operation, at, actor, action, tasks, titles, beside, undoes)
values ($1, $2, $3, $4, $5, $6, $7, $8, nullif($9::bigint, 0))`

const setUndone = `
update operations
set undone_by = nullif($3::bigint, 0)
where owner_id = $1
  and operation = $2`

// forgetEvery is how many writes pass between two that remove steps which are
// too many to be undone.
const forgetEvery = 64

// forgetSteps removes steps behind the last so many.
const forgetSteps = `
delete from operations
where owner_id = $1
  and operation <= (
    select operation
    from operations
    where owner_id = $1
      and undoes is null
    order by operation desc
    limit 1
    offset $2)`

// noteStep leaves the step that this write was, if it can be undone.
func (t *tx) noteStep() {
	o := &t.step
	if o.Action == "" {
		return
	}
	t.identify(o)
	var beside any
	if t.beside != (task.Beside{}) {
		data, err := json.Marshal(t.beside)
		if err != nil {
			data = []byte("{}") // cannot happen: strings, numbers and times of four-digit years
		}
		beside = string(data)
	}
	t.batch.Queue(insertOperation, t.write.Owner, o.ID, o.At, o.Actor, string(o.Action), o.Tasks, texts[string](orEmpty(o.Titles)), beside, o.Undoes)
	if o.ID%forgetEvery == 0 {
		t.batch.Queue(forgetSteps, t.write.Owner, task.MaxUndo)
	}
}

// identify says when who did what is done here.
func (t *tx) identify(o *task.Operation) {
	o.ID, o.At, o.Actor = t.owner.Generation.Count, t.write.At, t.write.Actor
	if o.Actor == "" {
		o.Actor = t.write.Owner
	}
}

// Reversed implements task.Tx.
func (t *tx) Reversed(step task.Operation, redo bool) task.Operation {
	o := &t.step
	*o = task.Operation{Action: task.ActUndone, Tasks: step.Tasks, Titles: step.Titles, Undoes: step.ID}
	t.identify(o)
	undoneBy := o.ID
	if redo {
		o.Action, undoneBy = task.ActRedone, 0
	}
	t.queue(setUndone, t.write.Owner, step.ID, undoneBy)
	return *o
}

const findOperations = `
select
  operation,
  at,
  actor,
  action,
  tasks,
  titles,
  coalesce(undone_by, 0)
from operations
where owner_id = $1
  and undoes is null
  and at > $2
order by operation desc
limit $3`

func scanOperation(row pgx.CollectableRow) (o task.Operation, err error) {
	err = row.Scan(&o.ID, (*moment)(&o.At), &o.Actor, (*string)(&o.Action), &o.Tasks, (*texts[string])(&o.Titles), &o.UndoneBy)
	return o, err
}

// Operations implements task.Store.
func (s *Store) Operations(ctx context.Context, owner string, since time.Time) (found []task.Operation, err error) {
	err = s.read(ctx, actAs, owner, findOperations, []any{owner, since, task.MaxUndo}, func(rows pgx.Rows) (err error) {
		found, err = pgx.CollectRows(rows, scanOperation)
		return err
	})
	return found, translate("reading operations", err)
}

// Operations implements task.Tx.
func (t *tx) Operations(ctx context.Context, since time.Time) (found []task.Operation, err error) {
	err = t.query(ctx, findOperations, []any{t.write.Owner, since, task.MaxUndo}, func(rows pgx.Rows) (err error) {
		found, err = pgx.CollectRows(rows, scanOperation)
		return err
	})
	return found, err
}
