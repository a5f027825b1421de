package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/task"
)

const touched = `
select distinct task_id
from changes
where owner_id = $1
  and generation = $2
order by task_id`

// Touched implements task.Tx.
func (t *tx) Touched(ctx context.Context, operation int64) ([]task.ID, error) {
	return t.ids(ctx, touched, t.write.Owner, operation)
}

// ids reads a column of ids.
func (t *tx) ids(ctx context.Context, sql string, args ...any) (found []task.ID, err error) {
	err = t.query(ctx, sql, args, func(rows pgx.Rows) error {
		var id task.ID
		_, err := pgx.ForEachRow(rows, []any{(*uuid)(&id)}, func() error {
			found = append(found, id)
			return nil
		})
		return err
	})
	return found, err
}

// footprints reads what the first record of an operation found of each task,
// what the last left, and the task as it is now.
const footprints = `
select
  first.before,
  last.after,` + taskColumns + `
from unnest($3::uuid[]) as wanted (task_id)
cross join lateral (
  select case when c.before is null then null when c.after is null then c.before else c.after || c.before end as before
  from changes c
  where c.owner_id = $1
    and c.task_id = wanted.task_id
    and c.generation = $2
  order by c.seq
  limit 1) first
cross join lateral (
  select c.after
  from changes c
  where c.owner_id = $1
    and c.task_id = wanted.task_id
    and c.generation = $2
  order by c.seq desc
  limit 1) last
left join tasks t on t.owner_id = $1 and t.id = wanted.task_id`

// Footprints implements task.Tx.
func (t *tx) Footprints(ctx context.Context, operation int64, ids []task.ID) (prints []task.Footprint, err error) {
	err = t.query(ctx, footprints, []any{t.write.Owner, operation, uuids(ids)}, func(rows pgx.Rows) error {
		for rows.Next() {
			var before, after []byte
			var now task.Task
			if err := scanFound(rows, append([]any{&before, &after}, fields(&now)...), 2); err != nil {
				return err
			}
			f := task.Footprint{Now: &now}
			if now.ID.IsZero() {
				f.Now = nil
			}
			var beforeErr, afterErr error
			f.Before, beforeErr = taskIn(before)
			f.After, afterErr = taskIn(after)
			if err := errors.Join(beforeErr, afterErr); err != nil {
				return err
			}
			prints = append(prints, f)
		}
		return rows.Err()
	})
	return prints, err
}

// taskIn is taskOf where there may be none.
func taskIn(data []byte) (*task.Task, error) {
	if data == nil {
		return nil, nil
	}
	t, err := taskOf(data)
	return &t, err
}

const besideOf = `
select coalesce(beside, '{}')
from operations
where owner_id = $1
  and operation = $2`

// Beside implements task.Tx.
func (t *tx) Beside(ctx context.Context, operation int64) (b task.Beside, err error) {
	err = t.query(ctx, besideOf, []any{t.write.Owner, operation}, func(rows pgx.Rows) (err error) {
		b, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[task.Beside])
		return err
	})
	return b, err
}

// restoring is what an undo has put back so far.
type restoring struct {
	begun   bool
	touched map[task.ID]bool
	parents []task.ID // of what was put back, and of what is there no more
	needing []task.ID // that refer to what is there no more
}

// deferRelations lets tasks come and go in any order until the commit.
const deferRelations = `set constraints tasks_parent, dependencies_task, dependencies_target deferred`

// Restore implements task.Tx.
func (t *tx) Restore(ctx context.Context, prints []task.Footprint) error {
	r := &t.restoring
	if !r.begun {
		t.batch.Queue(deferRelations)
		r.begun, r.touched = true, map[task.ID]bool{}
	}
	var gone []task.ID
	var came, old, new []task.Task
	for _, f := range prints {
		switch {
		case f.Before != nil && f.Now != nil:
			old, new = append(old, *f.Now), append(new, *f.Before)
			r.parents = append(r.parents, relatives(*f.Now, *f.Before)...)
			r.touched[f.Before.ID] = true
		case f.Before != nil:
			came = append(came, *f.Before)
			r.parents = append(r.parents, relatives(*f.Before)...)
			r.touched[f.Before.ID] = true
		case f.Now != nil:
			gone = append(gone, f.Now.ID)
			r.parents = append(r.parents, relatives(*f.Now)...)
			r.touched[f.Now.ID] = true
		}
	}
	t.insertAll(came)
	t.replaceAll(old, new)
	if len(gone) == 0 {
		return t.flush(ctx)
	}
	return t.remove(ctx, gone)
}

// removeTasks removes tasks and what belongs to them, and nothing else. It
// returns how many of each state are gone, and which tasks refer to them.
const removeTasks = `
with removed as (
  delete from tasks
  where owner_id = $1
    and id = any($2::uuid[])
  returning *
), untermed as (
  delete from task_terms
  where owner_id = $1
    and task_id = any($2)
), unreminded as (
  delete from reminders
  where owner_id = $1
    and task_id = any($2)
), untagged as (
  delete from task_tags
  where owner_id = $1
    and (tag, state, created_at, task_id) in (select unnest(tags), state, created_at, id from removed)
), written as (
  insert into outbox (owner_id, generation, seq, change, at, trace, task)
  select $1, $3, $4 + row_number() over (order by id), $5, $6, $7, to_jsonb(removed)
  from removed
)
select
  (select count(*) from removed where state = 0),
  (select count(*) from removed where state = 1),
  (select count(*) from removed where state >= 2),
  array(select d.task_id from task_dependencies d where d.owner_id = $1 and d.depends_on_id = any($2)
        union
        select s.id from tasks s where s.owner_id = $1 and s.parent_id = any($2))`

func (t *tx) remove(ctx context.Context, ids []task.ID) error {
	var gone [3]int64
	var needing uuids
	args := []any{t.write.Owner, uuids(ids), t.owner.Generation.Count, t.seq, string(task.Deleted), t.write.At, t.write.Trace}
	t.changed = true
	t.planAnew()
	err := t.query(ctx, removeTasks, args, func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&gone[0], &gone[1], &gone[2], &needing}, func() error { return nil })
		return err
	})
	t.seq += len(ids)
	for i, n := range gone {
		t.moved[i] -= n
	}
	t.restoring.needing = append(t.restoring.needing, needing...)
	return err
}

// breaches finds tasks that are not as the rules between tasks have it, among
// those in $2 and those that refer to them or are referred to.
const breaches = `
select
  'parent',
  t.id
from unnest($2::uuid[]) as touched (id)
join tasks t on t.owner_id = $1 and t.id = touched.id
left join tasks p on p.owner_id = $1 and p.id = t.parent_id
where t.parent_id is not null
  and (p.id is null or p.parent_id is not null)
union all
select
  'subtask',
  p.id
from unnest($2::uuid[]) as touched (id)
join tasks p on p.owner_id = $1 and p.id = touched.id
where p.parent_id is not null
  and exists (select from tasks s where s.owner_id = $1 and s.parent_id = p.id)
union all
select
  'dependency',
  d.task_id
from unnest($2::uuid[]) as touched (id)
join task_dependencies d on d.owner_id = $1 and d.task_id = touched.id
where not exists (select from tasks target where target.owner_id = $1 and target.id = d.depends_on_id)
union all
select
  'crowded',
  p.id
from unnest($3::uuid[]) as parents (id)
join tasks p on p.owner_id = $1 and p.id = parents.id
where p.subtasks_total > $4
limit $5`

var breachOf = map[string]task.Breach{
	"parent": task.BreachParent, "subtask": task.BreachSubtask, "dependency": task.BreachDependency, "crowded": task.BreachCrowded,
}

// maxBreaches bounds how many tasks are named.
const maxBreaches = 50

// Settle implements task.Tx.
func (t *tx) Settle(ctx context.Context) (b task.Breach, found []task.ID, err error) {
	r := &t.restoring
	for _, id := range r.needing {
		if !r.touched[id] {
			found = append(found, id)
		}
	}
	if len(found) > 0 {
		return task.BreachNeeded, found, nil
	}
	all := make([]task.ID, 0, len(r.touched))
	for id := range r.touched {
		all = append(all, id)
	}
	t.recount(append(r.parents, all...), all)
	t.planAnew()
	err = t.query(ctx, breaches, []any{t.write.Owner, uuids(all), uuids(r.parents), task.MaxSubtasks, maxBreaches}, func(rows pgx.Rows) error {
		var what string
		var id task.ID
		_, err := pgx.ForEachRow(rows, []any{&what, (*uuid)(&id)}, func() error {
			if b == "" {
				b = breachOf[what]
			}
			if breachOf[what] == b {
				found = append(found, id)
			}
			return nil
		})
		return err
	})
	return b, found, err
}

const dependenciesOf = `
with recursive reached (id) as (
  select unnest($2::uuid[])
  union
  select d.depends_on_id
  from reached r
  join task_dependencies d on d.owner_id = $1 and d.task_id = r.id
)
select
  d.task_id,
  d.depends_on_id
from reached r
join task_dependencies d on d.owner_id = $1 and d.task_id = r.id`

// Dependencies implements task.Tx.
func (t *tx) Dependencies(ctx context.Context, of []task.ID) (task.Edges, error) {
	edges := task.Edges{}
	t.planAnew()
	err := t.query(ctx, dependenciesOf, []any{t.write.Owner, uuids(of)}, func(rows pgx.Rows) error {
		var from, to task.ID
		_, err := pgx.ForEachRow(rows, []any{(*uuid)(&from), (*uuid)(&to)}, func() error {
			edges[from] = append(edges[from], to)
			return nil
		})
		return err
	})
	return edges, err
}
