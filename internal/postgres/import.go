package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/task"
)

// findImported leaves out records whose tasks are gone: those may come again.
const findImported = `
select
  i.source,
  i.task_id
from imports i
join tasks t on t.owner_id = i.owner_id and t.id = i.task_id
where i.owner_id = $1
  and i.source = any($2)`

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
