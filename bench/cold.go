package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"todo-app/bench/owners"
	"todo-app/internal/auth"
)

func coldRows(ctx context.Context, b *bench) error {
	const database = "cold"
	if err := b.someTasks(ctx, database); err != nil {
		return err
	}
	list, err := b.function(ctx, "list", database, "")
	if err != nil {
		return err
	}
	missing, err := b.function(ctx, "list", database, b.redisURL())
	if err != nil {
		return err
	}
	floor, err := b.listFloor(ctx, database)
	if err != nil {
		return err
	}
	// Another host, another answer: the cache finds nothing, and keeps it.
	began := time.Now().UnixNano()
	elsewhere := func(buf []byte, client, i int) []byte {
		host := strconv.FormatInt(began, 36) + "." + strconv.Itoa(client) + "." + strconv.FormatInt(time.Now().UnixNano(), 36)
		return request(buf, http.MethodGet, tasksPath, "", "X-Forwarded-Host: "+host)
	}
	r, err := inTurns(ctx, b.effort.rounds, b.reading(list, http.StatusOK), b.reading(floor, http.StatusOK),
		b.metered(missing, loading(load{addr: missing.addr, clients: readers, status: http.StatusOK, next: elsewhere}, b.effort.round)))
	if err != nil {
		return err
	}
	b.table.add(row{"cold list of 50, no Redis, requests", "/s", r[0].rates(), r[1].rates(), aim{least: 0.80}})
	b.table.add(row{"cold list of 50, no Redis, p99", "ms", r[0].p99s(), r[1].p99s(), aim{}})
	b.table.add(row{"cold list of 50, no Redis, CPU of a request", "µs", r[0].cpus(), r[1].cpus(), aim{}})
	b.table.add(row{"cold list of 50, Redis misses and keeps, requests", "/s", r[2].rates(), r[1].rates(), aim{}})
	b.table.note("cold list: yardstick: net/http + the same statements in the same two round trips, past row-level security and without Redis, + encoding/json.")
	return nil
}

// listFloor starts the yardstick that reads the list by our own statements.
func (b *bench) listFloor(ctx context.Context, database string) (*process, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, tasksPath, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set(owners.Header, auth.Local)
	statements, _, err := b.watch(ctx, database, r)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(b.dir, "list.json")
	content, err := json.Marshal(statements)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(file, content, 0o600); err != nil {
		return nil, err
	}
	floor, err := b.floor(ctx, database, "-mode=list", "-statements="+file)
	if err != nil {
		return nil, err
	}
	answer, err := ask(ctx, floor, "", http.MethodGet, tasksPath, "")
	var tasks []any
	if err == nil {
		err = json.Unmarshal(answer.Body, &tasks)
	}
	if err == nil && len(tasks) != pageSize {
		err = fmt.Errorf("the floor lists %d tasks", len(tasks))
	}
	return floor, err
}
