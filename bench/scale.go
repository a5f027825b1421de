package main

import (
	"context"
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
	deep := map[string]string{}
	for owner, n := range owned {
		if deep[owner], err = deepPage(ctx, server, owner, n*9/10); err != nil {
			return err
		}
	}
	return b.scaleBy(ctx, server, deep)
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

func (b *bench) scaleBy(ctx context.Context, server *process, deep map[string]string) error {
	at := func(query string) func(string) turn {
		return func(owner string) turn {
			get := request(nil, http.MethodGet, tasksPath+query, "", owners.Header+": "+owner)
			return loading(load{addr: server.addr, clients: 1, status: http.StatusOK, next: same(get)}, b.effort.short)
		}
	}
	rows := []struct {
		name string
		turn func(owner string) turn
	}{
		{"list", at("")},
		{"list, pending by due", at("?status=pending&sort=due")},
		{"list, page nine tenths down", func(owner string) turn { return at(deep[owner])(owner) }},
		{"search, a word of 20 tasks", at("?q=zirconium")},
		{"search, a word of every task", at("?q=errand")},
		{"search, two words of every task", at("?q=water+plants")},
		{"list, a tag of one task in ten", at("?tag=tag3")},
		{"list, a tag of three in a hundred", at("?tag=some")},
		{"list, a tag of three in a hundred by title", at("?tag=some&sort=title")},
		{"list, a category of all", at("?category=home")},
		{"create", func(owner string) turn {
			content := body(draft(0))
			return loading(load{addr: server.addr, clients: 1, status: http.StatusCreated, next: func(buf []byte, _, _ int) []byte {
				return request(buf, http.MethodPost, tasksPath, content, owners.Header+": "+owner,
					"Idempotency-Key: "+strconv.FormatUint(rand.Uint64(), 10))
			}}, b.effort.round)
		}},
	}
	for _, s := range rows {
		r, err := inTurns(ctx, b.effort.rounds, s.turn("large"), s.turn("small"))
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		name := fmt.Sprintf("%d tasks: %s", b.effort.large, s.name)
		b.table.add(row{name + ", p50", "ms", r[0].p50s(), r[1].p50s(), aim{}})
		b.table.add(row{name + ", p99", "ms", r[0].p99s(), r[1].p99s(), aim{most: 1.5}})
	}
	return nil
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
