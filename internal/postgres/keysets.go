package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

const findKeySet = `
select
  document,
  fetched_at
from key_sets
where source = $1`

// KeySet returns the public keys last fetched from a source, and when; nil if
// none were.
func (s *Store) KeySet(ctx context.Context, source string) (document []byte, fetched time.Time, err error) {
	err = retry(ctx, s.Pool, func() error {
		return s.Pool.QueryRow(ctx, findKeySet, source).Scan(&document, (*moment)(&fetched))
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, time.Time{}, nil
	}
	return document, fetched, translate("reading public keys", err)
}

const keepKeySet = `
insert into key_sets as k (source, document, fetched_at)
values ($1, $2, $3)
on conflict (source) do update set
  document = excluded.document,
  fetched_at = excluded.fetched_at
where k.fetched_at < excluded.fetched_at`

// KeepKeySet stores what was fetched, unless something newer is there.
func (s *Store) KeepKeySet(ctx context.Context, source string, document []byte, fetched time.Time) error {
	err := retry(ctx, s.Pool, func() error {
		_, err := s.Pool.Exec(ctx, keepKeySet, source, document, fetched)
		return err
	})
	return translate("keeping public keys", err)
}
