package postgres

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/task"
)

// keyLife is how long an idempotency key answers for its request.
const keyLife = 24 * time.Hour

// errAnswered reports that the key was taken by a write that committed.
var errAnswered = errors.New("the idempotency key is taken")

// takeKey is a plain insert: a concurrent request with the same key waits
// here for the first to commit and then fails, or to roll back and then runs.
const takeKey = `
insert into idempotency_keys (owner_id, key, digest, created_at)
values ($1, $2, $3, $4)`

const keepAnswer = `
update idempotency_keys
set answer = $3
where owner_id = $1
  and key = $2`

// answer keeps what a replay of the write is given.
func (t *tx) answer(answer []byte) {
	if once := t.write.Once; once != nil {
		t.batch.Queue(keepAnswer, t.write.Owner, once.Key, answer)
	}
}

const findAnswer = `
select
  digest,
  answer,
  created_at
from idempotency_keys
where owner_id = $1
  and key = $2`

const forgetKey = `
delete from idempotency_keys
where owner_id = $1
  and key = $2
  and created_at = $3`

// errExpired asks for another try: the key that was in the way is gone.
var errExpired = errors.New("the idempotency key had expired")

// replay returns the kept answer as a *task.Replay, or ErrKeyReused. An
// answer past its life is dropped and errExpired returned.
func (s *Store) replay(ctx context.Context, w task.Write) error {
	var digest, answer []byte
	var at time.Time
	err := s.read(ctx, actAs, w.Owner, findAnswer, []any{w.Owner, w.Once.Key}, func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&digest, &answer, &at}, func() error { return nil })
		return err
	})
	switch {
	case err != nil:
		return err
	case digest == nil: // purged since
		return errExpired
	case w.At.Sub(at) > keyLife:
		err := s.read(ctx, actAs, w.Owner, forgetKey, []any{w.Owner, w.Once.Key, at}, func(rows pgx.Rows) error {
			rows.Close()
			return rows.Err()
		})
		return errors.Join(errExpired, err)
	case subtle.ConstantTimeCompare(digest, w.Once.Digest[:]) == 0:
		return task.ErrKeyReused
	}
	return &task.Replay{Answer: answer}
}
