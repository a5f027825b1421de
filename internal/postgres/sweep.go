package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Sweeper removes what has served its time. It connects as SweepRole.
type Sweeper struct{ Pool *pgxpool.Pool }

// Purged counts what a purge removed.
type Purged struct{ Keys, Events, Leases int64 }

const (
	// refusedLife is how long an event that the sink refused is kept for a
	// person to look at.
	refusedLife = 30 * 24 * time.Hour

	purgeKeys   = `delete from idempotency_keys where created_at < $1`
	purgeEvents = `delete from outbox where refused is not null and at < $1`
	purgeLeases = `delete from outbox_leases where until < $1`
	purgeAll    = `delete from outbox where refused is null and at < $1`
)

// Purge removes expired idempotency keys, refused events after 30 days, and
// leases nobody holds. With discard, for a site without a sink, it also
// removes the events that wait for nobody.
func (s *Sweeper) Purge(ctx context.Context, now time.Time, discard bool) (p Purged, err error) {
	remove := func(sql string, before time.Time) (n int64) {
		if err == nil {
			tag, e := s.Pool.Exec(ctx, sql, before)
			n, err = tag.RowsAffected(), translate("purging", e)
		}
		return n
	}
	p.Keys = remove(purgeKeys, now.Add(-keyLife))
	p.Events = remove(purgeEvents, now.Add(-refusedLife))
	p.Leases = remove(purgeLeases, now.Add(-time.Hour))
	if discard {
		p.Events += remove(purgeAll, now)
	}
	return p, err
}

// Totals counts the tasks of all owners by status.
type Totals struct{ Pending, Completed, Archived int64 }

const taskTotals = `select pending, done, archived from task_totals()`

// Totals reads the site's counters, which the writes keep.
func (s *Store) Totals(ctx context.Context) (t Totals, err error) {
	err = s.Pool.QueryRow(ctx, taskTotals).Scan(&t.Pending, &t.Completed, &t.Archived)
	return t, translate("reading totals", err)
}

const outboxBacklog = `select events, oldest from outbox_backlog()`

// Backlog returns how many events wait for delivery, at most 10,000, and since
// when the oldest does; zero if none waits.
func (s *Store) Backlog(ctx context.Context) (events int64, oldest time.Time, err error) {
	err = s.Pool.QueryRow(ctx, outboxBacklog).Scan(&events, (*moment)(&oldest))
	return events, oldest, translate("reading the outbox's backlog", err)
}
