package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"
)

// The ceilings, in MiB.
const (
	idleMiB = 12
	busyMiB = 32
)

func memoryRows(ctx context.Context, b *bench) error {
	const database = "memory"
	if err := b.someTasks(ctx, database); err != nil {
		return err
	}
	args, err := b.keepForFloor(ctx, []byte("[]"))
	if err != nil {
		return err
	}
	floor, err := b.floor(ctx, database, args...)
	if err != nil {
		return err
	}
	hello, err := b.run(ctx, "hello", nil)
	if err != nil {
		return err
	}
	names := []string{"list", "create", "update", "delete", "health"}
	functions := map[string]*process{}
	for _, name := range names {
		if functions[name], err = b.function(ctx, name, database, b.redisURL()); err != nil {
			return err
		}
	}
	requests, err := b.requests(ctx, functions)
	if err != nil {
		return err
	}
	anything := load{status: http.StatusOK, next: same(request(nil, http.MethodGet, "/", ""))}
	requests["hello"], functions["hello"] = anything, hello
	requests["floor"], functions["floor"] = anything, floor
	for name, l := range requests {
		l.addr, l.clients = functions[name].addr, readers
		requests[name] = l
	}
	return b.measureMemory(ctx, names, functions, requests)
}

// requests are what each function is loaded with.
func (b *bench) requests(ctx context.Context, functions map[string]*process) (map[string]load, error) {
	made, err := ask(ctx, functions["create"], "", http.MethodPost, tasksPath, body([]any{draft(0), draft(1)}))
	if err != nil {
		return nil, err
	}
	var tasks []struct{ ID string }
	if err := json.Unmarshal(made.Body, &tasks); err != nil {
		return nil, err
	}
	var number atomic.Int64
	content := body(draft(0))
	return map[string]load{
		"list":   {status: http.StatusOK, next: same(request(nil, http.MethodGet, tasksPath, ""))},
		"health": {status: http.StatusOK, next: same(request(nil, http.MethodGet, "/health", ""))},
		"create": {status: http.StatusCreated, next: same(request(nil, http.MethodPost, tasksPath, content))},
		"update": {status: http.StatusOK, next: func(buf []byte, _, _ int) []byte {
			patch := body(map[string]any{"title": fmt.Sprintf("Water the plants %d times", number.Add(1))})
			return request(buf, http.MethodPatch, tasksPath+"/"+tasks[0].ID, patch)
		}},
		// One that is there would be gone after the first: what a delete looks
		// up and locks is measured, and the answer that there is none.
		"delete": {status: http.StatusNotFound, next: same(request(nil, http.MethodDelete, tasksPath+"/"+missing(tasks[1].ID), ""))},
	}, nil
}

// missing returns an id like id that no task has.
func missing(id string) string { return id[:len(id)-12] + "000000000000" }

func (b *bench) measureMemory(ctx context.Context, names []string, functions map[string]*process, requests map[string]load) error {
	for name := range requests { // the first request, which connects
		l := requests[name]
		l.clients = 1
		if _, err := l.run(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
	if err := sleep(ctx, b.effort.settle); err != nil {
		return err
	}
	idle, own := map[string]float64{}, map[string]float64{}
	for name, p := range functions {
		var err error
		if idle[name], own[name], err = resident(p.cmd.Process.Pid); err != nil {
			return err
		}
	}
	busy := map[string]float64{}
	for name, l := range requests {
		var err error
		if busy[name], err = whileLoaded(ctx, functions[name], l, b.effort.round*2); err != nil {
			return err
		}
	}
	for _, name := range names {
		b.table.add(row{"resident, idle: " + name, "MiB", []float64{idle[name]}, []float64{idle["floor"]}, aim{ceiling: idleMiB}})
	}
	for _, name := range names {
		b.table.add(row{"resident, under load: " + name, "MiB", []float64{busy[name]}, []float64{busy["floor"]}, aim{ceiling: busyMiB}})
	}
	b.table.note("resident: VmRSS; idle is %s after the first request, under load the most of many looks; yardstick: net/http + pgx + go-redis, each used once. "+
		"Of list's idle %.1f MiB %.1f are its own, the rest pages of its program file; of the yardstick's %.1f, %.1f; of a bare net/http program's %.1f, %.1f.",
		b.effort.settle, idle["list"], own["list"], idle["floor"], own["floor"], idle["hello"], own["hello"])
	return nil
}

// whileLoaded returns the largest resident set seen under load.
func whileLoaded(ctx context.Context, p *process, l load, while time.Duration) (most float64, err error) {
	done := make(chan error, 1)
	go func() {
		_, err := l.run(ctx, while)
		done <- err
	}()
	for {
		now, _, err := resident(p.cmd.Process.Pid)
		if err != nil {
			return 0, err
		}
		most = max(most, now)
		select {
		case err := <-done:
			return most, err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
