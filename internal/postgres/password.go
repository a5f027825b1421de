package postgres

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// passwords are those of which the server takes one, while it is being changed.
type passwords struct {
	all  []string
	last atomic.Int64 // index of the one that it took last
}

// choose has a connection made with a password that the server takes, the one
// that it took last if it still does. Only a connection of its own can find that
// out, so that each costs another.
func (p *passwords) choose(ctx context.Context, config *pgx.ConnConfig) error {
	var err error
	for i := range p.all {
		at := (int(p.last.Load()) + i) % len(p.all)
		config.Password = p.all[at]
		var conn *pgconn.PgConn
		if conn, err = pgconn.ConnectConfig(ctx, &config.Config); err == nil {
			conn.Close(ctx)
			p.last.Store(int64(at))
			return nil
		}
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.Code != invalidPassword {
			return err
		}
	}
	return err
}
