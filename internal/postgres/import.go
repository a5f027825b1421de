package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/task"
)

// findImported leaves out records whose tasks are gone: those may come again.
// Like findTasks it looks for one record at a time.
const findImported = `
select
  i.source,
  i.task_id
from unnest($2::text[]) as wanted (source)
cross join lateral (
  select
    source,
    task_id
  from imports
  where owner_id = $1
    and source = wanted.source
  limit 1) i
cross join lateral (
  select
  from tasks
  where owner_id = $1
    and id = i.task_id
  limit 1) t`

// Imported implements task.Tx.
func (t *tx) Imported(ctx context.Context, sources []string) (map[string]task.ID, error) {
	found := map[string]task.ID{}
	err := t.query(ctx, findImported, []any{t.write.Owner, sources}, func(rows pgx.Rows) error {
		var source string
		var id task.ID
		_, err := pgx.ForEachRow(rows, []any{&source, (*uuid)(&id)}, func() error {
			found[source] = id
			return nil
		})
		return err
	})
	return found, err
}

const setImported = `
insert into imports (owner_id, source, task_id)
select $1, unnest($2::text[]), unnest($3::uuid[])
on conflict (owner_id, source) do update set
  task_id = excluded.task_id`

// SetImported implements task.Tx.
func (t *tx) SetImported(tasks map[string]task.ID) {
	sources, ids := make([]string, 0, len(tasks)), make(uuids, 0, len(tasks))
	for source, id := range tasks {
		sources, ids = append(sources, source), append(ids, id)
	}
	t.queue(setImported, t.write.Owner, sources, ids)
}
