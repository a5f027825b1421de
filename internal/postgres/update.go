package postgres

import (
	"slices"

	"todo-app/internal/task"
)

// updateTask writes a task and its event. It sets every column: the owner's
// lock has been held since the task was read, so there is no other writer
// whose fields it could lose.
const updateTask = `
with updated as (
  update tasks set
    title_key = $2,
    version = $4,
    created_at = $5,
    updated_at = $6,
    title = $7,
    description = $8,
    completed_at = $9,
    priority = $10,
    category = $11,
    tags = $12,
    due_at = $13,
    due_all_day = $14,
    reminders = $15,
    recurrence_rule = $16,
    recurrence_from = $17,
    recurrence_skip_if_open = $18,
    parent_id = $19,
    depends_on = $20,
    position = $21,
    archived_at = $22,
    recurrence_anchor = $23,
    recurrence_at = $24,
    recurrence_all_day = $25,
    next_id = $26,
    operation = $27,
    open_dependencies = $28
  where owner_id = $1
    and id = $3
  returning *
)
insert into outbox (owner_id, generation, seq, change, at, trace, task)
select $1, $29, $30, $31, $32, $33, to_jsonb(updated)
from updated`

// reindexTerms makes the task's terms those in $3.
const reindexTerms = `
with gone as (
  delete from task_terms
  where owner_id = $1
    and task_id = $2
    and term <> all ($3::text[])
)
insert into task_terms (owner_id, task_id, term)
select $1, $2, unnest($3::text[])
on conflict do nothing`

// retag makes the task's tags those in $6 and their state that in $7.
const retag = `
with gone as (
  delete from task_tags
  where owner_id = $1
    and tag = any($4::text[])
    and state = $5
    and created_at = $3
    and task_id = $2
    and (tag <> all ($6::text[]) or state <> $7)
)
insert into task_tags (owner_id, tag, state, created_at, task_id)
select $1, unnest($6::text[]), $7, $3, $2
on conflict do nothing`

// relink makes the task's dependencies those in $3.
const relink = `
with gone as (
  delete from task_dependencies
  where owner_id = $1
    and task_id = $2
    and depends_on_id <> all ($3::uuid[])
)
insert into task_dependencies (owner_id, task_id, depends_on_id)
select $1, $2, unnest($3::uuid[])
on conflict do nothing`

// Replace implements task.Tx.
func (t *tx) Replace(old, new task.Task) {
	new.Operation = t.owner.Generation.Count
	t.replace(old, new)
	t.note(task.ChangeOf(old, new), new)
	parents, targets := moved(old, new)
	if len(parents) > 0 || len(targets) > 0 {
		t.recount(parents, targets)
	}
}

// moved returns the tasks in whose counters a change shows: as parents, and as
// those that depend on some.
func moved(old, new task.Task) (parents, targets []task.ID) {
	if old.ParentID != new.ParentID || old.Completed() != new.Completed() {
		parents = relatives(old, new)
	}
	if old.Completed() != new.Completed() {
		targets = []task.ID{new.ID}
	}
	return parents, targets
}

// replace changes a task, and what belongs to it alone.
func (t *tx) replace(old, new task.Task) {
	args := append([]any{t.write.Owner, titleKey(new.Title)}, values(new)...)
	args = append(args, t.owner.Generation.Count, t.nextSeq(), string(task.ChangeOf(old, new)), t.write.At, t.write.Trace)
	t.queue(updateTask, args...)
	t.follow(old, new)
}

// follow has what belongs to a task alone follow a change of it.
func (t *tx) follow(old, new task.Task) {
	if old.Title != new.Title || old.Description != new.Description || !slices.Equal(old.Tags, new.Tags) {
		t.queue(reindexTerms, t.write.Owner, uuid(new.ID), terms(new))
	}
	if !slices.Equal(old.Tags, new.Tags) || old.State() != new.State() && len(new.Tags) > 0 {
		t.queue(retag, t.write.Owner, uuid(new.ID), old.CreatedAt,
			texts[string](orEmpty(old.Tags)), int16(old.State()), texts[string](orEmpty(new.Tags)), int16(new.State()))
	}
	if !slices.Equal(old.DependsOn, new.DependsOn) {
		t.queue(relink, t.write.Owner, uuid(new.ID), uuids(orEmpty(new.DependsOn)))
	}
	t.remind(new.ID, old.Alarms(t.zone()), new.Alarms(t.zone()))
	if old.State() != new.State() {
		t.move(old.State(), -1)
		t.move(new.State(), 1)
	}
}
