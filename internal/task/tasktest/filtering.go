package tasktest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"todo-app/internal/task"
)

var filtering = []test{
	{"a list is what the filter says of each task, in every order, page by page", func(t *testing.T, b *bench) {
		u := b.user(t)
		var all []known
		for batch := range 3 {
			all = append(all, u.populate(rand.New(rand.NewPCG(1, uint64(batch))), 40)...)
		}
		u.clock.set(began)
		u.learn(all)
		found := 0
		rapid.Check(t, func(t *rapid.T) {
			zone := rapid.SampledFrom(zones).Draw(t, "zone")
			u := u.at(t).in(zone)
			q := drawQuery(t, all)
			want := answer(all, q, began.In(zone))
			found += len(want)
			equal(t, fmt.Sprintf("%+v in %s", q, zone), titles(u.list(q)), want)
		})
		if found == 0 {
			t.Error("no filter found anything: they are too narrow to show a fault")
		}
	}},
	{"each condition by itself holds exactly the tasks it is true of", func(t *testing.T, b *bench) {
		u := b.user(t)
		all := u.populate(rand.New(rand.NewPCG(4, 0)), 120)
		u.clock.set(began)
		u.learn(all)
		for _, f := range conditions(all) {
			for _, sort := range []task.Sort{task.SortCreated, task.SortDue} {
				q := task.Query{Filter: f, Sort: sort, Limit: 30}
				want := answer(all, q, began)
				equal(t, fmt.Sprintf("%+v", f), titles(u.list(q)), want)
				if len(want) == 0 || len(want) == len(all) {
					t.Errorf("%+v tells no tasks from others", f)
				}
			}
		}
	}},
	{"windows of due follow the local calendar at every hour", func(t *testing.T, b *bench) {
		u := b.user(t)
		all := u.populate(rand.New(rand.NewPCG(2, 0)), 60)
		u.learn(all)
		for _, zone := range zones {
			for i := range 8 { // hours apart, each of the day in turn
				now := began.Add(time.Duration(i) * 7 * time.Hour)
				u.clock.set(now)
				for _, window := range task.DueWindows {
					q := matching(task.Filter{Due: window})
					q.Sort = task.SortDue
					equal(t, fmt.Sprintf("%s in %s at %s", window, zone, now), titles(u.in(zone).list(q)), answer(all, q, now.In(zone)))
				}
			}
		}
	}},
}

// zones have offsets at both ends, in between, and change their clocks in the
// weeks after began.
var zones = []*time.Location{
	time.UTC, zone("Europe/Berlin"), zone("America/New_York"), zone("Asia/Kolkata"), zone("Pacific/Kiritimati"),
	zone("Pacific/Pago_Pago"), zone("Australia/Lord_Howe"), zone("Africa/Cairo"), zone("America/Havana"),
}

func zone(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // this machine knows no time zones
	}
	return loc
}

// known is a task with what is known of it beforehand: its title and its
// words as they fold.
type known struct {
	task.Task
	folded string
	words  []string
	open   int // dependencies that are open
}

// A token is a word in several forms that fold alike.
type token struct {
	folded string
	forms  []string
}

var tokens = []token{
	{"cafe", []string{"café", "cafe\u0301", "CAFÉ"}},
	{"strasse", []string{"Straße", "STRASSE"}},
	{"finden", []string{"ﬁnden", "Finden"}},
	{"привет", []string{"ПРИВЕТ", "привет"}},
	{"東京", []string{"東京"}},
	{"x2", []string{"x²", "X2"}},
	{"100", []string{"100", "１００"}},
	{"to", []string{"To", "to"}},
	{"tomato", []string{"Tomato", "tomato"}},
}

var separators = []string{" ", "-", "/", "_", "% ", ", ", " \U0001f600 ", "'"}

var tags = []string{"home", "work", "50%", "a_b", "été"}

// phrase joins a few tokens in some form.
func phrase(r *rand.Rand) (text, folded string, words []string) {
	for i := range 1 + r.IntN(3) {
		if i > 0 {
			s := separators[r.IntN(len(separators))]
			text, folded = text+s, folded+s
		}
		t := tokens[r.IntN(len(tokens))]
		text, folded, words = text+t.forms[r.IntN(len(t.forms))], folded+t.folded, append(words, t.folded)
	}
	return text, folded, words
}

// populate creates tasks of all kinds, several at the same moment.
func (u *user) populate(r *rand.Rand, n int) []known {
	u.t.Helper()
	var all []known
	for range n {
		var k known
		var p task.Patch
		text, folded, words := phrase(r)
		number := fmt.Sprint(" ", u.clock.Now().Unix(), "n", r.Uint32()) // tells titles apart
		p.Title, k.folded, k.words = task.Value(text+number), folded+number, append(words, strings.TrimSpace(number))
		if r.IntN(2) == 0 {
			text, _, words := phrase(r)
			p.Description, k.words = task.Value(text), append(k.words, words...)
		}
		for _, tag := range tags {
			if r.IntN(4) == 0 {
				p.Tags.Set, p.Tags.Value = true, append(p.Tags.Value, tag)
			}
		}
		p.Priority = task.Value(task.High + task.Priority(r.IntN(3)))
		p.Category = task.Value([]string{"other", "garden", "%"}[r.IntN(3)])
		p.Order = task.Value(float64(r.IntN(5)) / 4)
		p.Archived = task.Value(r.IntN(4) == 0)
		switch r.IntN(4) {
		case 0, 1:
			p.Due = task.Value(due(began.AddDate(0, 0, r.IntN(45)-6).Format(time.DateOnly)))
		case 2:
			p.Due = task.Value(task.Due{At: began.Add(time.Duration(r.IntN(45*24*4)-6*24*4) * 15 * time.Minute)})
		}
		if len(all) > 0 && r.IntN(3) == 0 {
			target := all[r.IntN(len(all))]
			p.DependsOn = task.Value([]task.ID{target.ID})
			if target.ParentID.IsZero() && !target.Archived() && r.IntN(2) == 0 {
				p.ParentID = task.Value(target.ID)
			}
		}
		k.Task = u.create(p)
		if r.IntN(3) == 0 {
			k.Task, _ = u.update(k.ID, task.Edit{Patch: completed, Force: true})
		}
		all = append(all, k)
		u.clock.advance(time.Duration(r.IntN(2)) * time.Second)
	}
	return all
}

// learn counts open dependencies and adds the words of tags.
func (u *user) learn(all []known) {
	open := map[task.ID]bool{}
	for _, k := range all {
		open[k.ID] = !k.Completed()
	}
	for i := range all {
		for _, id := range all[i].DependsOn {
			if open[id] {
				all[i].open++
			}
		}
		for _, tag := range all[i].Tags {
			all[i].words = append(all[i].words, map[string][]string{
				"home": {"home"}, "work": {"work"}, "50%": {"50"}, "a_b": {"a", "b"}, "été": {"ete"},
			}[tag]...)
		}
	}
}

// conditions are filters of one condition each, and pairs of those that are
// about what is open.
func conditions(all []known) []task.Filter {
	list := []task.Filter{
		{RootsOnly: true}, {DueAfter: due("2026-03-12")}, {DueBefore: due("2026-03-12")},
		{DueAfter: due("2026-03-12T01:00:00Z")}, {DueBefore: due("2026-03-12T01:00:00Z")}, {Category: "%"}, {Priority: task.High},
		{Tags: []string{"50%"}}, {Tags: []string{"a_b", "home"}}, {HasText: true, Text: "tom"}, {HasText: true, Text: "CAFÉ to"},
	}
	for _, c := range []task.Choice{task.Yes, task.No} {
		list = append(list, task.Filter{Status: c}, task.Filter{Archived: c}, task.Filter{Blocked: c}, task.Filter{Status: task.No, Blocked: c})
	}
	for _, window := range task.DueWindows {
		list = append(list, task.Filter{Due: window})
	}
	for _, k := range all {
		if !k.ParentID.IsZero() {
			return append(list, task.Filter{Parent: k.ParentID})
		}
	}
	return list
}

func drawQuery(t *rapid.T, all []known) task.Query {
	q := task.Query{
		Sort: rapid.SampledFrom(task.Sorts).Draw(t, "sort"), Desc: rapid.Bool().Draw(t, "desc"),
		Limit: rapid.SampledFrom([]int{1, 2, 3, 7, 50, 500}).Draw(t, "limit"),
	}
	choice := rapid.SampledFrom([]task.Choice{task.Either, task.Either, task.Yes, task.No})
	sometimes := func(name string, do func()) {
		if rapid.IntRange(0, 4).Draw(t, name) == 0 {
			do()
		}
	}
	q.Status, q.Archived = choice.Draw(t, "status"), choice.Draw(t, "archived")
	sometimes("blocked?", func() { q.Blocked = choice.Draw(t, "blocked") })
	sometimes("priority?", func() { q.Priority = task.Priority(rapid.IntRange(1, 3).Draw(t, "priority")) })
	sometimes("category?", func() { q.Category = rapid.SampledFrom([]string{"other", "garden", "%", "none"}).Draw(t, "category") })
	sometimes("tags?", func() { q.Tags = rapid.SliceOfN(rapid.SampledFrom(tags), 1, 2).Draw(t, "tags") })
	sometimes("due?", func() { q.Due = rapid.SampledFrom(task.DueWindows).Draw(t, "due") })
	some := rapid.SampledFrom(all)
	sometimes("due after?", func() { q.DueAfter = some.Draw(t, "due after").Due })
	sometimes("due before?", func() { q.DueBefore = some.Draw(t, "due before").Due })
	sometimes("parent?", func() { q.Parent = some.Draw(t, "parent").ParentID })
	sometimes("roots?", func() { q.RootsOnly = true })
	sometimes("text?", func() {
		q.HasText = true
		for _, asked := range rapid.SliceOfN(rapid.SampledFrom(tokens), 1, 3).Draw(t, "tokens") {
			form := []rune(rapid.SampledFrom(append(asked.forms, asked.folded)).Draw(t, "form"))
			if string(form) == asked.folded { // a form's beginning need not fold to the beginning
				form = form[:rapid.IntRange(1, len(form)).Draw(t, "length")]
			}
			q.Text += rapid.SampledFrom(separators).Draw(t, "separator") + string(form)
		}
	})
	return q
}

// answer says what a list holds, by looking at each task.
func answer(all []known, q task.Query, now time.Time) []string {
	var found []known
	for _, k := range all {
		if k.matches(q.Filter, now) {
			found = append(found, k)
		}
	}
	slices.SortFunc(found, func(a, b known) int {
		n := a.compare(b, q.Sort)
		if n == 0 {
			n = strings.Compare(a.ID.String(), b.ID.String())
		}
		if q.Desc {
			n = -n
		}
		return n
	})
	list := []string{}
	for _, k := range found {
		list = append(list, k.Title)
	}
	return list
}
