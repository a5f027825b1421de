package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"todo-app/internal/task"
)

// Outbox hands out the events that writes left. As AppRole it sees those of
// the owner it is asked for, as SweepRole everyone's.
//
// Events are leased by owner, never one by one: the order of an owner's
// events is the order of their generations, and two deliverers of one owner
// could not keep it.
type Outbox struct {
	Pool  *pgxpool.Pool
	NewID func() task.ID
}

// longestWaiting picks the owner of the oldest event that nobody holds.
const longestWaiting = `
select owner_id
from outbox b
where refused is null
  and not exists (
    select
    from outbox_leases l
    where l.owner_id = b.owner_id
      and l.until > now()
  )
order by at
limit 1`

// takeLease makes the owner's lease ours, unless someone else's still runs.
const takeLease = `
insert into outbox_leases as l (owner_id, token, until)
values ($1, $2, now() + $3 * interval '1 microsecond')
on conflict (owner_id) do update set
  token = excluded.token,
  until = excluded.until
where l.until <= now()`

const waitingEvents = `
select
  event_id,
  generation,
  change,
  at,
  trace,
  task
from outbox
where owner_id = $1
  and refused is null
order by
  generation,
  seq
limit $2`

// Claim leases the undelivered events of one owner, oldest first: of the
// owner named, or with "" of whichever has waited longest and nobody holds.
// ok is false when there is nothing to claim. Until the lease ends nobody
// else can claim that owner's events.
func (o *Outbox) Claim(ctx context.Context, owner string, most int, lease time.Duration) (c task.Claim, ok bool, err error) {
	if owner != "" {
		return o.claim(ctx, owner, most, lease)
	}
	for { // others may be faster with an owner; the next one's events wait too
		err := o.Pool.QueryRow(ctx, longestWaiting).Scan(&owner)
		if errors.Is(err, pgx.ErrNoRows) {
			return c, false, nil
		}
		if err != nil {
			return c, false, translate("looking for events", err)
		}
		if c, ok, err = o.claim(ctx, owner, most, lease); ok || err != nil {
			return c, ok, err
		}
	}
}

func (o *Outbox) claim(ctx context.Context, owner string, most int, lease time.Duration) (c task.Claim, ok bool, err error) {
	c = task.Claim{Owner: owner, Token: o.NewID(), Until: time.Now().Add(lease)}
	var taken int64
	err = o.as(ctx, owner, func(b *pgx.Batch) {
		b.Queue(takeLease, owner, uuid(c.Token), lease.Microseconds()).Exec(func(tag pgconn.CommandTag) error {
			taken = tag.RowsAffected()
			return nil
		})
	})
	if err != nil || taken == 0 {
		return c, false, translate("leasing events", err)
	}
	err = o.as(ctx, owner, func(b *pgx.Batch) {
		b.Queue(waitingEvents, owner, most).Query(func(rows pgx.Rows) (err error) {
			c.Events, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (task.Event, error) { return scanEvent(row, owner) })
			return err
		})
	})
	if err == nil && len(c.Events) == 0 {
		return c, false, o.Release(ctx, c, 0)
	}
	return c, err == nil, translate("reading events", err)
}

func scanEvent(row pgx.CollectableRow, owner string) (task.Event, error) {
	e := task.Event{Owner: owner}
	var snapshot []byte
	err := row.Scan((*uuid)(&e.ID), &e.Generation, (*string)(&e.Change), (*moment)(&e.At), &e.Trace, &snapshot)
	if err == nil {
		e.Task, err = taskOf(snapshot)
	}
	if err == nil && e.Change == task.Reminded {
		err = json.Unmarshal(snapshot, &struct{ Reminder *task.Reminder }{&e.Reminder})
	}
	return e, err
}

const forgetEvents = `
delete from outbox
where owner_id = $1
  and event_id = any($2)`

// Delivered forgets events of a claim that have arrived.
func (o *Outbox) Delivered(ctx context.Context, c task.Claim, ids []task.ID) error {
	return translate("forgetting delivered events", o.as(ctx, c.Owner, func(b *pgx.Batch) {
		b.Queue(forgetEvents, c.Owner, uuids(ids))
	}))
}

const refuseEvent = `
update outbox
set refused = $3
where owner_id = $1
  and event_id = $2`

// Refused sets an event aside that the sink will never take, with the reason.
func (o *Outbox) Refused(ctx context.Context, c task.Claim, id task.ID, reason string) error {
	return translate("setting an event aside", o.as(ctx, c.Owner, func(b *pgx.Batch) {
		b.Queue(refuseEvent, c.Owner, uuid(id), reason)
	}))
}

const endLease = `
delete from outbox_leases
where owner_id = $1
  and token = $2`

const moveLease = `
update outbox_leases
set until = now() + $3 * interval '1 microsecond'
where owner_id = $1
  and token = $2`

// Release ends the lease early; nobody can claim the owner's events for as
// long as after says, 0 for at once.
func (o *Outbox) Release(ctx context.Context, c task.Claim, after time.Duration) error {
	return translate("ending a lease", o.as(ctx, c.Owner, func(b *pgx.Batch) {
		if after > 0 {
			b.Queue(moveLease, c.Owner, uuid(c.Token), after.Microseconds())
		} else {
			b.Queue(endLease, c.Owner, uuid(c.Token))
		}
	}))
}

// as runs what queue adds as the owner, in one round trip and transaction.
func (o *Outbox) as(ctx context.Context, owner string, queue func(*pgx.Batch)) error {
	return retry(ctx, o.Pool, func() error {
		var b pgx.Batch
		b.Queue(actAs, owner)
		queue(&b)
		return o.Pool.SendBatch(ctx, &b).Close()
	})
}
