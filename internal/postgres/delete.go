package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/task"
)

// deleteTasks removes the tasks selected by one of $2 (ids), $3 (completed and
// not archived, as lists have them) and $4 (all), with their subtasks unless $5 promotes those. Tasks that lose
// a dependency or a parent have changed: a new version, and an event of
// their own before those of the tasks that are gone. It returns how many
// tasks of each state are gone, and whose counters are to be taken anew.
const deleteTasks = `
with selected as materialized (
  select id
  from tasks
  where owner_id = $1
    and (id = any($2::uuid[]) or ($3 and completed_at is not null and archived_at is null) or $4)
), gone as materialized (
  select id from selected
  union
  select s.id
  from selected
  join tasks s on s.owner_id = $1 and s.parent_id = selected.id
  where not $5
), freed as (
  update tasks t set
    version = version + 1,
    updated_at = greatest(updated_at, $6),
    operation = $9,
    depends_on = array(select u.id from unnest(t.depends_on) with ordinality u (id, n)
                       where u.id not in (select id from gone) order by u.n),
    parent_id = case when t.parent_id in (select id from gone) then null else t.parent_id end
  where owner_id = $1
    and id not in (select id from gone)
    and id in (
      select d.task_id from gone join task_dependencies d on d.owner_id = $1 and d.depends_on_id = gone.id
      union
      select s.id from gone join tasks s on s.owner_id = $1 and s.parent_id = gone.id
    )
  returning t.*
), removed as (
  delete from tasks
  where owner_id = $1
    and id in (select id from gone)
  returning *
), untermed as (
  delete from task_terms
  where owner_id = $1
    and task_id in (select id from gone)
), unreminded as (
  delete from reminders
  where owner_id = $1
    and task_id in (select id from gone)
), untagged as (
  delete from task_tags
  where owner_id = $1
    and (tag, state, created_at, task_id) in (select unnest(tags), state, created_at, id from removed)
), events as (
  select 0 as rank, $7::text as change, to_jsonb(freed) as task, id from freed
  union all
  select 1, $8::text, to_jsonb(removed), id from removed
), written as (
  insert into outbox (owner_id, generation, seq, change, at, trace, task)
  select $1, $9, $10 + row_number() over (order by rank, id), change, $6, $11, task
  from events
)
select
  (select count(*) from removed where state = 0),
  (select count(*) from removed where state = 1),
  (select count(*) from removed where state >= 2),
  (select count(*) from events),
  array(select title from removed order by created_at, id limit $12),
  array(select id from freed
        union
        select parent_id from removed where parent_id is not null and parent_id not in (select id from gone))`

// Delete implements task.Tx.
func (t *tx) Delete(ctx context.Context, s task.Selection, promote bool) (int, error) {
	var gone [3]int64
	var events int
	var titles texts[string]
	var recounted uuids
	args := []any{
		t.write.Owner, uuids(s.IDs), s.Completed, s.All, promote, t.write.At,
		string(task.Updated), string(task.Deleted), t.owner.Generation.Count, t.seq, t.write.Trace, maxTitles,
	}
	t.planAnew()
	err := t.query(ctx, deleteTasks, args, func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&gone[0], &gone[1], &gone[2], &events, &titles, &recounted}, func() error { return nil })
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("deleting tasks: %w", err)
	}
	t.seq += events
	if events > 0 {
		t.changed = true
		t.did(task.Action(task.Deleted), int(gone[0]+gone[1]+gone[2]), titles...)
	}
	for i, n := range gone {
		t.moved[i] -= n
	}
	if len(recounted) > 0 {
		t.recount(recounted, nil)
	}
	return int(gone[0] + gone[1] + gone[2]), nil
}
