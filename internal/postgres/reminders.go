package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"todo-app/internal/task"
)

// setAlarms adds when a task's reminders are due.
const setAlarms = `
insert into reminders (owner_id, task_id, at, reminder)
select $1, $2, unnest($3::timestamptz[]), unnest($4::text[])
on conflict do nothing`

// dropAlarms removes some of them.
const dropAlarms = `
delete from reminders
where owner_id = $1
  and task_id = $2
  and (at, reminder) in (select unnest($3::timestamptz[]), unnest($4::text[]))`

// remind keeps a task's alarms when they become other ones. Those whose moment
// has passed are not set; those that stay are left alone, so that none comes
// back that was fired.
func (t *tx) remind(id task.ID, old, new []task.Alarm) {
	gone := slices.DeleteFunc(slices.Clone(old), func(a task.Alarm) bool { return slices.Contains(new, a) })
	come := slices.DeleteFunc(t.ahead(new), func(a task.Alarm) bool { return slices.Contains(old, a) })
	if len(gone) > 0 {
		at, words := columns(gone)
		t.queue(dropAlarms, t.write.Owner, uuid(id), at, words)
	}
	if len(come) > 0 {
		at, words := columns(come)
		t.queue(setAlarms, t.write.Owner, uuid(id), at, words)
	}
}

// ahead returns the alarms whose moment has not passed.
func (t *tx) ahead(alarms []task.Alarm) []task.Alarm {
	return slices.DeleteFunc(slices.Clone(alarms), func(a task.Alarm) bool { return !a.At.After(t.write.At) })
}

func columns(alarms []task.Alarm) (at []time.Time, words texts[task.Reminder]) {
	for _, a := range alarms {
		at, words = append(at, a.At), append(words, a.Reminder)
	}
	return at, words
}

// zone returns what the owner's reminders go by.
func (t *tx) zone() *time.Location {
	if t.write.Zone == nil {
		return time.UTC
	}
	return t.write.Zone(t.owner)
}

// moveAlarms asks for all alarms of an owner to be set anew, from a moment on:
// not that of the write, which waits while a sweep fires some.
const moveAlarms = `
insert into reminders (owner_id, task_id, at, reminder)
select owner_id, id, $2, ''
from tasks
where owner_id = $1
  and state = 0
  and reminders <> '{}'
on conflict do nothing`

// remindMost is how many alarms are looked for, and fired in a transaction, at
// once.
const remindMost = 500

// actAsSweep is actAs for a sweep, which waits for an owner's lock for a while.
// Who holds it for longer, in a bulk operation, is reminded by the next sweep.
const actAsSweep = `select set_config('app.owner', $1, true), set_config('lock_timeout', '5s', true)`

// Remind fires the alarms whose moment has come: each becomes an event and a
// record in its owner's feed, exactly once, however many sweeps run at a time
// and wherever one is cut off. It returns how many. An owner with whom something
// is wrong keeps no other waiting.
func (s *Sweeper) Remind(ctx context.Context, now time.Time) (fired int, err error) {
	var left []string
	for {
		due, findErr := s.dueAlarms(ctx, now, left)
		if err = errors.Join(err, findErr); findErr != nil || len(due) == 0 {
			return fired, err
		}
		for owner, alarms := range due {
			n, remindErr := s.remind(ctx, owner, now, alarms)
			fired += n
			if remindErr == nil {
				continue
			}
			left = append(left, owner)
			var pg *pgconn.PgError
			if !errors.As(remindErr, &pg) || pg.Code != lockNotAvailable {
				err = errors.Join(err, remindErr)
			}
		}
	}
}

// taskAlarm is an alarm as it is kept; one without words asks for the task's
// to be set anew.
type taskAlarm struct {
	ID task.ID
	task.Alarm
}

// findDue finds the alarms that wait longest.
const findDue = `
select
  owner_id,
  task_id,
  at,
  reminder
from reminders
where at <= $1
  and owner_id <> all($2::text[])
order by
  at,
  owner_id,
  task_id
limit $3`

// dueAlarms returns the next alarms that are due, by owner, but for owners left
// out.
func (s *Sweeper) dueAlarms(ctx context.Context, now time.Time, without []string) (map[string][]taskAlarm, error) {
	due := map[string][]taskAlarm{}
	rows, err := s.Pool.Query(ctx, findDue, now, orEmpty(without), remindMost)
	if err != nil {
		return nil, translate("looking for reminders", err)
	}
	var owner string
	var a taskAlarm
	_, err = pgx.ForEachRow(rows, []any{&owner, (*uuid)(&a.ID), (*moment)(&a.At), (*string)(&a.Reminder)}, func() error {
		due[owner] = append(due[owner], a)
		return nil
	})
	return due, translate("looking for reminders", err)
}

// lockForSweep takes the owner's lock as writes do, so that what is read after
// it stays true.
const lockForSweep = `
select time_zone
from owners
where owner_id = $1
for update`

// alarmsLeft reads those of some alarms that nobody has fired since they were
// found, with their tasks if they are still there.
const alarmsLeft = `
select
  r.task_id,
  r.at,
  r.reminder,` + taskColumns + `
from unnest($2::uuid[], $3::timestamptz[], $4::text[]) due (task_id, at, reminder)
join reminders r on r.owner_id = $1 and r.task_id = due.task_id and r.at = due.at and r.reminder = due.reminder
left join tasks t on t.owner_id = $1 and t.id = r.task_id
order by
  r.at,
  r.task_id,
  r.reminder`

// clearAlarms removes those of a task after a moment.
const clearAlarms = `
delete from reminders
where owner_id = $1
  and task_id = $2
  and at > $3`

// removeAlarms removes what has been looked at, fired or not.
const removeAlarms = `
delete from reminders r
using unnest($2::uuid[], $3::timestamptz[], $4::text[]) gone (task_id, at, reminder)
where r.owner_id = $1
  and r.task_id = gone.task_id
  and r.at = gone.at
  and r.reminder = gone.reminder`

// fireAlarms makes a generation of the owner's in which the tasks are reminded
// of: events for the sink, and records for the feed.
const fireAlarms = `
with moved as (
  update owners set
    generation = generation + 1,
    nonce = $2
  where owner_id = $1
  returning generation
), fired as (
  select
    moved.generation,
    f.seq,
    f.reminder,
    t.id,
    to_jsonb(t) as task
  from moved
  cross join unnest($4::uuid[], $5::text[]) with ordinality f (task_id, reminder, seq)
  join tasks t on t.owner_id = $1 and t.id = f.task_id
), recorded as (
  insert into changes (owner_id, generation, task_id, change, at, actor, after)
  select $1, generation, id, $6, $3, $7, task - 'owner_id' - 'title_key'
  from fired
  order by seq
)
insert into outbox (owner_id, generation, seq, change, at, trace, task)
select $1, generation, seq, $6, $3, '', task || jsonb_build_object('reminder', reminder)
from fired`

// remindedBy is the actor of the records.
const remindedBy = "reminder"

// remind fires those of an owner's alarms that are still there.
func (s *Sweeper) remind(ctx context.Context, owner string, now time.Time, due []taskAlarm) (fired int, err error) {
	err = pgx.BeginFunc(ctx, s.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, actAsSweep, owner); err != nil {
			return err
		}
		o := task.Owner{}
		if err := tx.QueryRow(ctx, lockForSweep, owner).Scan(&o.Zone); err != nil {
			return err
		}
		ids, at, words := unzip(due)
		rows, err := tx.Query(ctx, alarmsLeft, owner, ids, at, words)
		if err != nil {
			return err
		}
		c, err := sortOut(rows, s.Zone(o))
		if err != nil {
			return err
		}
		var b pgx.Batch
		for _, anew := range c.anew { // before what has been looked at goes, so that none of it comes back
			at, words := columns(anew.alarms)
			b.Queue(clearAlarms, owner, uuid(anew.id), anew.after)
			b.Queue(setAlarms, owner, uuid(anew.id), at, words)
		}
		b.Queue(removeAlarms, owner, ids, at, words)
		if fired = len(c.fired); fired > 0 {
			ids, _, words := unzip(c.fired)
			b.Queue(fireAlarms, owner, s.Nonce(), now, ids, words, string(task.Reminded), remindedBy)
		}
		return tx.SendBatch(ctx, &b).Close()
	})
	if err != nil {
		return 0, translate(fmt.Sprintf("reminding the owner %q", owner), err)
	}
	return fired, nil
}

// sorted is what is to become of alarms whose moment has come.
type sorted struct {
	fired []taskAlarm
	anew  []renewal
}

// renewal is when a task's reminders are due after a moment, found out anew.
type renewal struct {
	id     task.ID
	after  time.Time
	alarms []task.Alarm
}

// sortOut reads what alarmsLeft returns. An alarm is fired if the task, as it
// is now, has it; else there may be others in its place, from its moment on.
func sortOut(rows pgx.Rows, zone *time.Location) (c sorted, err error) {
	for rows.Next() {
		var a taskAlarm
		var t task.Task
		dest := append([]any{(*uuid)(&a.ID), (*moment)(&a.At), (*string)(&a.Reminder)}, fields(&t)...)
		if err := scanFound(rows, dest, 3); err != nil {
			return c, err
		}
		alarms := t.Alarms(zone)
		if slices.Contains(alarms, a.Alarm) {
			c.fired = append(c.fired, a)
			continue
		}
		alarms = slices.DeleteFunc(alarms, func(other task.Alarm) bool { return !other.At.After(a.At) })
		c.anew = append(c.anew, renewal{a.ID, a.At, alarms})
	}
	return c, rows.Err()
}

func unzip(alarms []taskAlarm) (ids uuids, at []time.Time, words texts[task.Reminder]) {
	for _, a := range alarms {
		ids, at, words = append(ids, a.ID), append(at, a.At), append(words, a.Reminder)
	}
	return ids, at, words
}
