package tasktest

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"todo-app/internal/task"
)

// hostile are texts that some store has got wrong.
var hostile = map[string]string{
	"percent and underscore":    "100% _under_ %s %d %00",
	"backslashes":               `C:\new\table \\ \' \"`,
	"quotes":                    `'; drop table tasks; -- "$1" $$ ` + "`",
	"control characters":        "\x01\a\b\t\n\v\f\r\x1b[31m\x7f\u0085",
	"right to left":             "\u202e\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627\u202c",
	"composed":                  "Caf\u00e9 \u1e9b\u0323 \ud55c",
	"decomposed":                "Cafe\u0301 \u017f\u0323\u0307 \u1112\u1161\u11ab",
	"emoji joined":              "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f3f3\ufe0f\u200d\U0001f308 \U0001f44b\U0001f3fd",
	"combining marks alone":     "\u0301\u0302\u0303 a" + strings.Repeat("\u0301", 300),
	"line separators":           "a\u2028b\u2029c\ufeffd",
	"noncharacters":             "\ufffe\uffff\U0010ffff\ufdd0",
	"private use":               "\ue000\U000f0000",
	"replacement character":     "\ufffd",
	"four bytes each":           strings.Repeat("\U00020000", 500),
	"a mark of four bytes each": strings.Repeat("\U0001e8d0", 500),
	"a very long word":          strings.Repeat("abcdefghij", 50),
	"a very long word of three": strings.Repeat("\u6771\u4eac", 250),
	"no word at all":            "!? ... --- \U0001f600 +-*/",
	"markup":                    "<script>alert(1)</script>&amp;",
	"looks like JSON":           `{"a":[null,1e999,"\u0000"]}`,
	"expands when folded":       strings.Repeat("\ufdfa", 500),
	"sharp s and dotless i":     "STRAẞE straße İstanbul ıI",
	"surrounded by space":       "\u00a0 x \u3000",
	"number":                    "0",
	"infinity":                  "infinity",
}

var texts = []test{
	{"any text is kept exactly", func(t *testing.T, b *bench) {
		u := b.user(t)
		for name, text := range hostile {
			short := shortened(text, task.MaxTag)
			title := u.create(task.Patch{
				Title: task.Value(text), Description: task.Value(text), Category: task.Value(short), Tags: task.Value([]string{short}),
			})
			lower := strings.ToLower(short)
			got := u.get(title.ID)
			equal(t, name+": title", got.Title, text)
			equal(t, name+": description", got.Description, text)
			equal(t, name+": category", got.Category, lower)
			equal(t, name+": tags", got.Tags, []string{lower})
			equal(t, name+": by category", ids(u.list(matching(task.Filter{Category: lower}))), []task.ID{title.ID})
			equal(t, name+": by tag", ids(u.list(matching(task.Filter{Tags: []string{lower}}))), []task.ID{title.ID})
			u.change(title.ID, task.Patch{Title: task.Value("x"), Description: task.Null[string](), Category: task.Null[string](), Tags: task.Null[[]string]()})
			equal(t, name+": by former tag", u.list(matching(task.Filter{Tags: []string{lower}})), nil)
			u.change(title.ID, titled(text))
			equal(t, name+": title, changed", u.get(title.ID).Title, text)
			u.remove(title.ID, false)
		}
	}},
	{"any text can be searched by, and finds the task it is the text of if it has a word", func(t *testing.T, b *bench) {
		u := b.user(t)
		for name, text := range hostile {
			id := u.create(titled(text)).ID
			var want []task.ID
			if strings.ContainsFunc(text, func(r rune) bool { return unicode.In(r, unicode.L, unicode.Nd, unicode.Mc) }) {
				want = []task.ID{id}
			}
			equal(t, name, ids(u.list(matching(task.Filter{Text: text, HasText: true}))), want)
			u.remove(id, false)
		}
	}},
	{"lists of any titles go on where they stopped", func(t *testing.T, b *bench) {
		u := b.user(t)
		for _, text := range hostile {
			u.create(titled(text))
		}
		for _, desc := range []bool{false, true} {
			whole := u.list(task.Query{Sort: task.SortTitle, Desc: desc, Limit: 500})
			equal(t, "page by page", titles(u.list(task.Query{Sort: task.SortTitle, Desc: desc, Limit: 1})), titles(whole))
			equal(t, "tasks listed", len(whole), len(hostile))
		}
	}},
	{"text that cannot be stored is refused", func(t *testing.T, b *bench) {
		u := b.user(t)
		id := u.create(titled("kept")).ID
		for _, bad := range []string{"a\x00b", "a\xffb", "\xed\xa0\x80", "\xc0\xaf", "\xf4\x90\x80\x80"} {
			p := task.Patch{Title: task.Value(bad), Description: task.Value(bad), Category: task.Value(bad), Tags: task.Value([]string{"fine", bad})}
			_, err := u.service.Create(ctx(), u.call, []task.Patch{p}, false)
			isFaulty(t, "creating", err, "/title", "/description", "/category", "/tags/1")
			_, err = u.update(id, task.Edit{Patch: p})
			isFaulty(t, "changing", err, "/title", "/description", "/category", "/tags/1")
		}
		equal(t, "what is there", titles(u.list(every())), []string{"kept"})
	}},
	{"the longest of everything fits", func(t *testing.T, b *bench) {
		u := b.user(t)
		var tags []string
		for i := range task.MaxTags {
			tags = append(tags, strings.Repeat("\U00010428", task.MaxTag-1)+string(rune('a'+i)))
		}
		var words strings.Builder // the most different words that fit
		for i := 0; words.Len() < 4*task.MaxDescription-8; i++ {
			words.WriteString(string([]rune{rune(0x20000 + i), '\U0001f600'}))
		}
		targets := make([]task.Patch, task.MaxDependsOn)
		for i := range targets {
			targets[i] = titled("target")
		}
		var dependsOn []task.ID
		for _, target := range u.createAll(targets...) {
			dependsOn = append(dependsOn, target.ID)
		}
		draft := task.Patch{
			Title: task.Value(strings.Repeat("\U0001d54f", task.MaxTitle)), Description: task.Value(words.String()), Tags: task.Value(tags),
			Category: task.Value(strings.Repeat("\U00020000", task.MaxCategory)), DependsOn: task.Value(dependsOn), Order: task.Value(task.MaxOrder),
			Due: task.Value(due("9999-12-31")), Reminders: task.Value(make([]task.Reminder, task.MaxReminders)),
		}
		created := u.create(draft)
		equal(t, "what is stored", u.stored(created.ID)[created.ID], created)
		draft.Order, draft.Due = task.Value(-task.MaxOrder), task.Value(due("1900-01-01T00:00:00.000001Z"))
		changed, err := u.update(created.ID, task.Edit{Patch: draft, Whole: true})
		u.must("replacing", err)
		equal(t, "what is stored", u.stored(created.ID)[created.ID], changed)
		word := strings.ReplaceAll(words.String(), "\U0001f600", "") // one, and of letters that all differ
		u.change(created.ID, task.Patch{Description: task.Value(word)})
		equal(t, "found by its beginning", len(u.search(word[:4*task.MaxTag])), 1)
		for _, sort := range task.Sorts {
			equal(t, "tasks by "+string(sort), len(u.list(task.Query{Sort: sort, Limit: 7})), 1+task.MaxDependsOn)
		}
	}},
}

// shortened cuts a text to at most n code points, and to something that is
// not blank.
func shortened(text string, n int) string {
	for utf8.RuneCountInString(text) > n {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}
