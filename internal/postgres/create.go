package postgres

import (
	"slices"

	"todo-app/internal/task"
)

// insertTask adds a task with its terms, its tags, its dependencies and its
// event.
const insertTask = `
with inserted as (
  insert into tasks (
    owner_id, title_key,` + taskColumns + `
  ) values (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, 0, 0
  )
  returning *
), termed as (
  insert into task_terms (owner_id, task_id, term)
  select $1, $3, unnest($29::text[])
), tagged as (
  insert into task_tags (owner_id, tag, state, created_at, task_id)
  select $1, unnest($12::text[]), $35, $5, $3
), linked as (
  insert into task_dependencies (owner_id, task_id, depends_on_id)
  select $1, $3, unnest($20::uuid[])
)
insert into outbox (owner_id, generation, seq, change, at, trace, task)
select $1, $30, $31, $32, $33, $34, to_jsonb(inserted)
from inserted`

// Insert implements task.Tx.
func (t *tx) Insert(tasks []task.Task) {
	tasks = slices.Clone(tasks)
	for i := range tasks {
		tasks[i].Operation = t.owner.Generation.Count
		t.note(task.Created, tasks[i])
	}
	if len(tasks) == 1 {
		t.insert(tasks[0])
	} else {
		t.insertAll(tasks)
	}
	t.hasten(tasks)
	if parents := relatives(tasks...); len(parents) > 0 {
		t.recount(parents, nil)
	}
}

// insert adds a task whose counters are those that it has.
func (t *tx) insert(n task.Task) {
	args := append([]any{t.write.Owner, titleKey(n.Title)}, values(n)...)
	args = append(args, terms(n), t.owner.Generation.Count, t.nextSeq(), string(task.Created), t.write.At, t.write.Trace, int16(n.State()))
	t.queue(insertTask, args...)
	t.move(n.State(), 1)
	t.remind(n.ID, nil, n.Alarms(t.zone()))
}

// values returns a task's columns in the order of taskColumns, up to and
// with open_dependencies; the subtask counters are recount's.
func values(n task.Task) []any {
	return []any{
		uuid(n.ID),
		n.Version,
		n.CreatedAt,
		n.UpdatedAt,
		n.Title,
		n.Description,
		nullable(n.CompletedAt),
		int16(n.Priority),
		n.Category,
		texts[string](orEmpty(n.Tags)),
		orInfinity(n.Due.At),
		n.Due.AllDay,
		texts[task.Reminder](orEmpty(n.Reminders)),
		n.Recurrence.Rule,
		string(n.Recurrence.From),
		n.Recurrence.SkipIfOpen,
		uuid(n.ParentID),
		uuids(orEmpty(n.DependsOn)),
		n.Order,
		nullable(n.ArchivedAt),
		nullable(n.Anchor.At),
		nullable(n.Occurrence.At),
		n.Anchor.AllDay,
		uuid(n.NextID),
		n.Operation,
		n.OpenDependencies,
	}
}
