package main

import (
	"context"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"todo-app/bench/owners"
	"todo-app/internal/auth"
	"todo-app/internal/pgserver"
	"todo-app/internal/postgres"
)

// rlsRows compares what the functions' role is charged for the statements of
// a list with what the tables' owner is, whom row-level security lets pass.
func rlsRows(ctx context.Context, b *bench) error {
	const database = "rls"
	if err := b.someTasks(ctx, database); err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, tasksPath, nil)
	if err != nil {
		return err
	}
	r.Header.Set(owners.Header, auth.Local)
	statements, _, err := b.watch(ctx, database, r)
	if err != nil {
		return err
	}
	plain := []statement{{SQL: "select generation, nonce, time_zone from owners where owner_id = $1", Args: statements[0].Args}}
	state, list := statements[:1], statements[1:]
	return b.as(ctx, postgres.AppRole, database, func(bound *pgx.Conn) error {
		return b.as(ctx, pgserver.Superuser, database, func(free *pgx.Conn) error {
			r, err := inTurns(ctx, b.effort.rounds,
				b.repeating(bound, state), b.repeating(free, plain), b.repeating(bound, list), b.repeating(free, list), b.repeating(free, list[len(list)-1:]))
			if err != nil {
				return err
			}
			b.table.add(row{"row-level security: reading the generation", "ms", r[0].p50s(), r[1].p50s(), aim{}})
			b.table.add(row{"row-level security: the list's statement", "ms", r[2].p50s(), r[3].p50s(), aim{}})
			b.table.add(row{"row-level security: the list, yardstick names no owner", "ms", r[2].p50s(), r[4].p50s(), aim{}})
			b.table.note("row-level security: p50 of one pgx connection; ours as %s, yardstick as the tables' owner, who reads the generation by a plain select.", postgres.AppRole)
			return nil
		})
	})
}

// repeating is the turn of a batch that is sent again and again.
func (b *bench) repeating(conn *pgx.Conn, statements []statement) turn {
	return func(ctx context.Context) (figures, error) {
		var took []time.Duration
		began := time.Now()
		for time.Since(began) < b.effort.short {
			var batch pgx.Batch
			for _, s := range statements {
				args := make([]any, len(s.Args))
				for i, a := range s.Args {
					args[i] = a
				}
				batch.Queue(s.SQL, args...)
			}
			sent := time.Now()
			if err := conn.SendBatch(ctx, &batch).Close(); err != nil {
				return figures{}, err
			}
			took = append(took, time.Since(sent))
		}
		return summary(took, time.Since(began)), nil
	}
}
