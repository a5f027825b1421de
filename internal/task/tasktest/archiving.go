package tasktest

import (
	"encoding/json"
	"testing"
	"time"

	"todo-app/internal/task"
)

var archiving = []test{
	{"what was completed is archived by itself when it has not changed for long enough", func(t *testing.T, b *bench) {
		u := b.user(t)
		u.must("choosing", u.service.SetSettings(ctx(), u.call, task.Settings{Zone: "UTC", AutoArchiveDays: 7}, nil))
		tagged := task.Patch{Title: task.Value("done first"), Tags: task.Value([]string{"tag"}), Completed: task.Value(true)}
		first := u.create(tagged)
		u.clock.advance(24 * time.Hour)
		second := u.create(titled("done second"))
		u.complete(second.ID)
		u.create(titled("open"))
		u.clock.advance(6*24*time.Hour - time.Microsecond)
		u.archives(0)
		u.clock.advance(time.Microsecond)
		tag := u.page(every()).ETag
		u.archives(1)
		u.counts(t)
		got := u.get(first.ID)
		equal(t, "archived", got.ArchivedAt, u.clock.Now())
		equal(t, "version", got.Version, first.Version+1)
		equal(t, "what readers knew", u.page(every(), tag).NotModified, false)
		equal(t, "by its tag", titles(u.list(matching(task.Filter{Tags: []string{"tag"}, Archived: task.Yes}))), []string{"done first"})
		var history []struct{ Actor, Change string }
		c, err := u.service.History(ctx(), u.call, first.ID, task.Place{})
		u.must("reading its history", err)
		u.must("understanding it", json.Unmarshal(c.AppendHistory(nil), &history))
		equal(t, "who did what", history[len(history)-1], struct{ Actor, Change string }{"auto-archive", "archived"})
		tag = u.page(every()).ETag
		u.archives(0)
		equal(t, "what readers know", u.page(every(), tag).NotModified, true)

		back := u.change(first.ID, task.Patch{Archived: task.Value(false)})
		u.clock.advance(24 * time.Hour)
		u.archives(1) // the second
		equal(t, "what was brought back", u.get(first.ID).Version, back.Version)
		u.clock.advance(6 * 24 * time.Hour)
		u.archives(1)
		u.must("choosing", u.service.SetSettings(ctx(), u.call, task.Settings{Zone: "UTC"}, []string{"UTC~7"}))
		u.change(first.ID, task.Patch{Archived: task.Value(false)})
		u.clock.advance(365 * 24 * time.Hour)
		u.archives(0)
	}},
}

func (u *user) archives(want int) {
	u.t.Helper()
	n, err := u.service.ArchiveOld(ctx(), u.call.Owner)
	u.must("archiving", err)
	equal(u.t, "archived", n, want)
}
