package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"todo-app/internal/auth"
)

// perTurn is how many processes a turn starts.
const perTurn = 5

// starting is the turn of a few starts, each from exec to the end of the
// first answer.
func starting(program string, path string, env []string, args ...string) turn {
	get := request(nil, http.MethodGet, path, "")
	return func(ctx context.Context) (figures, error) {
		var took []time.Duration
		for range perTurn {
			d, err := startOnce(ctx, get, program, env, args)
			if err != nil {
				return figures{}, err
			}
			took = append(took, d)
		}
		return summary(took, time.Second), nil
	}
}

func startOnce(ctx context.Context, get []byte, program string, env, args []string) (time.Duration, error) {
	p, err := listening(ctx, program, env, args...)
	if err != nil {
		return 0, err
	}
	defer p.stop()
	c, err := dial(p.addr)
	if err != nil {
		return 0, err
	}
	defer c.conn.Close()
	status, err := c.do(get)
	took := time.Since(p.began)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s answered %d to its first request", program, status)
	}
	return took, err
}

func startRows(ctx context.Context, b *bench) error {
	const database = "start"
	if err := b.someTasks(ctx, database); err != nil {
		return err
	}
	env := b.functionEnv(database, b.redisURL())
	floorEnv := []string{"DATABASE_URL=" + b.postgres.URL("postgres", database), "REDIS_URL=" + b.redisURL()}
	r, err := inTurns(ctx, b.effort.starts/perTurn,
		starting(b.program("hello"), "/", nil),
		starting(b.program("list"), "/health/live", env),
		starting(b.program("list"), tasksPath, env),
		starting(b.program("floor"), "/", floorEnv, "-mode=tag", "-owner="+auth.Local),
	)
	if err != nil {
		return err
	}
	hello := r[0].p50s()
	b.table.add(row{"exec to first answer: /health/live", "ms", r[1].p50s(), hello, aim{most: 1.5}})
	b.table.add(row{"exec to first answer: the list", "ms", r[2].p50s(), hello, aim{most: 1.5}})
	b.table.add(row{"exec to first answer: the list, yardstick reads PostgreSQL too", "ms", r[2].p50s(), r[3].p50s(), aim{}})
	b.table.note("start: %d of each; yardstick: a bare net/http program.", b.effort.starts)
	return nil
}
