package postgres

import (
	"context"
	"errors"
	"io"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"todo-app/internal/task"
)

// Store is a task.Store on PostgreSQL.
type Store struct {
	Pool  *pgxpool.Pool // connected as AppRole
	Nonce func() int64  // random, for task.Generation

	turns turns
}

var _ task.Store = (*Store)(nil)

// ownerState names the owner and reads its row in one statement, because every
// read begins with it. "offset 0" keeps the setting before the row whose
// policy asks for it; were it ever the other way round, the row would not be
// seen and the answer be that of an owner without writes, which is not cached.
const ownerState = `
select
  coalesce(o.generation, 0),
  coalesce(o.nonce, 0),
  coalesce(o.time_zone, ''),
  coalesce(o.auto_archive_days, 0)
from (select set_config('app.owner', $1, true) as owner_id offset 0) named
left join lateral (
  select
    generation,
    nonce,
    time_zone,
    auto_archive_days
  from owners
  where owner_id = named.owner_id
  offset 0) o on true`

// Owner implements task.Store.
func (s *Store) Owner(ctx context.Context, owner string) (o task.Owner, err error) {
	err = retry(ctx, s.Pool, func() error {
		return s.Pool.QueryRow(ctx, ownerState, owner).Scan(&o.Generation.Count, &o.Generation.Nonce, &o.Zone, &o.AutoArchiveDays)
	})
	return o, translate("reading an owner", err)
}

// actAs names the owner whose rows the transaction may touch.
const actAs = `select set_config('app.owner', $1, true)`

// actAsPlanned is actAs for a statement whose best plan depends on the values
// in it: how rare a word or a category is.
const actAsPlanned = `select set_config('app.owner', $1, true), set_config('plan_cache_mode', 'force_custom_plan', true)`

// read runs one query as the owner, in one round trip: a batch is one
// transaction, so the setting ends with it.
func (s *Store) read(ctx context.Context, as, owner, sql string, args []any, scan func(pgx.Rows) error) error {
	return retry(ctx, s.Pool, func() error {
		var b pgx.Batch
		b.Queue(as, owner)
		b.Queue(sql, args...).Query(scan)
		return s.Pool.SendBatch(ctx, &b).Close()
	})
}

// The retry budget of one request. Only what has surely not happened is tried
// again, and only while the request's own deadline allows.
const (
	tries     = 3
	firstWait = 20 * time.Millisecond
)

// retry runs do until it succeeds or trying again is no use. What cut off one
// connection cuts off those at rest too, and there may be more of them than
// tries: the next tries are on new ones.
func retry(ctx context.Context, pool *pgxpool.Pool, do func() error) error {
	err := do()
	if err == nil || !retryable(err) {
		return err
	}
	if cutOff(err) {
		pool.Reset()
	}
	wait := backoff.NewExponentialBackOff() // jittered by half
	wait.InitialInterval = firstWait
	_, err = backoff.Retry(ctx, func() (struct{}, error) {
		err := do()
		if err != nil && !retryable(err) {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(wait), backoff.WithMaxTries(tries-1))
	return err
}

// closed reports whether the connection ended in mid-conversation.
func closed(err error) bool {
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
