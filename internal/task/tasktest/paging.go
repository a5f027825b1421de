package tasktest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"todo-app/internal/task"
)

var paging = []test{
	{"pages show each task exactly once while others are written", func(t *testing.T, b *bench) {
		u := b.user(t)
		untouched := map[task.ID]bool{}
		var touched []task.ID
		for i := range 120 {
			id := u.create(task.Patch{Title: task.Value(fmt.Sprint("task ", i%7, " ", i)), Order: task.Value(float64(i % 5)), Priority: task.Value(task.Medium)}).ID
			if i%4 == 0 {
				touched = append(touched, id)
			} else {
				untouched[id] = true
			}
			u.clock.advance(time.Second)
		}
		writing, stop := context.WithCancel(ctx())
		var writers sync.WaitGroup
		writers.Go(func() {
			for i := 0; writing.Err() == nil; i++ {
				u.clock.advance(time.Millisecond)
				u.service.Create(ctx(), u.call, []task.Patch{{Title: task.Value(fmt.Sprint("task ", i)), Order: task.Value(float64(i % 6))}}, false)
			}
		})
		writers.Go(func() {
			for i := 0; writing.Err() == nil; i++ {
				id := touched[i%len(touched)]
				if i%9 == 8 {
					u.service.Delete(ctx(), u.call, id, false, nil)
				} else {
					u.update(id, task.Edit{Patch: task.Patch{Title: task.Value(fmt.Sprint("task ", i)), Order: task.Value(float64(i)), Priority: task.Value(task.High + task.Priority(i%3))}})
				}
			}
		})
		defer func() { stop(); writers.Wait() }()
		for _, sort := range task.Sorts {
			for _, desc := range []bool{false, true} {
				seen := map[task.ID]int{}
				for _, s := range u.list(task.Query{Sort: sort, Desc: desc, Limit: 17}) {
					seen[s.ID]++
				}
				for id := range untouched {
					if seen[id] != 1 {
						t.Errorf("by %s, reversed %t: a task that nobody touched is shown %d times", sort, desc, seen[id])
					}
				}
			}
		}
	}},
	{"a cursor that was tampered with is refused", func(t *testing.T, b *bench) {
		u := b.user(t)
		u.createAll(titled("a"), titled("b"), titled("c"))
		for _, sort := range task.Sorts {
			q := task.Query{Sort: sort, Limit: 1}
			for _, key := range []string{"", "x", "1e999", "99999999999999999999", "-99999999999999999", "\xff", "a\x00b", "' or 1=1"} {
				q.After = task.Position{Key: key, ID: newID()}
				r, err := u.service.List(ctx(), u.call, q, nil)
				_, number := strconv.ParseFloat(key, 64)
				place := sort == task.SortTitle || sort == task.SortOrder && number == nil
				if err == nil && !place {
					t.Errorf("by %s from %q: got %s", sort, key, r.Body)
				}
				if err != nil && task.AsFaults(err) == nil {
					t.Errorf("by %s from %q: %v", sort, key, err)
				}
			}
		}
	}},
	{"a page that ends the list has no next", func(t *testing.T, b *bench) {
		u := b.user(t)
		u.createAll(titled("a"), titled("b"), titled("c"), titled("d"))
		for limit, next := range map[int]bool{1: true, 3: true, 4: false, 5: false} {
			q := every()
			q.Limit = limit
			equal(t, fmt.Sprintf("whether there is more after %d of 4", limit), u.page(q).Next != "", next)
		}
	}},
	{"a tree shows each root with its subtasks", func(t *testing.T, b *bench) {
		u := b.user(t)
		roots := u.createAll(titled("b"), titled("a"), titled("c"))
		u.createAll(under(roots[0].ID, "b2"), under(roots[0].ID, "b1"), under(roots[2].ID, "c1"))
		u.change(u.create(under(roots[1].ID, "put away")).ID, task.Patch{Archived: task.Value(true)})
		u.complete(u.create(under(roots[1].ID, "a1")).ID)
		for limit := 1; limit <= 4; limit++ {
			q := task.Query{Filter: task.Filter{Archived: task.No}, Sort: task.SortTitle, Limit: limit, Tree: true}
			equal(t, "the tree", outline(u.list(q)), "a(a1) b(b1 b2) c(c1)")
			q.Desc = true
			equal(t, "the tree reversed", outline(u.list(q)), "c(c1) b(b2 b1) a(a1)")
			q.Status = task.No
			equal(t, "roots that are pending", outline(u.list(q)), "c(c1) b(b2 b1) a(a1)")
			q.Archived = task.Either
			equal(t, "the tree with the archive", outline(u.list(q)), "c(c1) b(b2 b1) a(put away a1)")
		}
		u.complete(roots[2].ID)
		equal(t, "roots that are completed", outline(u.list(task.Query{Filter: task.Filter{Status: task.Yes}, Sort: task.SortTitle, Limit: 9, Tree: true})), "c(c1)")
	}},
	{"a tree's page ends early where it carries too many subtasks", func(t *testing.T, b *bench) {
		u := b.user(t)
		roots := u.createAll(titled("a"), titled("b"), titled("c"), titled("d"), titled("e"))
		for root, children := range map[int]int{0: 1000, 1: 999, 2: 2, 3: 1, 4: 1000} {
			drafts := make([]task.Patch, children)
			for i := range drafts {
				drafts[i] = under(roots[root].ID, fmt.Sprint(i))
			}
			u.createAll(drafts...)
		}
		q := task.Query{Sort: task.SortTitle, Limit: 50, Tree: true}
		var pages []string
		for {
			r := u.page(q)
			var part []shown
			decode(u, r.Body, &part)
			page := ""
			for _, s := range part {
				page += fmt.Sprintf("%s%d ", s.Title, len(s.Children))
				equal(t, "subtasks carried", len(s.Children), s.Subtasks.Total)
			}
			pages = append(pages, page)
			if r.Next == "" {
				break
			}
			var err error
			q.After, err = q.ParseCursor(r.Next)
			u.must("reading the cursor", err)
		}
		equal(t, "pages", pages, []string{"a1000 b999 c2 ", "d1 e1000 "})
	}},
}

func outline(roots []shown) string {
	var parts []string
	for _, root := range roots {
		var children []string
		for _, child := range root.Children {
			children = append(children, child.Title)
		}
		parts = append(parts, root.Title+"("+strings.Join(children, " ")+")")
	}
	return strings.Join(parts, " ")
}
