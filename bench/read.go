package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"

	"github.com/redis/go-redis/v9"

	"todo-app/internal/auth"
	"todo-app/internal/pgserver"
	"todo-app/internal/postgres"
)

const (
	readers  = 8  // connections that ask at once
	pageSize = 50 // tasks in the list that is read
)

// someTasks makes a database in which the local owner has a page of tasks.
func (b *bench) someTasks(ctx context.Context, database string) error {
	if err := b.database(ctx, database); err != nil {
		return err
	}
	create, err := b.function(ctx, "create", database, "")
	if err != nil {
		return err
	}
	defer create.stop()
	drafts := make([]map[string]any, pageSize)
	for i := range drafts {
		drafts[i] = draft(i)
	}
	if _, err := ask(ctx, create, "", http.MethodPost, tasksPath, body(drafts)); err != nil {
		return err
	}
	return b.exec(ctx, database, "vacuum analyze")
}

// floor starts a yardstick on the same data, connected as the tables' owner:
// row-level security is part of our cost, not of the yardstick's.
func (b *bench) floor(ctx context.Context, database string, args ...string) (*process, error) {
	env := []string{"DATABASE_URL=" + b.postgres.URL(pgserver.Superuser, database), "REDIS_URL=" + b.redisURL()}
	return b.run(ctx, "floor", env, args...)
}

// guardedFloor is floor under row-level security: what is left of our cost is
// the program's own.
func (b *bench) guardedFloor(ctx context.Context, database string, args ...string) (*process, error) {
	env := []string{"DATABASE_URL=" + b.postgres.URL(postgres.AppRole, database), "REDIS_URL=" + b.redisURL()}
	return b.run(ctx, "floor", env, append(args, "-guarded")...)
}

// keepForFloor puts an answer into Redis, and returns the arguments with which
// a floor answers with it.
func (b *bench) keepForFloor(ctx context.Context, answer []byte) (args []string, err error) {
	const key = "floor"
	client := redis.NewClient(&redis.Options{Addr: b.redis.addr})
	defer client.Close()
	return []string{"-mode=hot", "-owner=" + auth.Local, "-key=" + key}, client.Set(ctx, key, answer, 0).Err()
}

// reading asks for the list again and again.
func (b *bench) reading(p *process, status int, headers ...string) turn {
	get := request(nil, http.MethodGet, tasksPath, "", headers...)
	return b.metered(p, loading(load{addr: p.addr, clients: readers, status: status, next: same(get)}, b.effort.round))
}

func hotRows(ctx context.Context, b *bench) error {
	const database = "hot"
	if err := b.someTasks(ctx, database); err != nil {
		return err
	}
	list, err := b.function(ctx, "list", database, b.redisURL())
	if err != nil {
		return err
	}
	answer, err := ask(ctx, list, "", http.MethodGet, tasksPath, "")
	if err != nil {
		return err
	}
	args, err := b.keepForFloor(ctx, answer.Body)
	if err != nil {
		return err
	}
	floor, err := b.floor(ctx, database, args...)
	if err != nil {
		return err
	}
	guarded, err := b.guardedFloor(ctx, database, args...)
	if err != nil {
		return err
	}
	if same, err := ask(ctx, floor, "", http.MethodGet, tasksPath, ""); err != nil || !bytes.Equal(same.Body, answer.Body) {
		return errors.Join(err, errors.New("the floor does not answer the same"))
	}
	r, err := inTurns(ctx, b.effort.rounds, b.reading(list, http.StatusOK), b.reading(floor, http.StatusOK), b.reading(guarded, http.StatusOK))
	if err != nil {
		return err
	}
	b.table.add(row{"hot list of 50, requests", "/s", r[0].rates(), r[1].rates(), aim{least: 0.85}})
	b.table.add(row{"hot list of 50, yardstick under row-level security too", "/s", r[0].rates(), r[2].rates(), aim{}})
	b.table.add(row{"hot list of 50, p99", "ms", r[0].p99s(), r[1].p99s(), aim{most: 1.5}})
	b.table.add(row{"hot list of 50, CPU of a request", "µs", r[0].cpus(), r[1].cpus(), aim{}})
	b.table.note("hot list: %d KiB, %d connections; yardstick: net/http + a primary-key read + a Redis GET of the same bytes.", len(answer.Body)>>10, readers)
	return nil
}

func notModifiedRows(ctx context.Context, b *bench) error {
	const database = "notmodified"
	if err := b.someTasks(ctx, database); err != nil {
		return err
	}
	list, err := b.function(ctx, "list", database, b.redisURL())
	if err != nil {
		return err
	}
	args := []string{"-mode=tag", "-owner=" + auth.Local}
	floor, err := b.floor(ctx, database, args...)
	if err != nil {
		return err
	}
	guarded, err := b.guardedFloor(ctx, database, args...)
	if err != nil {
		return err
	}
	var turns []turn
	for _, p := range []*process{list, floor, guarded} {
		answer, err := ask(ctx, p, "", http.MethodGet, tasksPath, "")
		if err != nil {
			return err
		}
		turns = append(turns, b.reading(p, http.StatusNotModified, "If-None-Match: "+answer.Header.Get("ETag")))
	}
	r, err := inTurns(ctx, b.effort.rounds, turns...)
	if err != nil {
		return err
	}
	b.table.add(row{"304 on If-None-Match, requests", "/s", r[0].rates(), r[1].rates(), aim{least: 0.90}})
	b.table.add(row{"304 on If-None-Match, yardstick under row-level security too", "/s", r[0].rates(), r[2].rates(), aim{}})
	b.table.add(row{"304 on If-None-Match, p99", "ms", r[0].p99s(), r[1].p99s(), aim{}})
	b.table.add(row{"304 on If-None-Match, CPU of a request", "µs", r[0].cpus(), r[1].cpus(), aim{}})
	b.table.note("304: yardstick: net/http + a primary-key read.")
	return nil
}
