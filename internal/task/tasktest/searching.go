package tasktest

import (
	"strings"
	"testing"
	"time"

	"todo-app/internal/task"
)

var searching = []test{
	{"every word must begin a word of title, description or tags", func(t *testing.T, b *bench) {
		u := b.user(t)
		u.create(task.Patch{Title: task.Value("Water the roses"), Description: task.Value("Use rain-water, not tap."), Tags: task.Value([]string{"garden work"})})
		u.create(titled("Buy rosewater"))
		for text, want := range map[string][]string{
			"water":               {"Water the roses"},
			"ros":                 {"Water the roses", "Buy rosewater"},
			"oses":                nil,
			"roses water":         {"Water the roses"},
			"ros buy":             {"Buy rosewater"},
			"ros nothing":         nil,
			"rain gard t":         {"Water the roses"},
			"work":                {"Water the roses"},
			"rosewater":           {"Buy rosewater"},
			"rosewaters":          nil,
			"  WATER,\n(roses)! ": {"Water the roses"},
			"water water wat":     {"Water the roses"},
		} {
			equal(t, "found by "+text, u.search(text), want)
		}
	}},
	{"case, accents and Unicode forms do not count", func(t *testing.T, b *bench) {
		u := b.user(t)
		forms := [][]string{
			{"Café", "Cafe\u0301", "CAFÉ", "cafe", "ＣＡＦＥ"},
			{"Straße", "STRASSE", "strasse", "STRAẞE"},
			{"ΟΔΥΣΣΕΥΣ", "Οδυσσεύς", "οδυσσευσ"},
			{"ﬁnden", "finden", "FINDEN"},
			{"İzmir", "izmir", "IZMIR", "i\u0307zmir"},
			{"Ångström", "A\u030angstro\u0308m", "\u212bNGSTRÖM", "angstrom"},
			{"한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8"},
			{"ガム", "ｶﾞﾑ", "カ\u3099ム"},
			{"x²", "X2"},
			{"Ⅷ", "viii", "VIII"},
		}
		for _, same := range forms {
			for _, written := range same {
				id := u.create(titled("a " + written + " z")).ID
				for _, asked := range same {
					equal(t, written+" by "+asked, u.search(asked), []string{"a " + written + " z"})
				}
				u.remove(id, false)
			}
		}
	}},
	{"a search without a word finds nothing", func(t *testing.T, b *bench) {
		u := b.user(t)
		u.createAll(titled("plain"), titled("!!!"), titled("\U0001f600"), task.Patch{Title: task.Value("x"), Tags: task.Value([]string{"#"})})
		for _, text := range []string{"", " ", "!!!", "\U0001f600", "#", "%", "_", `"`, "\u0301", "\u200d"} {
			equal(t, "found by "+text, u.search(text), nil)
		}
		equal(t, "a list that is no search", len(u.list(every())), 4)
	}},
	{"operators of other search languages are text", func(t *testing.T, b *bench) {
		u := b.user(t)
		u.createAll(titled("cats and dogs"), titled("cats or birds"), titled("not fish"), titled("near c++ and/or 50% a_b"))
		for text, want := range map[string][]string{
			"cats AND dogs":    {"cats and dogs"},
			"cats OR dogs":     nil,
			"cats | dogs":      {"cats and dogs"},
			"-cats":            {"cats and dogs", "cats or birds"},
			"NOT cats":         nil,
			"!fish":            {"not fish"},
			`"cats dogs"`:      {"cats and dogs"},
			"cats:*":           {"cats and dogs", "cats or birds"},
			"cat*":             {"cats and dogs", "cats or birds"},
			"c%":               {"cats and dogs", "cats or birds", "near c++ and/or 50% a_b"},
			"%":                nil,
			"a_b":              {"near c++ and/or 50% a_b"},
			"a_":               {"cats and dogs", "near c++ and/or 50% a_b"},
			"and/or":           {"near c++ and/or 50% a_b"},
			"title:cats":       nil,
			"cats <-> dogs":    {"cats and dogs"},
			"(cats & (dogs))":  {"cats and dogs"},
			"'; select 1; --'": nil,
			"cats~1":           nil,
			"cats \\":          {"cats and dogs", "cats or birds"},
		} {
			equal(t, "found by "+text, u.search(text), want)
		}
	}},
	{"a very long word is found by its beginning, and by all of it", func(t *testing.T, b *bench) {
		u := b.user(t)
		for _, letter := range []string{"a", "é", "東", "\U00020000"} {
			word := strings.Repeat(letter, 400)
			u.create(titled(word))
			for _, n := range []int{1, 20, 23, 24, 25, 31, 32, 33, 47, 48, 49, 95, 96, 97, 400} {
				equal(t, "found by its beginning", u.search(strings.Repeat(letter, n)), []string{word})
			}
		}
	}},
	{"a search follows the text as it changes", func(t *testing.T, b *bench) {
		u := b.user(t)
		id := u.create(task.Patch{Title: task.Value("alpha beta"), Description: task.Value("gamma"), Tags: task.Value([]string{"delta"})}).ID
		found := func(text string, want bool) {
			t.Helper()
			equal(t, "whether found by "+text, len(u.search(text)) == 1, want)
		}
		u.change(id, titled("alpha epsilon"))
		found("alpha", true)
		found("beta", false)
		found("epsilon gamma delta", true)
		u.change(id, task.Patch{Description: task.Null[string]()})
		found("gamma", false)
		u.change(id, task.Patch{Tags: task.Value([]string{"gamma"})})
		found("gamma", true)
		found("delta", false)
		u.change(id, task.Patch{Tags: task.Null[[]string](), Description: task.Value("delta gamma")})
		found("delta", true)
		equal(t, "by a former tag", u.list(matching(task.Filter{Tags: []string{"gamma"}})), nil)
		found("gamma", true)
	}},
	{"a tag is found whole, and only as a tag", func(t *testing.T, b *bench) {
		u := b.user(t)
		u.create(task.Patch{Title: task.Value("home"), Tags: task.Value([]string{"homework", "a b", "#x", "été"})})
		u.create(task.Patch{Title: task.Value("other"), Tags: task.Value([]string{"home", "a", "x", "e\u0301te\u0301"})})
		for tag, want := range map[string][]string{
			"home": {"other"}, "homework": {"home"}, "a b": {"home"}, "a": {"other"}, "b": nil, "#x": {"home"}, "x": {"other"},
			"été": {"home"}, "e\u0301te\u0301": {"other"}, "%": nil, "": nil, "hom": nil,
		} {
			equal(t, "tagged "+tag, titles(u.list(matching(task.Filter{Tags: []string{tag}}))), want)
		}
		equal(t, "tagged with both", titles(u.list(matching(task.Filter{Tags: []string{"x", "a"}}))), []string{"other"})
		equal(t, "tagged with both", u.list(matching(task.Filter{Tags: []string{"x", "a b"}})), nil)
	}},
	{"a common word and a rare one find the same in every order", func(t *testing.T, b *bench) {
		u := b.user(t)
		var want []string
		for range 5 {
			drafts := make([]task.Patch, task.MaxCreate)
			for i := range drafts {
				drafts[i] = titled("common")
			}
			drafts[500] = titled("common rare " + string(rune('a'+len(want))))
			want = append(want, drafts[500].Title.Value)
			u.createAll(drafts...)
			u.clock.advance(time.Second)
		}
		for _, sort := range []task.Sort{task.SortCreated, task.SortTitle, task.SortUpdated} {
			for _, text := range []string{"rare", "common rare", "rare common", "com ra"} {
				q := task.Query{Filter: task.Filter{Text: text, HasText: true}, Sort: sort, Limit: 2}
				equal(t, "found by "+text, titles(u.list(q)), want)
			}
		}
		first := u.page(task.Query{Filter: task.Filter{Text: "common", HasText: true}, Sort: task.SortTitle, Desc: true, Limit: 6})
		var tasks []shown
		decode(u, first.Body, &tasks)
		equal(t, "the last by title", titles(tasks), []string{want[4], want[3], want[2], want[1], want[0], "common"})
	}},
}

// search returns the titles found, oldest first.
func (u *user) search(text string) []string {
	u.t.Helper()
	return titles(u.list(matching(task.Filter{Text: text, HasText: true})))
}
