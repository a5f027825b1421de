package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"todo-app/internal/task"
)

// Write implements task.Store. One round trip takes the idempotency key and
// the owner's lock, in this order everywhere; what do queues goes with the
// commit in another.
func (s *Store) Write(ctx context.Context, w task.Write, do func(task.Tx) ([]byte, error)) error {
	begun := time.Now()
	release, err := s.turns.take(ctx, s.Pool, w.Owner)
	if err != nil {
		return translate("waiting to write", err)
	}
	defer release()
	return translate("writing", retry(ctx, s.Pool, func() error {
		err := s.try(ctx, w, begun, do)
		if errors.Is(err, errAnswered) {
			return s.replay(ctx, w)
		}
		return err
	}))
}

// try runs the transaction once, on one connection.
func (s *Store) try(ctx context.Context, w task.Write, begun time.Time, do func(task.Tx) ([]byte, error)) error {
	conn, err := s.Pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	tx := &tx{conn: conn, write: w, begun: begun}
	if err = tx.run(ctx, s.Nonce(), do); err == nil {
		return nil
	}
	tx.abandon(ctx, err)
	if tx.sent && w.Once == nil && inDoubt(err) {
		// A second run could be a second effect. With a key it cannot.
		return fmt.Errorf("%w: %w", task.ErrUnknownOutcome, err)
	}
	return err
}

// tx is a task.Tx. Changes wait in a batch until something is read or the
// transaction commits.
type tx struct {
	conn    *pgxpool.Conn
	write   task.Write
	begun   time.Time // when it was to be written, which it may have waited for since
	owner   task.Owner
	batch   pgx.Batch
	changed bool
	seq     int      // of the next event
	moved   [3]int64 // change in the number of pending, done and archived tasks
	sent    bool     // the commit was: its outcome may be unknown

	step      task.Operation // what is done here, as far as it can be undone
	beside    task.Beside
	restoring restoring
}

var _ task.Tx = (*tx)(nil)

// lockOwner is a statement of its own, so that the rules read after it see
// every write that held the lock before. It makes an owner's first row, and
// the generation that the commit will publish.
const lockOwner = `
insert into owners as o (owner_id, generation, nonce)
values ($1, 1, $2)
on conflict (owner_id) do update set
  generation = o.generation + 1,
  nonce = excluded.nonce
returning
  generation,
  nonce,
  time_zone,
  coalesce(auto_archive_days, 0),
  settings_operation`

// actFor is actAs for a write, whose records say who did it, and which keeps
// the table of reminders.
const actFor = `
select
  set_config('app.owner', $1, true),
  set_config('app.actor', $2, true),
  set_config('app.reminders', 'kept', true)`

func (t *tx) run(ctx context.Context, nonce int64, do func(task.Tx) ([]byte, error)) error {
	if err := t.begin(ctx, nonce); err != nil {
		return err
	}
	answer, err := do(t)
	if err != nil {
		return err
	}
	t.answer(answer)
	return t.commit(ctx)
}

func (t *tx) begin(ctx context.Context, nonce int64) error {
	var b pgx.Batch
	b.Queue("begin")
	b.Queue(actFor, t.write.Owner, t.write.Actor)
	if once := t.write.Once; once != nil {
		b.Queue(takeKey, t.write.Owner, once.Key, once.Digest[:], t.write.At)
	}
	b.Queue(lockOwner, t.write.Owner, nonce).QueryRow(func(row pgx.Row) error {
		g := &t.owner.Generation
		return row.Scan(&g.Count, &g.Nonce, &t.owner.Zone, &t.owner.AutoArchiveDays, &t.owner.SettingsOperation)
	})
	err := t.conn.SendBatch(ctx, &b).Close()
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "idempotency_keys_once" {
		return errAnswered
	}
	return err
}

// countTasks keeps the numbers of tasks by state beside the owner.
const countTasks = `
update owners set
  pending = pending + $2,
  done = done + $3,
  archived = archived + $4
where owner_id = $1`

// commit sends what is queued. If nothing changed and no answer is to be
// kept, the transaction is undone instead: readers keep their generation.
func (t *tx) commit(ctx context.Context) error {
	if !t.changed && t.write.Once == nil {
		_, err := t.conn.Exec(ctx, "rollback")
		return err
	}
	if t.moved != [3]int64{} {
		t.batch.Queue(countTasks, t.write.Owner, t.moved[task.Pending], t.moved[task.Done], t.moved[2])
	}
	t.noteStep()
	t.batch.Queue("commit")
	t.sent = true
	return t.flush(ctx)
}

// flush sends what is queued and waits for it.
func (t *tx) flush(ctx context.Context) error {
	if t.batch.Len() == 0 {
		return nil
	}
	b := t.batch
	t.batch = pgx.Batch{}
	return t.conn.SendBatch(ctx, &b).Close()
}

// abandon undoes what is left of a failed try. A connection that may be in
// doubt, or that a failed-over server holds read-only, is closed rather than
// used again.
func (t *tx) abandon(ctx context.Context, cause error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), connectTimeout)
	defer cancel()
	var pg *pgconn.PgError
	if errors.As(cause, &pg) && pg.Code == readOnlyTransaction {
		t.conn.Conn().Close(ctx)
	}
	if t.conn.Conn().IsClosed() {
		return
	}
	if _, err := t.conn.Exec(ctx, "rollback"); err != nil {
		t.conn.Conn().Close(ctx)
	}
}

// queue adds a statement that changes something.
func (t *tx) queue(sql string, args ...any) {
	t.changed = true
	t.batch.Queue(sql, args...)
}

// query sends what is queued, then reads.
func (t *tx) query(ctx context.Context, sql string, args []any, scan func(pgx.Rows) error) error {
	t.batch.Queue(sql, args...).Query(scan)
	return t.flush(ctx)
}

// Owner implements task.Tx.
func (t *tx) Owner() task.Owner { return t.owner }

// planned has what follows in the transaction planned for the values it runs
// with. A plan that a connection keeps for all owners goes by the average
// one, and reads everything that a larger one has.
const planned = `select set_config('plan_cache_mode', 'force_custom_plan', true)`

func (t *tx) planAnew() { t.batch.Queue(planned) }

// findTasks looks for one task at a time. Before a table has statistics, as in
// the first minute after it was filled, owners are thought to have few rows, and
// all that one has would be read for any list of ids.
const findTasks = `
select ` + taskColumns + `
from unnest($2::uuid[]) as wanted (wanted_id)
cross join lateral (
  select *
  from tasks
  where owner_id = $1
    and id = wanted_id
  limit 1) t`

// Find implements task.Tx.
func (t *tx) Find(ctx context.Context, ids ...task.ID) (found []task.Task, err error) {
	err = t.query(ctx, findTasks, []any{t.write.Owner, uuids(ids)}, func(rows pgx.Rows) (err error) {
		found, err = pgx.CollectRows(rows, scanTask)
		return err
	})
	return found, err
}

const findSubtasks = `
select ` + taskColumns + `
from tasks
where owner_id = $1
  and parent_id = $2`

// Subtasks implements task.Tx.
func (t *tx) Subtasks(ctx context.Context, parent task.ID) (found []task.Task, err error) {
	err = t.query(ctx, findSubtasks, []any{t.write.Owner, uuid(parent)}, func(rows pgx.Rows) (err error) {
		found, err = pgx.CollectRows(rows, scanTask)
		return err
	})
	return found, err
}

const reaches = `
with recursive reached (id) as (
  select unnest($2::uuid[])
  union
  select d.depends_on_id
  from reached r
  join task_dependencies d on d.owner_id = $1 and d.task_id = r.id
)
select exists (select from reached where id = $3)`

// Reaches implements task.Tx.
func (t *tx) Reaches(ctx context.Context, from []task.ID, to task.ID) (yes bool, err error) {
	t.planAnew()
	err = t.query(ctx, reaches, []any{t.write.Owner, uuids(from), uuid(to)}, func(rows pgx.Rows) (err error) {
		yes, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
		return err
	})
	return yes, err
}

const setZone = `
update owners
set time_zone = $2
where owner_id = $1`

// SetZone implements task.Tx.
func (t *tx) SetZone(name string) {
	s := t.settings()
	s.Zone = name
	t.queue(setZone, t.write.Owner, name)
	t.queue(moveAlarms, t.write.Owner, t.write.At.Add(time.Since(t.begun)))
	t.setSettings(s)
}

// move counts tasks into a state, or out of it if n is negative.
func (t *tx) move(s task.State, n int64) {
	t.moved[min(s, task.ArchivedPending)] += n
}

// nextSeq numbers the events of one write.
func (t *tx) nextSeq() int {
	t.seq++
	return t.seq
}

// relatives returns the tasks in whose counters a change of these shows.
func relatives(tasks ...task.Task) []task.ID {
	var ids []task.ID
	for _, t := range tasks {
		if !t.ParentID.IsZero() && !slices.Contains(ids, t.ParentID) {
			ids = append(ids, t.ParentID)
		}
	}
	return ids
}

// recount brings the derived counters of tasks up to date: of those named,
// as parents, and of those that depend on one of $3.
const recount = `
update tasks t set
  open_dependencies = c.open_dependencies,
  subtasks_total = c.total,
  subtasks_completed = c.completed
from (
  select
    affected.id,
    (select count(*)
     from task_dependencies d
     join tasks target on target.owner_id = $1 and target.id = d.depends_on_id
     where d.owner_id = $1
       and d.task_id = affected.id
       and target.completed_at is null) as open_dependencies,
    (select count(*) from tasks s where s.owner_id = $1 and s.parent_id = affected.id) as total,
    (select count(*) from tasks s where s.owner_id = $1 and s.parent_id = affected.id and s.completed_at is not null) as completed
  from (
    select unnest($2::uuid[]) as id
    union
    select d.task_id
    from task_dependencies d
    where d.owner_id = $1
      and d.depends_on_id = any($3)
  ) affected
) c
where t.owner_id = $1
  and t.id = c.id
  and (t.open_dependencies, t.subtasks_total, t.subtasks_completed) is distinct from
      (c.open_dependencies, c.total, c.completed)`

func (t *tx) recount(parents, targets []task.ID) {
	t.planAnew()
	t.queue(recount, t.write.Owner, uuids(parents), uuids(targets))
}
