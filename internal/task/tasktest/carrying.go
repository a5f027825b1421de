package tasktest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"todo-app/internal/task"
)

var carrying = []test{
	{"a snapshot has every task once, as all of them were at one moment", func(t *testing.T, b *bench) {
		u := b.user(t)
		var drafts []task.Patch
		for i := range 1200 {
			drafts = append(drafts, titled(fmt.Sprint(i)))
		}
		all := slices.Concat(u.createAll(drafts[:600]...), u.createAll(drafts[600:]...))
		u.change(all[3].ID, task.Patch{Archived: task.Value(true), Tags: task.Value([]string{"tag"})})
		u.must("choosing", u.service.SetSettings(ctx(), u.call, task.Settings{Zone: "Asia/Tokyo"}, nil))
		kept := u.stored(all[3].ID, all[1199].ID)
		var seen []task.Task
		u.must("reading", b.store.Snapshot(ctx(), u.call.Owner, func(o task.Owner) error {
			equal(t, "zone", o.Zone, "Asia/Tokyo")
			return nil
		}, func(each *task.Task) error {
			if len(seen) == 0 { // all of this comes too late
				u.remove(all[0].ID, false)
				u.change(all[1199].ID, titled("changed"))
				u.create(titled("new"))
			}
			seen = append(seen, *each)
			return nil
		}))
		equal(t, "how many", len(seen), 1200)
		for i := range seen {
			if seen[i].ID != all[i].ID {
				t.Fatalf("task %d is %s", i, seen[i].Title)
			}
		}
		equal(t, "an archived one", seen[3], kept[all[3].ID])
		equal(t, "one changed meanwhile", seen[1199], kept[all[1199].ID])
	}},
	{"a snapshot ends with the error of who is told", func(t *testing.T, b *bench) {
		u, enough := b.user(t), errors.New("enough")
		u.createAll(titled("a"), titled("b"))
		told := 0
		isError(t, "told of tasks", b.store.Snapshot(ctx(), u.call.Owner, func(task.Owner) error { return nil }, func(*task.Task) error {
			told++
			return enough
		}), enough)
		isError(t, "told of the owner", b.store.Snapshot(ctx(), u.call.Owner, func(task.Owner) error { return enough }, nil), enough)
		equal(t, "how often", told, 1)
		u.must("reading that of nobody", b.store.Snapshot(ctx(), u.call.Owner+"?", func(o task.Owner) error {
			equal(t, "the owner", o, task.Owner{})
			return nil
		}, func(*task.Task) error { return enough }))
	}},
}
