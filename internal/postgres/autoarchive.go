package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"todo-app/internal/task"
)

// setAutoArchive makes the sweep look at once: how long tasks may stay may be
// less than it was.
const setAutoArchive = `
update owners set
  auto_archive_days = nullif($2::int, 0),
  auto_archive_at = case when $2 > 0 then $3::timestamptz end
where owner_id = $1`

// SetAutoArchive implements task.Tx.
func (t *tx) SetAutoArchive(days int) {
	s := t.settings()
	s.AutoArchiveDays = days
	t.queue(setAutoArchive, t.write.Owner, days, t.write.At)
	t.setSettings(s)
}

// hastenAutoArchive makes the sweep look when a task last changed at $2 has
// stayed long enough.
const hastenAutoArchive = `
update owners set
  auto_archive_at = $2::timestamptz + make_interval(hours => 24 * auto_archive_days)
where owner_id = $1
  and auto_archive_at > $2::timestamptz + make_interval(hours => 24 * auto_archive_days)`

// hasten has the sweep look in time at what is imported: of all that is added,
// that alone may have been as it is for long.
func (t *tx) hasten(added []task.Task) {
	first := t.write.At
	for _, n := range added {
		if n.State() == task.Done && n.UpdatedAt.Before(first) {
			first = n.UpdatedAt
		}
	}
	if first.Before(t.write.At) {
		t.queue(hastenAutoArchive, t.write.Owner, first)
	}
}

const findUnchanged = `
select ` + taskColumns + `
from tasks
where owner_id = $1
  and state = 1
  and updated_at <= $2
order by
  updated_at,
  id
limit $3`

// Unchanged implements task.Tx.
func (t *tx) Unchanged(ctx context.Context, since time.Time, most int) (found []task.Task, err error) {
	err = t.query(ctx, findUnchanged, []any{t.write.Owner, since, most}, func(rows pgx.Rows) (err error) {
		found, err = pgx.CollectRows(rows, scanTask)
		return err
	})
	return found, err
}

// Due is an owner whose completed tasks are to be looked at, since when.
type Due struct {
	Owner string
	At    time.Time
}

// duePage is how many owners are found at a time.
const duePage = 500

const autoArchiveDue = `select owner_id, at from auto_archive_due($1, $2, $3, $4)`

// AutoArchiveDue returns the owners after one (the zero Due: from the
// beginning) of whom completed tasks may have to be archived, those that have
// waited longest first.
func (s *Sweeper) AutoArchiveDue(ctx context.Context, now time.Time, after Due) ([]Due, error) {
	from := pgtype.Timestamptz{Time: after.At, Valid: true}
	if after.At.IsZero() {
		from.InfinityModifier = pgtype.NegativeInfinity
	}
	rows, _ := s.Pool.Query(ctx, autoArchiveDue, now, from, after.Owner, duePage)
	due, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d Due, err error) {
		return d, row.Scan(&d.Owner, (*moment)(&d.At))
	})
	return due, translate("looking for tasks to archive", err)
}

// nextAutoArchive is when the first of the owner's completed tasks has stayed
// long enough, or one completed now. It is left alone if the settings have
// changed since they were looked at.
const nextAutoArchive = `
update owners o set
  auto_archive_at = make_interval(hours => 24 * o.auto_archive_days) + coalesce((
    select min(first.updated_at)
    from (
      select updated_at
      from tasks
      where owner_id = $1
        and state = 1
      order by updated_at
      limit 1) first), $2)
where o.owner_id = $1
  and o.auto_archive_at = $3`

// AutoArchived puts off looking at an owner until there can be something to
// archive again.
func (s *Sweeper) AutoArchived(ctx context.Context, now time.Time, d Due) error {
	var b pgx.Batch
	b.Queue(actAs, d.Owner)
	b.Queue(lockForSweep, d.Owner)
	b.Queue(nextAutoArchive, d.Owner, now, d.At)
	return translate("putting off the next archiving", s.Pool.SendBatch(ctx, &b).Close())
}
