package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"todo-app/bench/owners"
)

const (
	smallTasks = 1000
	rareTasks  = 20 // that hold the rare word, however many tasks there are
)

// scaleRows compares an owner of few tasks with one of many on the same
// database, one request at a time and no cache.
func scaleRows(ctx context.Context, b *bench) error {
	const database = "scale"
	if err := b.database(ctx, database); err != nil {
		return err
	}
	server, err := b.run(ctx, "server", b.functionEnv(database, ""))
	if err != nil {
		return err
	}
	owned := map[string]int{"small": smallTasks, "large": b.effort.large}
	began := time.Now()
	for owner, n := range owned {
		if err := fill(ctx, server, owner, n, func(i int) map[string]any { return scaled(i, n) }); err != nil {
			return err
		}
	}
	b.table.note("scale: yardstick: the same owner's figures at %d tasks; %d tasks came through POST in %.0f s, then vacuum analyze. One client, no Redis, bench/server.",
		smallTasks, smallTasks+b.effort.large, time.Since(began).Seconds())
	if err := b.exec(ctx, database, "vacuum analyze"); err != nil {
		return err
	}
	var sides [2]stock
	for i, owner := range []string{"large", "small"} {
		if sides[i], err = stockOf(ctx, server, owner, owned[owner]); err != nil {
			return err
		}
	}
	return b.scaleBy(ctx, fmt.Sprintf("%d tasks", b.effort.large), sides[0], sides[1])
}

// stock is one owner's tasks at a server.
type stock struct {
	server *process
	owner  string
	deep   string // the query of a page nine tenths down the list
	task   string // the id of one that is pending
}

func stockOf(ctx context.Context, server *process, owner string, n int) (stock, error) {
	deep, err := deepPage(ctx, server, owner, n*9/10)
	if err != nil {
		return stock{}, err
	}
	answer, err := ask(ctx, server, owner, http.MethodGet, tasksPath+"?status=pending&limit=1", "")
	if err != nil {
		return stock{}, err
	}
	var first []struct{ ID string }
	if err := json.Unmarshal(answer.Body, &first); err != nil {
		return stock{}, err
	}
	return stock{server, owner, deep, first[0].ID}, nil
}

// scaled is the i-th of n tasks: brief, one in four done, and with the words
// and tags that are searched for.
func scaled(i, n int) map[string]any {
	d := draft(i)
	d["description"] = "An errand."
	d["completed"] = i%4 == 1
	if i%(n/rareTasks) == 0 {
		d["description"] = "An errand with zirconium."
	}
	if i%100 < 3 {
		d["tags"] = append(d["tags"].([]string), "some")
	}
	return d
}

// scaleBy adds the rows that compare many tasks with few.
func (b *bench) scaleBy(ctx context.Context, what string, many, few stock) error {
	for _, s := range b.scaleTurns() {
		r, err := inTurns(ctx, b.effort.rounds, s.turn(many), s.turn(few))
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		name := what + ": " + s.name
		b.table.add(row{name + ", p50", "ms", r[0].p50s(), r[1].p50s(), aim{}})
		b.table.add(row{name + ", p99", "ms", r[0].p99s(), r[1].p99s(), aim{most: 1.5}})
	}
	return nil
}

// scaleTurn is something that people do, however many tasks they have.
type scaleTurn struct {
	name string
	turn func(stock) turn
}

func (b *bench) scaleTurns() []scaleTurn {
	get := func(path func(stock) string) func(stock) turn {
		return func(s stock) turn {
			r := request(nil, http.MethodGet, path(s), "", owners.Header+": "+s.owner)
			return loading(load{addr: s.server.addr, clients: 1, status: http.StatusOK, next: same(r)}, b.effort.short)
		}
	}
	list := func(query string) func(stock) turn {
		return get(func(stock) string { return tasksPath + query })
	}
	return []scaleTurn{
		{"list", list("")},
		{"list, pending by due", list("?status=pending&sort=due")},
		{"list, page nine tenths down", get(func(s stock) string { return tasksPath + s.deep })},
		{"search, a word of 20 tasks", list("?q=zirconium")},
		{"search, a word of every task", list("?q=errand")},
		{"search, two words of every task", list("?q=water+plants")},
		{"list, a tag of one task in ten", list("?tag=tag3")},
		{"list, a tag of three in a hundred", list("?tag=some")},
		{"list, a tag of three in a hundred by title", list("?tag=some&sort=title")},
		{"list, a category of all", list("?category=home")},
		{"one task", get(func(s stock) string { return tasksPath + "/" + s.task })},
		{"statistics", get(func(stock) string { return "/api/v1/stats" })},
		{"trends", get(func(stock) string { return "/api/v1/stats/trends" })},
		{"create", b.creating},
		{"complete and reopen", b.completing},
	}
}

func (b *bench) creating(s stock) turn {
	content := body(draft(0))
	return loading(load{addr: s.server.addr, clients: 1, status: http.StatusCreated, next: func(buf []byte, _, _ int) []byte {
		return request(buf, http.MethodPost, tasksPath, content, owners.Header+": "+s.owner,
			"Idempotency-Key: "+strconv.FormatUint(rand.Uint64(), 10))
	}}, b.effort.round)
}

// completing does both in turn, with one task: of each turn one half.
func (b *bench) completing(s stock) turn {
	do := [2]string{"/complete", "/reopen"}
	return loading(load{addr: s.server.addr, clients: 1, status: http.StatusOK, next: func(buf []byte, _, i int) []byte {
		return request(buf, http.MethodPost, tasksPath+"/"+s.task+do[i%2], "", owners.Header+": "+s.owner)
	}}, b.effort.round)
}

var nextCursor = regexp.MustCompile(`[?&]cursor=([^&>]+)`)

// deepPage walks a list and returns the query of the page behind n tasks.
func deepPage(ctx context.Context, p *process, owner string, n int) (string, error) {
	const most = 500
	query := ""
	for passed := 0; passed < n; passed += most {
		limit := min(most, n-passed)
		answer, err := ask(ctx, p, owner, http.MethodGet, tasksPath+"?limit="+strconv.Itoa(limit)+query, "")
		if err != nil {
			return "", err
		}
		found := nextCursor.FindStringSubmatch(answer.Header.Get("Link"))
		if found == nil {
			return "", errors.New("a list ended before its time")
		}
		if _, err := url.QueryUnescape(found[1]); err != nil {
			return "", err
		}
		query = "&cursor=" + found[1]
	}
	return "?" + query[1:], nil
}
