package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/task"
)

// keyColumns are the columns of an API key in the order in which scanAPIKey
// scans them.
const keyColumns = `
  id,
  owner_id,
  name,
  scope,
  digest,
  created_at,
  expires_at,
  last_used_at`

func scanAPIKey(row pgx.CollectableRow) (k task.APIKey, err error) {
	var digest []byte
	err = row.Scan((*uuid)(&k.ID), &k.Owner, &k.Name, (*string)(&k.Scope), &digest,
		(*moment)(&k.CreatedAt), (*moment)(&k.ExpiresAt), (*moment)(&k.LastUsedAt))
	copy(k.Digest[:], digest)
	return k, err
}

const findAPIKeys = `
select ` + keyColumns + `
from api_keys
where owner_id = $1
order by id`

// APIKeys implements task.Store.
func (s *Store) APIKeys(ctx context.Context, owner string) (keys []task.APIKey, err error) {
	err = s.read(ctx, actAs, owner, findAPIKeys, []any{owner}, func(rows pgx.Rows) (err error) {
		keys, err = pgx.CollectRows(rows, scanAPIKey)
		return err
	})
	return keys, translate("reading API keys", err)
}

// APIKeys implements task.Tx.
func (t *tx) APIKeys(ctx context.Context) (keys []task.APIKey, err error) {
	err = t.query(ctx, findAPIKeys, []any{t.write.Owner}, func(rows pgx.Rows) (err error) {
		keys, err = pgx.CollectRows(rows, scanAPIKey)
		return err
	})
	return keys, err
}

const insertAPIKey = `
insert into api_keys (owner_id, id, name, scope, digest, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7)`

// InsertAPIKey implements task.Tx.
func (t *tx) InsertAPIKey(k task.APIKey) {
	t.queue(insertAPIKey, t.write.Owner, uuid(k.ID), k.Name, string(k.Scope), k.Digest[:], k.CreatedAt, nullable(k.ExpiresAt))
}

const deleteAPIKey = `
delete from api_keys
where owner_id = $1
  and id = $2`

// DeleteAPIKey implements task.Tx.
func (t *tx) DeleteAPIKey(id task.ID) { t.queue(deleteAPIKey, t.write.Owner, uuid(id)) }

const findAPIKey = `select ` + keyColumns + ` from find_api_key($1)`

// FindAPIKey returns a key by its id, whoever's it is, or task.ErrNoAPIKey,
// and notes that it was used.
func (s *Store) FindAPIKey(ctx context.Context, id task.ID) (k task.APIKey, err error) {
	err = retry(ctx, s.Pool, func() error {
		rows, err := s.Pool.Query(ctx, findAPIKey, uuid(id))
		if err != nil {
			return err
		}
		k, err = pgx.CollectExactlyOneRow(rows, scanAPIKey)
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return k, task.ErrNoAPIKey
	}
	return k, translate("finding an API key", err)
}

// AnyAPIKey reports whether anybody has a key, as the schema's owner.
func AnyAPIKey(ctx context.Context, conn *pgx.Conn) (some bool, err error) {
	err = conn.QueryRow(ctx, `select exists (select from api_keys)`).Scan(&some)
	return some, translate("looking for API keys", err)
}

// Installing is what InstallAPIKey needs of a connection of the schema's owner.
type Installing interface {
	Begin(ctx context.Context) (pgx.Tx, error)
}

const forgetInstalled = `
delete from api_keys
where owner_id = $1
  and name = $2
  and id <> $3`

const installAPIKey = insertAPIKey + `
on conflict (owner_id, id) do update set
  digest = excluded.digest,
  scope = excluded.scope,
  expires_at = excluded.expires_at`

// InstallAPIKey sees to it that a key is there, as the schema's owner. It
// takes the place of the owner's others of its name: a key that is installed
// again with another secret ends the one before.
func InstallAPIKey(ctx context.Context, conn Installing, k task.APIKey) error {
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, forgetInstalled, k.Owner, k.Name, uuid(k.ID)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, installAPIKey, k.Owner, uuid(k.ID), k.Name, string(k.Scope), k.Digest[:], k.CreatedAt, nullable(k.ExpiresAt))
		return err
	})
	return translate("installing an API key", err)
}
