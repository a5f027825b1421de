package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"todo-app/internal/task"
)

// Sweeper fires what has come due, and removes what has served its time.
type Sweeper struct {
	Pool  *pgxpool.Pool                   // connected as SweepRole
	Nonce func() int64                    // random, for task.Generation
	Zone  func(task.Owner) *time.Location // that an owner's reminders go by
	// Keep is how long it is kept what is recorded of deleted tasks, and of
	// others beyond what always is; never less than task.UndoLife.
	Keep time.Duration
}

// Purged counts what a purge removed. Histories are deletions whose tasks'
// records are gone, Records are those of living tasks, and Use are the hours of
// what functions did.
type Purged struct{ Keys, Events, Leases, Operations, Histories, Records, Use int64 }

const (
	// refusedLife is how long an event that the sink refused is kept for a
	// person to look at.
	refusedLife = 30 * 24 * time.Hour

	// useLife is how long it is kept what functions did: as long as anybody
	// asks for, and a week to look back from then.
	useLife = 35 * 24 * time.Hour

	// purgeMost is how many rows one statement removes, so that each is short
	// however much has gathered.
	purgeMost = 5000

	// forgetMost is how many deleted tasks one statement removes the histories
	// of: their owners cannot write meanwhile.
	forgetMost = 50

	// shortenMost is how often one statement removes a thousand records.
	shortenMost = 5

	// clocks may differ by so much: no history goes while an undo is offered.
	clocks = 24 * time.Hour
)

const (
	purgeKeys    = `delete from idempotency_keys where ctid = any(array(select ctid from idempotency_keys where created_at < $1 limit $2))`
	purgeRefused = `delete from outbox where ctid = any(array(select ctid from outbox where refused is not null and at < $1 limit $2))`
	purgeWaiting = `delete from outbox where ctid = any(array(select ctid from outbox where refused is null and at < $1 limit $2))`
	purgeLeases  = `delete from outbox_leases where ctid = any(array(select ctid from outbox_leases where until < $1 limit $2))`
	purgeUse     = `delete from function_use where ctid = any(array(select ctid from function_use where hour < $1 limit $2))`
	purgeNotes   = `delete from function_notes where ctid = any(array(select ctid from function_notes where at < $1 limit $2))`
)

// Purge removes expired idempotency keys, refused events after 30 days, leases
// nobody holds, steps that are too old to be undone, the histories of tasks
// that were deleted before those, what older ones of other tasks have between
// their first and their newest thousand records, and what functions did more
// than 35 days ago. With discard, for a site without a sink, it also removes the
// events that wait. What fails does not keep the rest from going.
func (s *Sweeper) Purge(ctx context.Context, now time.Time, discard bool) (Purged, error) {
	keys, keysErr := s.purge(ctx, purgeKeys, now.Add(-keyLife))
	events, eventsErr := s.purge(ctx, purgeRefused, now.Add(-refusedLife))
	leases, leasesErr := s.purge(ctx, purgeLeases, now.Add(-time.Hour))
	var waitingErr error
	if discard {
		var waiting int64
		waiting, waitingErr = s.purge(ctx, purgeWaiting, now)
		events += waiting
	}
	operations, _, operationsErr := s.forget(ctx, forgetOperations, purgeMost, now.Add(-task.UndoLife))
	horizon := now.Add(-max(s.Keep, task.UndoLife) - clocks)
	histories, _, historiesErr := s.forget(ctx, forgetChanges, forgetMost, horizon)
	_, records, recordsErr := s.forget(ctx, shortenHistories, shortenMost, horizon)
	use, useErr := s.purge(ctx, purgeUse, now.Add(-useLife))
	_, notesErr := s.purge(ctx, purgeNotes, now.Add(-useLife))
	return Purged{keys, events, leases, operations, histories, records, use},
		errors.Join(keysErr, eventsErr, leasesErr, waitingErr, operationsErr, historiesErr, recordsErr, useErr, notesErr)
}

// What the sweep may remove but not see, functions of the schema do for it.
// They say how much they have dealt with and, where that is something else, how
// many rows they removed for it.
const (
	forgetOperations = `select forget_operations($1, $2), 0`
	forgetChanges    = `select forget_changes($1, $2), 0`
	shortenHistories = `select dealt, removed from shorten_histories($1, $2)`
)

// forget calls one of them until it finds less than it may deal with at a time.
func (s *Sweeper) forget(ctx context.Context, sql string, most int64, before time.Time) (dealt, removed int64, err error) {
	for {
		var n, rows int64
		err := s.Pool.QueryRow(ctx, sql, before, most).Scan(&n, &rows)
		dealt, removed = dealt+n, removed+rows
		if err != nil || n < most {
			return dealt, removed, translate("forgetting", err)
		}
	}
}

func (s *Sweeper) purge(ctx context.Context, sql string, before time.Time) (removed int64, err error) {
	for {
		tag, err := s.Pool.Exec(ctx, sql, before, purgeMost)
		removed += tag.RowsAffected()
		if err != nil || tag.RowsAffected() < purgeMost {
			return removed, translate("purging", err)
		}
	}
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
