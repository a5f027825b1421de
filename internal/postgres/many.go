package postgres

import (
	"encoding/json"
	"slices"
	"time"

	"todo-app/internal/task"
)

// A write of very many tasks takes few statements, as each moves the numbers of
// the reports: a row that one transaction changes again and again gets slower
// with each time, because none of its versions can go before the commit.

// rowOf returns a task's row in the form of to_jsonb, in which
// jsonb_populate_recordset reads it.
func rowOf(t task.Task) map[string]any {
	return map[string]any{
		"id": t.ID, "title_key": titleKey(t.Title), "version": t.Version, "created_at": t.CreatedAt, "updated_at": t.UpdatedAt,
		"title": t.Title, "description": t.Description, "completed_at": orNull(t.CompletedAt), "priority": t.Priority, "category": t.Category,
		"tags": orEmpty(t.Tags), "due_at": orNever(t.Due.At), "due_all_day": t.Due.AllDay, "reminders": orEmpty(t.Reminders),
		"recurrence_rule": t.Recurrence.Rule, "recurrence_from": t.Recurrence.From, "recurrence_skip_if_open": t.Recurrence.SkipIfOpen,
		"parent_id": idOrNull(t.ParentID), "depends_on": orEmpty(t.DependsOn), "position": t.Order, "archived_at": orNull(t.ArchivedAt),
		"recurrence_anchor": orNull(t.Anchor.At), "recurrence_at": orNull(t.Occurrence.At), "recurrence_all_day": t.Anchor.AllDay,
		"next_id": idOrNull(t.NextID), "operation": t.Operation, "open_dependencies": t.OpenDependencies,
		"subtasks_total": 0, "subtasks_completed": 0, // recount's
	}
}

func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

func idOrNull(id task.ID) any {
	if id.IsZero() {
		return nil
	}
	return id
}

func orNever(t time.Time) any {
	if t.IsZero() {
		return "infinity"
	}
	return t
}

func rowsOf(tasks []task.Task) string {
	rows := make([]map[string]any, len(tasks))
	for i, t := range tasks {
		rows[i] = rowOf(t)
	}
	data, err := json.Marshal(rows)
	if err != nil {
		data = nil // cannot happen: strings, numbers, and times of four-digit years
	}
	return string(data)
}

// insertTasks is insertTask for many.
const insertTasks = `
with given as materialized (
  select *
  from jsonb_populate_recordset(null::tasks, $2)
), inserted as (
  insert into tasks (
    owner_id, title_key,` + taskColumns + `
  )
  select
    $1, title_key,` + taskColumns + `
  from given
  returning *
), termed as (
  insert into task_terms (owner_id, task_id, term)
  select $1, w.task_id, w.term
  from unnest($3::uuid[], $4::text[]) as w (task_id, term)
), tagged as (
  insert into task_tags (owner_id, tag, state, created_at, task_id)
  select $1, unnest(tags), state, created_at, id
  from inserted
), linked as (
  insert into task_dependencies (owner_id, task_id, depends_on_id)
  select $1, id, unnest(depends_on)
  from inserted
)
insert into outbox (owner_id, generation, seq, change, at, trace, task)
select $1, $5, $6 + row_number() over (order by id), $7, $8, $9, to_jsonb(inserted)
from inserted`

// insertAll is insert for many.
func (t *tx) insertAll(tasks []task.Task) {
	if len(tasks) == 0 {
		return
	}
	var ids uuids
	var words []string
	var alarms []taskAlarm
	for _, n := range tasks {
		for _, word := range terms(n) {
			ids, words = append(ids, n.ID), append(words, word)
		}
		t.move(n.State(), 1)
		for _, a := range t.ahead(n.Alarms(t.zone())) {
			alarms = append(alarms, taskAlarm{n.ID, a})
		}
	}
	t.queue(insertTasks, t.write.Owner, rowsOf(tasks), orEmpty(ids), orEmpty(words),
		t.owner.Generation.Count, t.seq, string(task.Created), t.write.At, t.write.Trace)
	t.seq += len(tasks)
	if len(alarms) > 0 {
		ids, at, words := unzip(alarms)
		t.queue(setAllAlarms, t.write.Owner, ids, at, words)
	}
}

// setAllAlarms is setAlarms for many tasks.
const setAllAlarms = `
insert into reminders (owner_id, task_id, at, reminder)
select $1, a.task_id, a.at, a.reminder
from unnest($2::uuid[], $3::timestamptz[], $4::text[]) as a (task_id, at, reminder)
on conflict do nothing`

// updateTasks is updateTask for many; $3 and $4 say what the change of each is.
const updateTasks = `
with updated as (
  update tasks t set
    title_key = g.title_key,
    version = g.version,
    created_at = g.created_at,
    updated_at = g.updated_at,
    title = g.title,
    description = g.description,
    completed_at = g.completed_at,
    priority = g.priority,
    category = g.category,
    tags = g.tags,
    due_at = g.due_at,
    due_all_day = g.due_all_day,
    reminders = g.reminders,
    recurrence_rule = g.recurrence_rule,
    recurrence_from = g.recurrence_from,
    recurrence_skip_if_open = g.recurrence_skip_if_open,
    parent_id = g.parent_id,
    depends_on = g.depends_on,
    position = g.position,
    archived_at = g.archived_at,
    recurrence_anchor = g.recurrence_anchor,
    recurrence_at = g.recurrence_at,
    recurrence_all_day = g.recurrence_all_day,
    next_id = g.next_id,
    operation = g.operation,
    open_dependencies = g.open_dependencies
  from jsonb_populate_recordset(null::tasks, $2) g
  where t.owner_id = $1
    and t.id = g.id
  returning t.*
)
insert into outbox (owner_id, generation, seq, change, at, trace, task)
select $1, $5, $6 + row_number() over (order by updated.id), c.change, $7, $8, to_jsonb(updated)
from updated
join unnest($3::uuid[], $4::text[]) as c (id, change) on c.id = updated.id`

// replaceAll is replace for many.
func (t *tx) replaceAll(old, new []task.Task) {
	if len(new) == 0 {
		return
	}
	var ids uuids
	var changes []string
	for i, n := range new {
		ids, changes = append(ids, n.ID), append(changes, string(task.ChangeOf(old[i], n)))
	}
	t.planAnew()
	t.queue(updateTasks, t.write.Owner, rowsOf(new), ids, changes, t.owner.Generation.Count, t.seq, t.write.At, t.write.Trace)
	t.seq += len(new)
	for i, n := range new {
		t.follow(old[i], n)
	}
}

// ReplaceAll implements task.Tx.
func (t *tx) ReplaceAll(old, new []task.Task) {
	var parents, targets []task.ID
	new = slices.Clone(new)
	for i := range new {
		new[i].Operation = t.owner.Generation.Count
		t.note(task.ChangeOf(old[i], new[i]), new[i])
		p, q := moved(old[i], new[i])
		parents, targets = append(parents, p...), append(targets, q...)
	}
	t.replaceAll(old, new)
	if len(parents) > 0 || len(targets) > 0 {
		t.recount(parents, targets)
	}
}
