package postgres

import (
	"context"
	"math"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/task"
)

// recordColumns are a record's, in the order in which records scans them;
// before is the whole row here, whatever of it was kept.
const recordColumns = `
  c.generation,
  c.seq,
  c.change,
  c.at,
  c.actor,
  coalesce(c.after || c.before, c.before, c.after) as before,
  coalesce(c.after, c.before) as after`

// findChanges reads the owner's present and the records after a place in one
// snapshot; a row without a record carries the present alone.
const findChanges = `
select
  o.epoch,
  o.generation,
  o.forgotten,` + recordColumns + `
from owners o
left join lateral (
  select *
  from changes
  where owner_id = o.owner_id
    and (generation, seq) > ($2, $3)
  order by
    generation,
    seq
  limit $4) c on true
where o.owner_id = $1
order by
  c.generation,
  c.seq`

// Changes implements task.Store.
func (s *Store) Changes(ctx context.Context, owner string, after task.Place, most int) (task.Changes, error) {
	var r records
	err := s.read(ctx, actAs, owner, findChanges, []any{owner, after.Generation, after.Seq, most + 1}, r.scan)
	return r.page(most), translate("reading changes", err)
}

// findHistory is findChanges for one task, if there is one.
const findHistory = `
select
  o.epoch,
  o.generation,
  o.forgotten,` + recordColumns + `
from owners o
join tasks t on t.owner_id = o.owner_id and t.id = $2
left join lateral (
  select *
  from changes
  where owner_id = o.owner_id
    and task_id = $2
    and (generation, seq) > ($3, $4)
  order by
    generation,
    seq
  limit $5) c on true
where o.owner_id = $1
order by
  c.generation,
  c.seq`

// History implements task.Store.
func (s *Store) History(ctx context.Context, owner string, id task.ID, after task.Place, most int) (task.Changes, error) {
	var r records
	err := s.read(ctx, actAs, owner, findHistory, []any{owner, uuid(id), after.Generation, after.Seq, most + 1}, r.scan)
	if err == nil && !r.any {
		err = task.ErrNotFound
	}
	return r.page(most), translate("reading a task's history", err)
}

// records gathers what findChanges or findHistory return.
type records struct {
	any   bool // there was a row, with or without a record
	found task.Changes
}

func (r *records) scan(rows pgx.Rows) error {
	*r = records{} // a second try begins afresh
	for rows.Next() {
		r.any = true
		var record task.Record
		var before, after []byte
		place := &r.found.Through
		dest := []any{
			&place.Epoch, &place.Generation, &r.found.Forgotten,
			&record.Place.Generation, &record.Place.Seq, (*string)(&record.Change), (*moment)(&record.At), &record.Actor, &before, &after,
		}
		if err := scanFound(rows, dest, 3); err != nil {
			return err
		}
		if after == nil {
			continue
		}
		var err error
		if record.Before, err = taskOf(before); err != nil {
			return err
		}
		if record.Task, err = taskOf(after); err != nil {
			return err
		}
		record.Place.Epoch = place.Epoch
		r.found.Records = append(r.found.Records, record)
	}
	return rows.Err()
}

// page leaves at most so many records, and says where the next ones begin.
func (r *records) page(most int) task.Changes {
	c := r.found
	c.Through.Seq = math.MaxInt64
	if c.More = len(c.Records) > most; c.More {
		c.Records = c.Records[:most]
		c.Through = c.Records[most-1].Place
	}
	return c
}
