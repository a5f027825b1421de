package main

import (
	"context"
	"net/http"
)

// hopRows compare the list through the front door with the list itself.
func hopRows(ctx context.Context, b *bench) error {
	const database = "hop"
	if err := b.someTasks(ctx, database); err != nil {
		return err
	}
	list, err := b.function(ctx, "list", database, b.redisURL())
	if err != nil {
		return err
	}
	env := []string{"GOGC=200", "TODO_FUNCTION_URL=http://{function}.invalid"} // as functions collect; the address is an argument
	door, err := b.run(ctx, "door", env, "-to="+list.addr)
	if err != nil {
		return err
	}
	get := request(nil, http.MethodGet, tasksPath, "")
	reading := func(p *process, clients int) turn {
		return loading(load{addr: p.addr, clients: clients, status: http.StatusOK, next: same(get)}, b.effort.round)
	}
	r, err := inTurns(ctx, b.effort.rounds, reading(door, readers), reading(list, readers), reading(door, 1), reading(list, 1))
	if err != nil {
		return err
	}
	b.table.add(row{"list through the front door, requests", "/s", r[0].rates(), r[1].rates(), aim{least: 0.90}})
	b.table.add(row{"list through the front door, p99", "ms", r[0].p99s(), r[1].p99s(), aim{}})
	b.table.add(row{"list through the front door, p50 of one client", "ms", r[2].p50s(), r[3].p50s(), aim{}})
	b.table.add(row{"added by the front door to that p50", "ms", added(r[2].p50s(), r[3].p50s()), r[3].p50s(), aim{ceiling: 0.3}})
	b.table.note("front door: yardstick: the list function asked straight; %d connections, which share the cores with one process more.", readers)
	return nil
}

// added returns by how much each figure of one side is above the other's.
func added(ours, theirs []float64) []float64 {
	more := make([]float64, len(ours))
	for i := range ours {
		more[i] = ours[i] - theirs[i]
	}
	return more
}
