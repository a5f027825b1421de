package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/task"
)

// templateColumns are the columns of a template in the order in which
// scanTemplate scans them.
const templateColumns = `
  name,
  version,
  created_at,
  updated_at,
  operation,
  sketch`

func scanTemplate(row pgx.CollectableRow) (t task.Template, err error) {
	return t, row.Scan(&t.Name, &t.Version, (*moment)(&t.CreatedAt), (*moment)(&t.UpdatedAt), &t.Operation, &t.Sketch)
}

const findTemplates = `
select ` + templateColumns + `
from templates
where owner_id = $1
  and name > $2
order by name
limit $3`

// Templates implements task.Store.
func (s *Store) Templates(ctx context.Context, owner, after string, most int) (found []task.Template, err error) {
	err = s.read(ctx, actAs, owner, findTemplates, []any{owner, after, most}, func(rows pgx.Rows) (err error) {
		found, err = pgx.CollectRows(rows, scanTemplate)
		return err
	})
	return found, translate("reading templates", err)
}

const findTemplate = `
select ` + templateColumns + `
from templates
where owner_id = $1
  and name = $2`

// Template implements task.Store.
func (s *Store) Template(ctx context.Context, owner, name string) (t task.Template, err error) {
	err = s.read(ctx, actAs, owner, findTemplate, []any{owner, name}, func(rows pgx.Rows) (err error) {
		t, err = pgx.CollectExactlyOneRow(rows, scanTemplate)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return task.Template{}, task.ErrNoTemplate
	}
	return t, translate("reading a template", err)
}

// Template implements task.Tx.
func (t *tx) Template(ctx context.Context, name string) (found *task.Template, err error) {
	err = t.query(ctx, findTemplate, []any{t.write.Owner, name}, func(rows pgx.Rows) error {
		list, err := pgx.CollectRows(rows, scanTemplate)
		for i := range list {
			found = &list[i]
		}
		return err
	})
	return found, err
}

const countTemplates = `
select count(*)
from templates
where owner_id = $1`

// CountTemplates implements task.Tx.
func (t *tx) CountTemplates(ctx context.Context) (n int, err error) {
	err = t.query(ctx, countTemplates, []any{t.write.Owner}, func(rows pgx.Rows) (err error) {
		n, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
		return err
	})
	return n, err
}

const putTemplate = `
insert into templates (owner_id, name, version, created_at, updated_at, operation, sketch)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (owner_id, name) do update set
  version = excluded.version,
  updated_at = excluded.updated_at,
  operation = excluded.operation,
  sketch = excluded.sketch`

const deleteTemplate = `
delete from templates
where owner_id = $1
  and name = $2`

// SetTemplate implements task.Tx.
func (t *tx) SetTemplate(old, new *task.Template) {
	if new != nil {
		new.Operation = t.owner.Generation.Count
	}
	t.RestoreTemplate(old, new)
	named := new
	if named == nil {
		named = old
	}
	t.did(task.ActedOnTemplate, 0, named.Name)
}

// RestoreTemplate implements task.Tx.
func (t *tx) RestoreTemplate(old, new *task.Template) {
	t.beside.Template = &[2]*task.Template{old, new}
	if new == nil {
		t.queue(deleteTemplate, t.write.Owner, old.Name)
		return
	}
	t.queue(putTemplate, t.write.Owner, new.Name, new.Version, new.CreatedAt, new.UpdatedAt, new.Operation, new.Sketch)
}
