package tasktest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

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
	{"a file is taken once, with its relations whichever way they point", func(t *testing.T, b *bench) {
		u := b.user(t)
		records := []task.ImportRecord{
			record("child", "parent", "later"), record("parent", ""), record("later", ""), record("done", "", "later", "parent"),
		}
		records[1].Patch.Archived = task.Value(true)
		records[3].Patch.Completed, records[3].CompletedAt = task.Value(true), began.Add(-time.Hour)
		records[3].CreatedAt = began.Add(-2 * time.Hour)
		for _, want := range []task.ImportResult{task.ImportCreated, task.ImportSkipped} {
			for name, result := range u.take(records...) {
				equal(t, name, result, want)
			}
		}
		kept := map[string]task.Task{}
		for _, s := range u.list(matching(task.Filter{Archived: task.Either})) {
			kept[s.Title] = u.stored(s.ID)[s.ID]
		}
		equal(t, "how many", len(kept), 4)
		equal(t, "parent", kept["child"].ParentID, kept["parent"].ID)
		equal(t, "its subtasks", kept["parent"].Subtasks, task.Progress{Total: 1})
		equal(t, "dependencies", kept["child"].DependsOn, []task.ID{kept["later"].ID})
		equal(t, "open ones", kept["child"].OpenDependencies, 1)
		equal(t, "completed", kept["done"].CompletedAt, began.Add(-time.Hour))
		equal(t, "created", kept["done"].CreatedAt, began.Add(-2*time.Hour))
		u.counts(t)
		u.complete(kept["later"].ID)
		equal(t, "open ones when it is done", u.stored(kept["child"].ID)[kept["child"].ID].OpenDependencies, 0)
		u.remove(kept["done"].ID, false)
		equal(t, "one that is gone", u.take(records...)["done"], task.ImportCreated)
		equal(t, "for another owner", b.user(t).take(records[1])["parent"], task.ImportCreated)
	}},
}

func record(name, parent string, dependsOn ...string) task.ImportRecord {
	p, _ := titled(name).NewTask()
	return task.ImportRecord{Source: "test:" + name, Name: name, Patch: p, Parent: parent, DependsOn: dependsOn}
}

// take imports records, and returns what became of each. What is not carried
// over ends the test.
func (u *user) take(records ...task.ImportRecord) map[string]task.ImportResult {
	u.t.Helper()
	became := map[string]task.ImportResult{}
	importer := u.service.Importer(u.call, task.ImportTell{
		Result: func(n int, r task.ImportResult, _ task.ID, _ error) { became[records[n].Name] = r },
		Note:   func(_ int, pointer, detail string) { u.t.Errorf("%s %s", pointer, detail) },
	})
	for n, r := range records {
		r.Position = n
		u.must("importing", importer.Add(ctx(), r))
	}
	u.must("importing", importer.Close(ctx()))
	return became
}
