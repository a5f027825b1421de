package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"todo-app/internal/task"
)

// SchemaVersion is the migration this build was written for. It works on a
// later schema too, as long as that says it serves this version.
const SchemaVersion = 20

// SchemaError says why the schema cannot be used by this build. Postgres
// answered: waiting does not help, migrating or another build does.
type SchemaError struct{ Detail string }

// Error returns the detail.
func (e *SchemaError) Error() string { return e.Detail }

const schemaState = `
select
  coalesce(max(version), 0),
  coalesce(max(serves), 0),
  row_security_active('tasks')
from schema_migrations`

// CheckSchema returns nil if the schema serves this build, a *SchemaError if
// it does not, and ErrUnavailable if Postgres cannot be asked. It also refuses
// a login that row-level security does not bind.
func CheckSchema(ctx context.Context, pool *pgxpool.Pool) error {
	var version, serves int
	var bound bool
	err := pool.QueryRow(ctx, schemaState).Scan(&version, &serves, &bound)
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &pg) && pg.Code == undefinedTable:
		return &SchemaError{"the database has no schema yet: run todo migrate up"}
	case errors.As(err, &pg) && pg.Code[:2] == "42":
		return &SchemaError{"the login may not use the schema: connect as " + AppRole}
	case err != nil:
		if err = translate("reading the schema version", err); errors.Is(err, task.ErrUnavailable) {
			return err
		}
		return fmt.Errorf("%w: %w", task.ErrUnavailable, err)
	case version < SchemaVersion:
		return &SchemaError{fmt.Sprintf("the schema is at version %d and this build needs %d: run todo migrate up", version, SchemaVersion)}
	case serves > SchemaVersion:
		return &SchemaError{fmt.Sprintf("the schema is at version %d and serves builds from %d on; this one knows %d", version, serves, SchemaVersion)}
	case !bound:
		return &SchemaError{"the login bypasses row-level security: connect as " + AppRole}
	}
	return nil
}
