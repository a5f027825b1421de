package tasktest

import (
	"testing"

	"todo-app/internal/task"
)

var owning = []test{
	{"another owner's task is like one that does not exist", func(t *testing.T, b *bench) {
		u, other := b.user(t), b.user(t)
		theirs := other.create(titled("theirs"))
		child := other.create(under(theirs.ID, "child"))
		mine := u.create(titled("mine"))
		for _, id := range []task.ID{theirs.ID, child.ID} {
			for what, err := range map[string]error{
				"reading":    second(u.service.Get(ctx(), u.call, id, []string{"*"})),
				"changing":   second(u.update(id, task.Edit{Patch: titled("stolen")})),
				"matching":   second(u.update(id, task.Edit{Patch: titled("stolen"), Match: []string{"1-x"}})),
				"replacing":  second(u.update(id, task.Edit{Patch: titled("stolen"), Whole: true})),
				"completing": second(u.service.Complete(ctx(), u.call, id, task.Edit{Force: true})),
				"reopening":  second(u.service.Reopen(ctx(), u.call, id, task.Edit{})),
				"deleting":   second(u.service.Delete(ctx(), u.call, id, false, nil)),
				"promoting":  second(u.service.Delete(ctx(), u.call, id, true, []string{"*"})),
			} {
				isError(t, what, err, task.ErrNotFound)
			}
			_, err := u.service.Create(ctx(), u.call, []task.Patch{{Title: task.Value("x"), ParentID: task.Value(id), DependsOn: task.Value([]task.ID{id})}}, false)
			isFaulty(t, "creating under it", err, "/parent_id", "/depends_on/0")
			_, err = u.update(mine.ID, task.Edit{Patch: task.Patch{ParentID: task.Value(id), DependsOn: task.Value([]task.ID{id})}})
			isFaulty(t, "moving under it", err, "/parent_id", "/depends_on/0")
			equal(t, "deleted among many", u.removeMany(task.Selection{IDs: []task.ID{id}}), 0)
			equal(t, "listed by parent", u.list(matching(task.Filter{Parent: id})), nil)
			equal(t, "found from inside a write", u.stored(id), nil)
		}
		equal(t, "what is mine", titles(u.list(every())), []string{"mine"})
		equal(t, "what is theirs", titles(other.list(every())), []string{"theirs", "child"})
		equal(t, "theirs, untouched", other.get(theirs.ID).Version, 1)
	}},
	{"lists, searches and deletions stay with their owner", func(t *testing.T, b *bench) {
		u, other := b.user(t), b.user(t)
		draft := task.Patch{Title: task.Value("same words"), Tags: task.Value([]string{"same"}), Due: task.Value(due("2026-03-01")), Completed: task.Value(true)}
		other.create(draft)
		for _, q := range []task.Query{
			every(), matching(task.Filter{Text: "same", HasText: true}), matching(task.Filter{Tags: []string{"same"}}),
			matching(task.Filter{Due: task.DueOverdue}), matching(task.Filter{Status: task.Yes}), {Sort: task.SortTitle, Limit: 5, Tree: true},
		} {
			equal(t, "what another is shown", u.list(q), nil)
		}
		equal(t, "completed tasks deleted", u.removeMany(task.Selection{Completed: true}), 0)
		equal(t, "tasks deleted", u.removeMany(task.Selection{All: true}), 0)
		equal(t, "what is there", len(other.list(every())), 1)
	}},
	{"an owner's write leaves another's validators and settings alone", func(t *testing.T, b *bench) {
		u, other := b.user(t), b.user(t)
		u.create(titled("x"))
		tag := u.page(every()).ETag
		other.create(titled("y"))
		other.must("setting the zone", other.service.SetSettings(ctx(), other.call, task.Settings{Zone: "Asia/Tokyo"}, nil))
		equal(t, "still current", u.page(every(), tag).NotModified, true)
		settings, err := u.service.Settings(ctx(), u.call)
		u.must("reading the zone", err)
		equal(t, "the zone", settings.Zone, "UTC")
		equal(t, "another's validator is not current", other.page(every(), tag).NotModified, false)
	}},
}

func second[T any](_ T, err error) error { return err }
