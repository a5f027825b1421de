package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"todo-app/internal/task"
)

// beginSnapshot has all that the transaction reads be of one moment, that of
// its first query.
const beginSnapshot = "begin isolation level repeatable read read only"

const snapshotPage = `
select ` + taskColumns + `
from tasks
where owner_id = $1
  and id > $2
order by id
limit $3`

// snapshotRows is how many rows one statement reads: few enough for it to end
// long before the server's time is up, however slowly they are taken.
const snapshotRows = 500

// Snapshot implements task.Store. It holds a connection and a transaction for as
// long as the caller takes, so the caller has to bound that.
func (s *Store) Snapshot(ctx context.Context, owner string, tell task.Telling) error {
	return s.inSnapshot(ctx, owner, "reading all tasks", func(conn *pgxpool.Conn, o task.Owner) (bool, error) {
		if err := tell.Owner(o); err != nil {
			return true, err
		}
		if stopped, err := tellTemplates(ctx, conn, owner, tell.Template); err != nil {
			return stopped, err
		}
		var after task.ID
		for {
			n, stopped, err := walk(ctx, conn, snapshotPage, []any{owner, pgtype.UUID{Bytes: after, Valid: true}, snapshotRows}, func(t *task.Task) error {
				after = t.ID
				return tell.Task(t)
			})
			if err != nil || n < snapshotRows {
				return stopped, err
			}
		}
	})
}

// tellTemplates hands over an owner's templates, of which there are few. Stopped
// says that the error is each's.
func tellTemplates(ctx context.Context, conn *pgxpool.Conn, owner string, each func(*task.Template) error) (stopped bool, err error) {
	rows, err := conn.Query(ctx, findTemplates, owner, "", task.MaxTemplates)
	if err != nil {
		return false, err
	}
	found, err := pgx.CollectRows(rows, scanTemplate)
	for i := range found {
		if err := each(&found[i]); err != nil {
			return true, err
		}
	}
	return false, err
}

// openSnapshot begins the transaction on a connection of its own, and reads
// the owner in it.
func (s *Store) openSnapshot(ctx context.Context, owner string) (conn *pgxpool.Conn, o task.Owner, err error) {
	if conn, err = s.Pool.Acquire(ctx); err != nil {
		return nil, o, err
	}
	var b pgx.Batch
	b.Queue(beginSnapshot)
	b.Queue(actAs, owner)
	b.Queue(ownerState, owner).QueryRow(func(row pgx.Row) error {
		return row.Scan(&o.Generation.Count, &o.Generation.Nonce, &o.Zone, &o.AutoArchiveDays)
	})
	if err = conn.SendBatch(ctx, &b).Close(); err != nil {
		(&tx{conn: conn}).abandon(ctx, err)
		conn.Release()
	}
	return conn, o, err
}

// walk hands over the tasks that a query finds, one at a time as they come from
// the server. Stopped says that the error is each's.
func walk(ctx context.Context, conn *pgxpool.Conn, sql string, args []any, each func(*task.Task) error) (n int, stopped bool, err error) {
	rows, err := conn.Query(ctx, sql, args...)
	if err != nil {
		return 0, false, err
	}
	defer rows.Close()
	var t task.Task
	columns := fields(&t)
	for ; rows.Next(); n++ {
		t = task.Task{}
		if err := rows.Scan(columns...); err != nil {
			return n, false, err
		}
		if err := each(&t); err != nil {
			return n, true, err
		}
	}
	return n, false, rows.Err()
}

// inSnapshot runs do in a transaction of one moment.
func (s *Store) inSnapshot(ctx context.Context, owner, doing string, do func(*pgxpool.Conn, task.Owner) (stopped bool, err error)) error {
	var conn *pgxpool.Conn
	var o task.Owner
	err := retry(ctx, s.Pool, func() (err error) {
		conn, o, err = s.openSnapshot(ctx, owner)
		return err
	})
	if err != nil {
		return translate(doing, err)
	}
	defer func() {
		(&tx{conn: conn}).abandon(ctx, nil) // it only read
		conn.Release()
	}()
	stopped, err := do(conn, o)
	if stopped {
		return err
	}
	return translate(doing, err)
}

const datedTasks = `
select ` + taskColumns + `
from (
  (select *
   from tasks
   where owner_id = $1
     and state = 0
     and due_at >= $2
     and due_at < 'infinity'
   order by due_at, id
   limit $3)
  union all
  (select *
   from tasks
   where owner_id = $1
     and state = 1
     and due_at >= $2
     and due_at < 'infinity'
   order by due_at, id
   limit $3)) dated
order by
  due_at,
  id
limit $3`

// Dated implements task.Store.
func (s *Store) Dated(ctx context.Context, owner string, since time.Time, most int, each func(*task.Task) error) error {
	return s.inSnapshot(ctx, owner, "reading a calendar", func(conn *pgxpool.Conn, _ task.Owner) (bool, error) {
		_, stopped, err := walk(ctx, conn, datedTasks, []any{owner, since, most}, each)
		return stopped, err
	})
}
