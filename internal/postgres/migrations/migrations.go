// Package migrations brings a database to this build's schema. Only the todo
// command links it: functions never change the schema they run on.
package migrations

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

//go:embed *.sql
var files embed.FS

// Migration is one numbered step. Once released a step is never edited.
type Migration struct {
	Version int
	Name    string
	Serves  int       // the oldest build, by its schema version, that still works after it
	Applied time.Time // zero while pending; set by Status
	sql     string
}

// All returns the steps in order, numbered from 1 without gaps.
func All() ([]Migration, error) { return load(files) }

func load(files fs.FS) ([]Migration, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	steps := make([]Migration, len(names))
	for i, name := range names {
		if steps[i], err = read(files, name); err != nil {
			return nil, err
		}
		if steps[i].Version != i+1 {
			return nil, fmt.Errorf("migration %s: step %d is missing", name, i+1)
		}
	}
	return steps, nil
}

func read(files fs.FS, name string) (Migration, error) {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return Migration{}, err
	}
	number, rest, _ := strings.Cut(strings.TrimSuffix(path.Base(name), ".sql"), "_")
	m := Migration{Name: rest, sql: string(content)}
	if m.Version, err = strconv.Atoi(number); err != nil {
		return m, fmt.Errorf("migration %s: the name must begin with its number", name)
	}
	first, _, _ := strings.Cut(m.sql, "\n")
	serves, ok := strings.CutPrefix(first, "-- serves: ")
	if m.Serves, err = strconv.Atoi(serves); !ok || err != nil {
		return m, fmt.Errorf("migration %s: the first line must be %q and the oldest schema version whose builds still work", name, "-- serves:")
	}
	return m, nil
}

// lockID is the advisory lock under which one starter migrates while the
// others wait; an arbitrary number of this application's own.
const lockID = 7_640_891_576_956_012_809

const createTable = `
create table if not exists schema_migrations (
  version integer primary key,
  name text not null,
  serves integer not null,
  applied_at timestamptz not null default now()
)`

// Up applies what is pending, each step in a transaction of its own, and
// returns the steps applied. Any number of starters may call it at once. A
// schema newer than this build is left alone, and is an error only if it no
// longer serves this build. The roles of Roles must exist.
func Up(ctx context.Context, conn *pgx.Conn) ([]Migration, error) {
	steps, err := All()
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, "select pg_advisory_lock($1)", int64(lockID)); err != nil {
		return nil, fmt.Errorf("waiting for another migration to end: %w", err)
	}
	defer conn.Exec(context.WithoutCancel(ctx), "select pg_advisory_unlock($1)", int64(lockID))
	if _, err := conn.Exec(ctx, createTable); err != nil {
		return nil, fmt.Errorf("creating schema_migrations: %w", err)
	}
	version, serves, err := current(ctx, conn)
	if err != nil {
		return nil, err
	}
	if serves > len(steps) {
		return nil, fmt.Errorf("the schema is at version %d and serves builds from %d on; this build knows %d: use a newer one", version, serves, len(steps))
	}
	pending := steps[min(version, len(steps)):]
	for _, m := range pending {
		if err := m.apply(ctx, conn); err != nil {
			return nil, fmt.Errorf("applying migration %d %s: %w", m.Version, m.Name, err)
		}
	}
	return pending, nil
}

func current(ctx context.Context, conn *pgx.Conn) (version, serves int, err error) {
	err = conn.QueryRow(ctx, "select coalesce(max(version), 0), coalesce(max(serves), 0) from schema_migrations").Scan(&version, &serves)
	return version, serves, err
}

func (m Migration) apply(ctx context.Context, conn *pgx.Conn) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, m.sql); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "insert into schema_migrations (version, name, serves) values ($1, $2, $3)", m.Version, m.Name, m.Serves)
		return err
	})
}

// Status returns every step this build or the database knows, with when it
// was applied.
func Status(ctx context.Context, conn *pgx.Conn) ([]Migration, error) {
	steps, err := All()
	if err != nil {
		return nil, err
	}
	rows, _ := conn.Query(ctx, "select version, name, serves, applied_at from schema_migrations order by version")
	applied, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m Migration, err error) {
		return m, row.Scan(&m.Version, &m.Name, &m.Serves, &m.Applied)
	})
	var missing *pgconn.PgError
	if errors.As(err, &missing) && missing.Code == "42P01" { // undefined_table: nothing was applied yet
		return steps, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading schema_migrations: %w", err)
	}
	return append(applied, steps[min(len(applied), len(steps)):]...), nil
}

// Role is a database role that this application connects as.
type Role struct {
	Name     string
	Password string // "" leaves it as it is
}

// Roles creates the roles that are missing, sets the passwords that are
// given, and lets the connected user act as them. Roles belong to the whole
// cluster, so several databases may be set up at once; none may bypass
// row-level security. A user who may make none needs them made, and granted
// to it, beforehand.
func Roles(ctx context.Context, conn *pgx.Conn, roles ...Role) error {
	for _, r := range roles {
		name := pgx.Identifier{r.Name}.Sanitize()
		err := ignore(exec(ctx, conn, "create role "+name+" login nobypassrls"), "42710", "23505")
		err = unless(ctx, conn, roleExists, r.Name, err)
		if err == nil && r.Password != "" {
			err = again(ctx, "XX000", func() error { return setPassword(ctx, conn, name, r.Password) })
		}
		if err == nil { // two grants of one membership at once: one reports the other's row
			err = ignore(exec(ctx, conn, "grant "+name+" to current_user"), "23505", "XX000", "0LP01")
			err = unless(ctx, conn, roleHeld, r.Name, err)
		}
		if err != nil {
			return fmt.Errorf("creating the role %s: %w", r.Name, err)
		}
	}
	return nil
}

const (
	roleExists = `select exists (select from pg_roles where rolname = $1)`
	roleHeld   = `select exists (select from pg_roles where rolname = $1 and pg_has_role(oid, 'member'))`
)

// unless drops a lack of privilege where what was to be done is so already.
func unless(ctx context.Context, conn *pgx.Conn, done, role string, err error) error {
	var so bool
	if err == nil || ignore(err, "42501") != nil || conn.QueryRow(ctx, done, role).Scan(&so) != nil || !so {
		return err
	}
	return nil
}

// again repeats what fails because another starter changes the same row at the
// same moment, for which catalogs have a SQLSTATE but no lock to wait at.
func again(ctx context.Context, state string, do func() error) error {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval = 5 * time.Millisecond
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := do()
		if err != nil && ignore(err, state) != nil {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(wait), backoff.WithMaxElapsedTime(10*time.Second))
	return err
}

// setPassword has the server quote the password: the statement takes no
// parameters.
func setPassword(ctx context.Context, conn *pgx.Conn, name, password string) error {
	var statement string
	err := conn.QueryRow(ctx, "select format('alter role '||$1||' password %L', $2::text)", name, password).Scan(&statement)
	if err != nil {
		return err
	}
	return exec(ctx, conn, statement)
}

func exec(ctx context.Context, conn *pgx.Conn, sql string) error {
	_, err := conn.Exec(ctx, sql)
	return err
}

// ignore drops errors with one of the SQLSTATEs.
func ignore(err error, states ...string) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		for _, state := range states {
			if pg.Code == state {
				return nil
			}
		}
	}
	return err
}
