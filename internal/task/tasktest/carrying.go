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
		for _, name := range []string{"b", "a"} {
			_, err := u.service.CreateTemplate(ctx(), u.call, task.TemplateDraft{Name: name, Patch: titled("x")}, nil)
			u.must("keeping a template", err)
		}
		var seen []task.Task
		var templates []string
		u.must("reading", b.store.Snapshot(ctx(), u.call.Owner, task.Telling{Owner: func(o task.Owner) error {
			equal(t, "zone", o.Zone, "Asia/Tokyo")
			return nil
		}, Template: func(each *task.Template) error {
			templates = append(templates, each.Name)
			return nil
		}, Task: func(each *task.Task) error {
			if len(seen) == 0 { // all of this comes too late
				u.remove(all[0].ID, false)
				u.change(all[1199].ID, titled("changed"))
				u.create(titled("new"))
			}
			seen = append(seen, *each)
			return nil
		}}))
		equal(t, "templates", templates, []string{"a", "b"})
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
		told, nobody := 0, func(task.Owner) error { return nil }
		isError(t, "told of tasks", b.store.Snapshot(ctx(), u.call.Owner, task.Telling{Owner: nobody, Task: func(*task.Task) error {
			told++
			return enough
		}}), enough)
		isError(t, "told of the owner", b.store.Snapshot(ctx(), u.call.Owner, task.Telling{Owner: func(task.Owner) error { return enough }}), enough)
		_, err := u.service.CreateTemplate(ctx(), u.call, task.TemplateDraft{Name: "a", Patch: titled("x")}, nil)
		u.must("keeping a template", err)
		isError(t, "told of a template", b.store.Snapshot(ctx(), u.call.Owner, task.Telling{Owner: nobody, Template: func(*task.Template) error { return enough }}), enough)
		equal(t, "how often", told, 1)
		u.must("reading that of nobody", b.store.Snapshot(ctx(), u.call.Owner+"?", task.Telling{Owner: func(o task.Owner) error {
			equal(t, "the owner", o, task.Owner{})
			return nil
		}, Task: func(*task.Task) error { return enough }}))
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
	{"a calendar has what is due, in its order, for who knows its secret", func(t *testing.T, b *bench) {
		u, other := b.user(t), b.user(t)
		dated := func(title, on string, p task.Patch) {
			p.Title, p.Due = task.Value(title), task.Value(due(on))
			u.create(p)
		}
		dated("late", "2026-04-01T10:00:00Z", task.Patch{})
		dated("done", "2026-03-20", task.Patch{Completed: task.Value(true)})
		dated("soon", "2026-03-11", task.Patch{})
		dated("away", "2026-03-12", task.Patch{Archived: task.Value(true)})
		dated("past", "2026-03-01", task.Patch{})
		u.create(titled("undated"))
		read := func(most int) (found []string) {
			u.must("reading", b.store.Dated(ctx(), u.call.Owner, began.AddDate(0, 0, -3), most, func(each *task.Task) error {
				found = append(found, each.Title)
				return nil
			}))
			return found
		}
		equal(t, "what is due", read(10), []string{"soon", "done", "late"})
		equal(t, "the first of it", read(2), []string{"soon", "done"})
		enough := errors.New("enough")
		isError(t, "who is told", b.store.Dated(ctx(), u.call.Owner, began, 9, func(*task.Task) error { return enough }), enough)

		for _, each := range []*user{u, other} {
			each.service.NewSecret = func() string { return each.call.Owner + " secret" }
		}
		none, err := u.service.Calendar(ctx(), u.call)
		u.must("asking for none", err)
		equal(t, "none", none, task.Calendar{})
		secret, open := u.service.OpenCalendar()
		for range 2 {
			_, err = open(ctx(), u.call)
			u.must("opening", err)
		}
		theirs, open := other.service.OpenCalendar()
		_, err = open(ctx(), other.call)
		u.must("opening another's", err)
		found, err := u.service.FindFeed(ctx(), secret)
		u.must("finding", err)
		equal(t, "whose", found.Owner, u.call.Owner)
		there, err := u.service.Calendar(ctx(), u.call)
		u.must("asking", err)
		equal(t, "since when", there.CreatedAt, began)
		_, err = u.service.CloseCalendar(ctx(), u.call)
		u.must("closing", err)
		_, err = u.service.FindFeed(ctx(), secret)
		isError(t, "one that is closed", err, task.ErrNoCalendar)
		found, err = u.service.FindFeed(ctx(), theirs)
		u.must("finding another's", err)
		equal(t, "whose", found.Owner, other.call.Owner)
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
