package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/task"
)

const findCalendar = `
select created_at
from calendars
where owner_id = $1`

// Calendar implements task.Store.
func (s *Store) Calendar(ctx context.Context, owner string) (c task.Calendar, err error) {
	err = s.read(ctx, actAs, owner, findCalendar, []any{owner}, func(rows pgx.Rows) error {
		c.CreatedAt, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (at time.Time, err error) {
			return at, row.Scan((*moment)(&at))
		})
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return task.Calendar{}, nil
	}
	return c, translate("reading a calendar's state", err)
}

const calendarOwner = `select coalesce(find_calendar($1), '')`

// CalendarOwner implements task.Store.
func (s *Store) CalendarOwner(ctx context.Context, digest []byte) (owner string, err error) {
	err = retry(ctx, s.Pool, func() error {
		return s.Pool.QueryRow(ctx, calendarOwner, digest).Scan(&owner)
	})
	if err == nil && owner == "" {
		return "", task.ErrNoCalendar
	}
	return owner, translate("finding a calendar", err)
}

const setCalendar = `
insert into calendars (owner_id, digest, created_at)
values ($1, $2, $3)
on conflict (owner_id) do update set
  digest = excluded.digest,
  created_at = excluded.created_at`

const dropCalendar = `
delete from calendars
where owner_id = $1`

// SetCalendar implements task.Tx.
func (t *tx) SetCalendar(digest []byte, at time.Time) {
	if digest == nil {
		t.queue(dropCalendar, t.write.Owner)
		return
	}
	t.queue(setCalendar, t.write.Owner, digest, at)
}
