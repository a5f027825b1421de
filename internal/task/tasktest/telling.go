package tasktest

import (
	"fmt"
	"testing"
	"time"

	"todo-app/internal/task"
)

var telling = []test{
	{"an answer from before a due moment is not served after it", func(t *testing.T, b *bench) {
		for _, before := range []time.Duration{time.Hour, time.Microsecond, 0} {
			u := b.user(t)
			moment := began.Add(before)
			id := u.create(task.Patch{Title: task.Value("x"), Due: task.Value(task.Due{At: moment})}).ID
			overdue := matching(task.Filter{Due: task.DueOverdue})
			ask := func(want bool) (tags []string) {
				u.t.Helper()
				for range 2 { // the second answer may be one that was kept
					equal(t, "overdue", u.get(id).Overdue, want)
					equal(t, "listed as overdue", u.list(every())[0].Overdue, want)
					equal(t, "in the overdue list", len(u.list(overdue)) == 1, want)
				}
				return []string{u.read(id).ETag, u.page(every()).ETag, u.page(overdue).ETag}
			}
			tags := ask(false)
			u.clock.set(moment)
			ask(false)
			u.clock.advance(time.Microsecond)
			equal(t, "a validator still stands", []bool{
				u.read(id, tags...).NotModified, u.page(every(), tags...).NotModified, u.page(overdue, tags...).NotModified,
			}, []bool{false, false, false})
			ask(true)
		}
	}},
	{"an answer from before midnight is not served after it", func(t *testing.T, b *bench) {
		for _, zone := range zones {
			u := b.user(t).in(zone)
			today := date(began.In(zone))
			var drafts []task.Patch
			for days := -2; days <= 32; days++ {
				drafts = append(drafts, task.Patch{Title: task.Value(fmt.Sprint(days)), Due: task.Value(task.Due{At: today.AddDate(0, 0, days), AllDay: true})})
			}
			all := u.createAll(drafts...)
			late, todays := all[0].ID, all[2].ID
			midnight := time.Date(today.Year(), today.Month(), today.Day()+1, 0, 0, 0, 0, zone)
			queries := []task.Query{every()}
			for _, window := range task.DueWindows[:5] {
				queries = append(queries, matching(task.Filter{Due: window}))
			}
			ask := func(daysLate int, first ...string) (tags []string) {
				t.Helper()
				for range 2 {
					equal(t, "days overdue", u.get(late).DaysOverdue, daysLate)
					equal(t, "today's is overdue", u.get(todays).Overdue, daysLate > 2)
					for i, q := range queries[1:] {
						equal(t, string(q.Due)+" in "+zone.String(), titles(u.list(q))[0], first[i])
					}
				}
				tags = append(tags, u.read(late).ETag, u.read(todays).ETag)
				for _, q := range queries {
					r := u.page(q)
					if early := r.Until.Before(midnight) && q.Due != task.DueOverdue; daysLate == 2 && (early || r.Until.After(midnight)) {
						t.Errorf("%s in %s holds until %v, want %v", q.Due, zone, r.Until, midnight)
					}
					tags = append(tags, r.ETag)
				}
				return tags
			}
			tags := ask(2, "-2", "0", "1", "0", "0")
			u.clock.set(midnight.Add(-time.Microsecond))
			for i, q := range queries {
				if q.Due == task.DueOverdue { // may expire with any due of the owner's
					continue
				}
				equal(t, string(q.Due)+" stands a moment before midnight in "+zone.String(), u.page(q, tags[2+i]).NotModified, true)
			}
			u.clock.set(midnight)
			equal(t, "a task's validator still stands", u.read(late, tags...).NotModified, false)
			equal(t, "a task's validator still stands", u.read(todays, tags...).NotModified, false)
			for _, q := range queries {
				equal(t, string(q.Due)+"'s validator still stands in "+zone.String(), u.page(q, tags...).NotModified, false)
			}
			ask(3, "-2", "1", "2", "1", "1")
		}
	}},
	{"a validator stands until something changes", func(t *testing.T, b *bench) {
		u := b.user(t)
		id := u.create(task.Patch{Title: task.Value("x"), Due: task.Value(due("2026-03-20"))}).ID
		list, one := u.page(every()).ETag, u.read(id).ETag
		u.clock.advance(9 * 24 * time.Hour)
		equal(t, "list", u.page(every(), "other", list), task.Rendered{ETag: list, NotModified: true})
		equal(t, "task", u.read(id, "other", one), task.Rendered{ETag: one, NotModified: true})
		equal(t, "any", u.read(id, "*"), task.Rendered{ETag: one, NotModified: true})
		for what, same := range map[string]bool{
			"another query": u.page(matching(task.Filter{Priority: task.Medium}), list).NotModified,
			"another size":  u.page(task.Query{Sort: task.SortCreated, Limit: 3}, list).NotModified,
			"another zone":  u.in(zones[1]).page(every(), list).NotModified,
			"no validator":  u.page(every()).NotModified,
			"a task's":      u.page(every(), one).NotModified,
			"a list's":      u.read(id, list).NotModified,
		} {
			equal(t, what, same, false)
		}
		elsewhere := u.at(t)
		elsewhere.call.URL = "https://other.example"
		equal(t, "the list under another address", elsewhere.page(every(), list).NotModified, false)
		equal(t, "the task under another address", elsewhere.read(id, one).NotModified, false)
		equal(t, "its url there", elsewhere.get(id).URL, "https://other.example/api/v1/tasks/"+id.String())
		u.create(titled("y"))
		equal(t, "the list after a write", u.page(every(), list).NotModified, false)
		equal(t, "the task after a write to another", u.read(id, one).NotModified, true)
		u.change(id, task.Patch{Description: task.Value("new")})
		equal(t, "the task after a write to it", u.read(id, one).NotModified, false)
	}},
	{"the owner's zone says what today is, unless a call says otherwise", func(t *testing.T, b *bench) {
		u := b.user(t)
		u.clock.set(time.Date(2026, 3, 10, 22, 30, 0, 0, time.UTC)) // the 11th in Tokyo, the 10th in New York
		u.createAll(task.Patch{Title: task.Value("10th"), Due: task.Value(due("2026-03-10"))}, task.Patch{Title: task.Value("11th"), Due: task.Value(due("2026-03-11"))})
		today := matching(task.Filter{Due: task.DueToday})
		isToday := func(zone, want string) {
			t.Helper()
			settings, err := u.service.Settings(ctx(), u.call)
			u.must("reading the zone", err)
			equal(t, "the zone", settings.Zone, zone)
			for range 2 {
				equal(t, "today in "+zone, titles(u.list(today)), []string{want})
			}
			equal(t, "today in Tokyo", titles(u.in(tokyo).list(today)), []string{"11th"})
		}
		isToday("UTC", "10th")
		tag := u.page(today).ETag
		u.must("setting the zone", u.service.SetSettings(ctx(), u.call, task.Settings{Zone: "Asia/Tokyo"}, []string{"UTC"}))
		equal(t, "a validator from before", u.page(today, tag).NotModified, false)
		isToday("Asia/Tokyo", "11th")
		isError(t, "a precondition that does not hold", u.service.SetSettings(ctx(), u.call, task.Settings{Zone: "UTC"}, []string{"UTC"}), task.ErrStale)
		isFaulty(t, "a zone that is none", u.service.SetSettings(ctx(), u.call, task.Settings{Zone: "Mars/Olympus"}, nil), "/time_zone")
		tag = u.page(today).ETag
		u.must("setting the same zone", u.service.SetSettings(ctx(), u.call, task.Settings{Zone: "Asia/Tokyo"}, []string{"*"}))
		equal(t, "a validator from before nothing changed", u.page(today, tag).NotModified, true)
		u.must("setting the zone", u.service.SetSettings(ctx(), u.call, task.Settings{Zone: "America/New_York"}, nil))
		isToday("America/New_York", "10th")
	}},
}

var tokyo = zone("Asia/Tokyo")
