package tasktest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"todo-app/internal/task"
)

var counting = []test{
	{"numbers are those of the tasks there are, whatever was done to them, in every zone", func(t *testing.T, b *bench) {
		u := b.user(t)
		all := u.populate(rand.New(rand.NewPCG(7, 0)), 60)
		u.clock.set(began)
		for _, zone := range zones {
			u.in(zone).counts(t)
		}
		var ids []task.ID
		for _, k := range all {
			ids = append(ids, k.ID)
		}
		rapid.Check(t, func(t *rapid.T) {
			u := u.at(t).in(rapid.SampledFrom(zones).Draw(t, "zone"))
			for range 5 {
				u.disturb(t, ids)
				u.clock.advance(time.Duration(rapid.IntRange(0, 100).Draw(t, "minutes")) * time.Minute)
			}
			u.counts(t)
		})
	}},
	{"an owner without any task is told so in numbers", func(t *testing.T, b *bench) {
		u := b.user(t)
		u.counts(t)
		u.createAll(titled("a"), titled("b"))
		u.counts(t)
		u.removeMany(task.Selection{All: true})
		u.counts(t)
		u.create(task.Patch{Title: task.Value("all of today"), Due: task.Value(due("2026-03-10"))})
		u.counts(t)
		equal(t, "what is not over before midnight", u.numbers()["oldest_overdue"], any(nil))
	}},
	{"a report is current until a write or the clock changes it", func(t *testing.T, b *bench) {
		u := b.user(t)
		u.create(task.Patch{Title: task.Value("soon"), Due: task.Value(due("2026-03-10T12:10:00Z"))})
		before := u.report(task.ReportStats)
		u.clock.advance(10 * time.Minute)
		equal(t, "at the moment itself", u.report(task.ReportStats, before.ETag).NotModified, true)
		u.clock.advance(time.Microsecond)
		after := u.report(task.ReportStats, before.ETag)
		equal(t, "a moment later", after.NotModified, false)
		equal(t, "overdue", u.numbers()["overdue"], any(1.0))
		trends := u.report(task.ReportTrends)
		equal(t, "trends are no statistics", u.report(task.ReportTrends, after.ETag).NotModified, false)
		equal(t, "another zone has other days", u.in(zone("Asia/Tokyo")).report(task.ReportTrends, trends.ETag).NotModified, false)
		u.clock.set(time.Date(2026, 3, 11, 0, 0, 0, 0, time.UTC))
		equal(t, "the next day", u.report(task.ReportTrends, trends.ETag).NotModified, false)
		u.create(titled("another"))
		equal(t, "after a write", u.report(task.ReportStats, after.ETag).NotModified, false)
	}},
	{"of many categories the largest are told apart", func(t *testing.T, b *bench) {
		u := b.user(t)
		var drafts []task.Patch
		for i := range task.MaxCategories + 20 {
			for range 1 + i%2 {
				drafts = append(drafts, task.Patch{Title: task.Value("x"), Category: task.Value(fmt.Sprintf("c%03d", i))})
			}
		}
		u.createAll(drafts...)
		u.counts(t)
		equal(t, "told apart", len(u.numbers()["by_category"].(map[string]any)), task.MaxCategories)
	}},
}

// disturb does something to some task.
func (u *user) disturb(t *rapid.T, ids []task.ID) {
	id := rapid.SampledFrom(ids).Draw(t, "task")
	patch := task.Patch{}
	switch rapid.IntRange(0, 6).Draw(t, "act") {
	case 0:
		patch.Completed = task.Value(rapid.Bool().Draw(t, "completed"))
	case 1:
		patch.Archived = task.Value(rapid.Bool().Draw(t, "archived"))
	case 2:
		patch.Category = task.Value(rapid.SampledFrom([]string{"home", "work", "garden"}).Draw(t, "category"))
	case 3:
		patch.Due = task.Value(due(rapid.SampledFrom([]string{"2026-03-09", "2026-03-11", "2026-03-10T12:30:00Z", "2026-03-10T13:07:09Z"}).Draw(t, "due")))
	case 4:
		u.removeMany(task.Selection{IDs: []task.ID{id}})
		return
	case 5:
		u.service.Delete(ctx(), u.call, id, true, nil) // it may be gone
		return
	case 6:
		u.createAll(titled("more"), task.Patch{Title: task.Value("and more"), Priority: task.Value(task.Low)})
		return
	}
	u.service.Update(ctx(), u.call, id, task.Edit{Patch: patch, Force: true}) // it may be gone, or in the way of a rule
}

func (u *user) report(r task.Report, known ...string) task.Rendered {
	u.t.Helper()
	answer, err := u.service.Report(ctx(), u.call, r, known)
	u.must("counting", err)
	return answer
}

func (u *user) numbers() (n map[string]any) {
	u.t.Helper()
	decode(u, u.report(task.ReportStats).Body, &n)
	return n
}

// counts holds both reports to a count of all tasks there are.
func (u *user) counts(t rapid.TB) {
	t.Helper()
	zone := u.call.Zone
	if zone == nil {
		zone = time.UTC
	}
	now := u.clock.Now().In(zone)
	q := every()
	tasks := u.list(q)
	var got, want any
	numbers := u.numbers()
	if oldest, some := numbers["oldest_overdue"].(object); some {
		numbers["oldest_overdue"] = oldest["id"]
	}
	got = numbers
	decode(u, marshal(u, statsOf(tasks, now)), &want)
	equal(t, fmt.Sprintf("statistics in %s at %s", zone, now), got, want)
	decode(u, u.report(task.ReportTrends).Body, &got)
	decode(u, marshal(u, trendsOf(tasks, now)), &want)
	equal(t, fmt.Sprintf("trends in %s at %s", zone, now), got, want)
}

func marshal(u *user, value any) []byte {
	data, err := json.Marshal(value)
	u.must("writing what is expected", err)
	return data
}

type object = map[string]any

func how(tasks []shown, which func(shown) bool) (n int) {
	for _, t := range tasks {
		if which(t) {
			n++
		}
	}
	return n
}

func rate(done, all int) float64 {
	if all == 0 {
		return 0
	}
	return math.Round(1000*float64(done)/float64(all)) / 10
}

// statsOf counts tasks one by one.
func statsOf(tasks []shown, now time.Time) object {
	active := slices.DeleteFunc(slices.Clone(tasks), func(t shown) bool { return t.Archived() })
	pending := slices.DeleteFunc(slices.Clone(active), func(t shown) bool { return t.Completed() })
	done := len(active) - len(pending)
	isDue := func(w task.DueWindow) int {
		return how(pending, func(t shown) bool { return known{Task: t.Task}.isDue(w, now) })
	}
	today := func(at time.Time) bool { return !at.IsZero() && date(at.In(now.Location())).Equal(date(now)) }
	priorities, categories := object{"high": 0, "medium": 0, "low": 0}, object{}
	for _, t := range active {
		priorities[t.Priority.String()] = priorities[t.Priority.String()].(int) + 1
	}
	groups := groupsOf(active)
	for _, g := range groups[:min(len(groups), task.MaxCategories)] {
		categories[g.name] = len(g.tasks)
	}
	var oldest shown
	for _, t := range pending {
		if t.Overdue && (oldest.ID.IsZero() || known{Task: t.Task}.compare(known{Task: oldest.Task}, task.SortDue) < 0) {
			oldest = t
		}
	}
	return object{
		"total": len(tasks), "active": len(active), "pending": len(pending), "completed": done, "archived": len(tasks) - len(active),
		"completion_rate": rate(done, len(active)), "by_priority": priorities, "by_category": categories, "categories": len(groups),
		"overdue": isDue(task.DueOverdue), "today": isDue(task.DueToday), "tomorrow": isDue(task.DueTomorrow), "this_week": isDue(task.DueWeek),
		"no_due_date":       isDue(task.DueNone),
		"root":              how(active, func(t shown) bool { return t.ParentID.IsZero() }),
		"subtasks":          how(active, func(t shown) bool { return !t.ParentID.IsZero() }),
		"with_dependencies": how(active, func(t shown) bool { return len(t.DependsOn) > 0 }),
		"recurring":         how(active, func(t shown) bool { return !t.Recurrence.IsZero() }),
		"created_today":     how(tasks, func(t shown) bool { return today(t.CreatedAt) }),
		"completed_today":   how(tasks, func(t shown) bool { return today(t.CompletedAt) }),
		"oldest_overdue":    nameOf(oldest),
	}
}

// nameOf is the id of a task, or nil.
func nameOf(t shown) any {
	if t.ID.IsZero() {
		return nil
	}
	return t.ID.String()
}

// trendsOf counts tasks one by one, day by day.
func trendsOf(tasks []shown, now time.Time) object {
	active := slices.DeleteFunc(slices.Clone(tasks), func(t shown) bool { return t.Archived() })
	progress := func(of []shown) object {
		done := how(of, func(t shown) bool { return t.Completed() })
		return object{"total": len(of), "completed": done, "percent": rate(done, len(of))}
	}
	priorities, categories := object{}, object{}
	for _, p := range []task.Priority{task.High, task.Medium, task.Low} {
		priorities[p.String()] = progress(slices.DeleteFunc(slices.Clone(active), func(t shown) bool { return t.Priority != p }))
	}
	groups := groupsOf(active)
	for _, g := range groups[:min(len(groups), task.MaxCategories)] {
		categories[g.name] = progress(g.tasks)
	}
	var days []object
	for i := range task.TrendDays {
		day := date(now).AddDate(0, 0, i+1-task.TrendDays)
		days = append(days, object{"date": day.Format(time.DateOnly), "completed": how(tasks, func(t shown) bool {
			return t.Completed() && date(t.CompletedAt.In(now.Location())).Equal(day)
		})})
	}
	return object{"overall": progress(active), "by_priority": priorities, "by_category": categories, "categories": len(groups), "days": days}
}

type group struct {
	name  string
	tasks []shown
}

// groupsOf returns the tasks by category, the largest first.
func groupsOf(tasks []shown) (groups []group) {
	by := map[string][]shown{}
	for _, t := range tasks {
		by[t.Category] = append(by[t.Category], t)
	}
	for name, some := range by {
		groups = append(groups, group{name, some})
	}
	slices.SortFunc(groups, func(a, b group) int {
		return cmp.Or(cmp.Compare(len(b.tasks), len(a.tasks)), cmp.Compare(a.name, b.name))
	})
	return groups
}
