package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"

	"github.com/jackc/pgx/v5"

	"todo-app/bench/owners"
	"todo-app/internal/auth"
	"todo-app/internal/pgserver"
)

const (
	writers    = 16
	manyOwners = 1000
)

// creating is the turn of clients that each add task after task, every one
// with a key of its own.
func creating(p *process, clients int, b *bench, owner func() string) turn {
	content := body(draft(0))
	return b.metered(p, loading(load{addr: p.addr, clients: clients, status: http.StatusCreated, next: func(buf []byte, _, _ int) []byte {
		key := strconv.FormatUint(rand.Uint64()|1<<63, 10)
		return request(buf, http.MethodPost, tasksPath, content, "Idempotency-Key: "+key, owners.Header+": "+owner())
	}}, b.effort.round))
}

func anyOwner() string { return strconv.Itoa(1 + rand.IntN(manyOwners)) }

func oneOwner() string { return auth.Local }

// createRows compares with pgbench, which runs the very statements in the
// same two round trips.
func createRows(ctx context.Context, b *bench) error {
	if err := b.createByMany(ctx); err != nil {
		return err
	}
	const database = "createone"
	if err := b.someTasks(ctx, database); err != nil {
		return err
	}
	create, err := b.function(ctx, "create", database, "")
	if err != nil {
		return err
	}
	bench, err := b.newPgbench(ctx, database, auth.Local, "\\set owner 1\n")
	if err != nil {
		return err
	}
	r, err := inTurns(ctx, b.effort.rounds, creating(create, writers, b, oneOwner), b.benching(bench, writers, b.effort.round))
	if err != nil {
		return err
	}
	if err := b.noteLog(ctx, database, create); err != nil {
		return err
	}
	b.table.add(row{"create, 16 clients, one owner", "/s", r[0].rates(), r[1].rates(), aim{least: 0.80}})
	b.table.add(row{"create, 16 clients, one owner, CPU of a request", "µs", r[0].cpus(), r[1].cpus(), aim{}})
	b.table.note("create: the function, 8 connections to PostgreSQL (its default), idempotency key on every request; yardstick: pgbench -M prepared, "+
		"%d clients, the statements our code was seen to send, pipelined into the same two round trips. pgbench has no strings, "+
		"so there the statement puts the task's id together.", writers)
	return nil
}

// createByMany is the same for many owners. The function knows one owner
// while it asks for no credentials, so the endpoints and all behind them are
// put together by bench/server, which takes the owner from a header.
func (b *bench) createByMany(ctx context.Context) error {
	const database = "createmany"
	if err := b.database(ctx, database); err != nil {
		return err
	}
	if err := b.exec(ctx, database, fmt.Sprintf(
		"insert into owners (owner_id, generation) select n::text, 1 from generate_series(1, %d) n", manyOwners), "vacuum analyze"); err != nil {
		return err
	}
	server, err := b.run(ctx, "server", b.functionEnv(database, ""))
	if err != nil {
		return err
	}
	wide, err := b.run(ctx, "server", b.functionEnv(database, ""), "-conns="+strconv.Itoa(writers))
	if err != nil {
		return err
	}
	bench, err := b.newPgbench(ctx, database, "watched", fmt.Sprintf("\\set owner random(1, %d)\n", manyOwners))
	if err != nil {
		return err
	}
	r, err := inTurns(ctx, b.effort.rounds, creating(server, writers, b, anyOwner), b.benching(bench, writers, b.effort.round),
		creating(wide, writers, b, anyOwner))
	if err != nil {
		return err
	}
	b.table.add(row{"create, 16 clients on 16 connections, 1,000 owners", "/s", r[2].rates(), r[1].rates(), aim{least: 0.80}})
	b.table.add(row{"create, 16 clients on 8 connections, 1,000 owners", "/s", r[0].rates(), r[1].rates(), aim{}})
	b.table.add(row{"create, 16 clients, 1,000 owners, CPU of a request", "µs", r[0].cpus(), r[1].cpus(), aim{}})
	b.table.note("1,000 owners: the yardstick has a connection for each client; a function by default 8. The create endpoint is served by bench/server, which takes the owner from a header; the functions have one owner while nobody signs in.")
	return nil
}

// noteLog tells what a create writes to the write-ahead log, which is what
// replicas and archives are sent. The turns before have touched the pages, so
// that few are logged in full.
func (b *bench) noteLog(ctx context.Context, database string, create *process) error {
	const some = 1000
	return b.as(ctx, pgserver.Superuser, database, func(conn *pgx.Conn) error {
		var before, after int64
		const written = "select (pg_current_wal_insert_lsn() - '0/0')::bigint"
		if err := conn.QueryRow(ctx, written).Scan(&before); err != nil {
			return err
		}
		for i := range some {
			if _, err := ask(ctx, create, "", http.MethodPost, tasksPath, body(draft(i))); err != nil {
				return err
			}
		}
		if err := conn.QueryRow(ctx, written).Scan(&after); err != nil {
			return err
		}
		b.table.note("create: %.1f kB of write-ahead log each.", float64(after-before)/some/1000)
		return nil
	})
}
