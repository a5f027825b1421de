package quickadd_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"todo-app/internal/task"
	"todo-app/internal/task/quickadd"
)

// FuzzParse reads any text at any time. What is read is a task, and says of
// every part of the text what it became.
func FuzzParse(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string, unix int64, zoneNumber uint8) {
		const to9999 = 253402300799
		now := time.Unix(unix%to9999, 0).In(zone(zones[int(zoneNumber)%len(zones)]))
		p, err := quickadd.Parse(text, now)
		if err != nil {
			checkFaults(t, err)
		}
		if p.Tokens == nil {
			if err == nil || utf8.ValidString(text) && strings.TrimSpace(text) != "" && utf8.RuneCountInString(text) <= quickadd.MaxText && !strings.Contains(text, "\x00") {
				t.Fatalf("no tokens, %v", err)
			}
			return
		}
		checkTokens(t, text, p.Tokens)
		checkTitle(t, p)
		if err != nil {
			return
		}
		checkPatch(t, p)
		checkCase(t, text, p, now)
		checkQuoted(t, text, now)
	})
}

// vocabulary is what texts are mixed of that are likelier to mean something
// than a fuzzer's.
var vocabulary = strings.Fields("today tonight tomorrow yesterday day after before until till since from to and or on by for at due starting beginning the of in a an next this end " +
	"week weeks weekend weekday workday month months year years hour hours minutes day days other first second last 1st 2nd 3rd 15th 29th 30th 31st mon tue wed, thu fri sat sun monday " +
	"jan february dec 1 2 3 5 12 30 2027 2026-12-01 24.12.2026 12/24/2026 2026-12-01T09:30 9am 9:30 am p.m. 17:00 noon morning evening night every every! daily weekly monthly yearly quarterly " +
	"times completion ending !1 !high p2 !30m !1 !tomorrow remind me 1h30m +3d @home #flat #\"big trip\" \"next friday\" \"open \\today \\#1 \\ // x y, . , ; : ! - & @ # é")

func TestAnyMixOfWordsIsReadOrRefused(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	read := 0
	for range 5000 {
		text := "x"
		for range 1 + r.IntN(9) {
			text += []string{" ", " ", " ", " ", " ", "", "  "}[r.IntN(7)] + vocabulary[r.IntN(len(vocabulary))]
		}
		now := somewhen(r)
		p, err := quickadd.Parse(text, now)
		checkTokens(t, text, p.Tokens)
		checkTitle(t, p)
		if err != nil {
			checkFaults(t, err)
			continue
		}
		read++
		checkPatch(t, p)
		checkCase(t, text, p, now)
		if t.Failed() {
			t.Fatalf("%q at %s", text, now)
		}
	}
	if read < 2500 {
		t.Errorf("%d were read", read)
	}
}

func checkFaults(t *testing.T, err error) {
	t.Helper()
	faults := task.AsFaults(err)
	if len(faults) == 0 {
		t.Fatalf("the error is %#v", err)
	}
	for _, fault := range faults {
		if fault.Pointer != "/text" || fault.Detail == "" || !utf8.ValidString(fault.Detail) || len(fault.Detail) > 1000 || strings.Contains(fault.Detail, "gives  that") {
			t.Errorf("%q says %q", fault.Pointer, fault.Detail)
		}
	}
}

// checkTitle wants a title of just the tokens that say so.
func checkTitle(t *testing.T, p quickadd.Parsed) {
	t.Helper()
	kept := ""
	for _, k := range p.Tokens {
		if k.Kind == quickadd.Title {
			kept += k.Value
		}
	}
	bare := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) {
				return -1
			}
			return r
		}, s)
	}
	title := p.Patch.Title.Value
	if bare(title) != bare(kept) || title != strings.TrimSpace(title) {
		t.Errorf("the title %q has other text than %q", title, kept)
	}
}

// checkPatch wants what the rules of a task allow, in its normal form, and a
// value for every token.
func checkPatch(t *testing.T, p quickadd.Parsed) {
	t.Helper()
	again := p.Patch
	if err := again.Normalize(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p.Patch, again); diff != "" {
		t.Error("it was not normal:", diff)
	}
	if _, err := p.Patch.NewTask(); err != nil {
		t.Error(err)
	}
	due := p.Patch.Due.Value
	if parsed, err := task.ParseDue(due.String()); p.Patch.Due.Set && (err != nil || !parsed.Equal(due)) {
		t.Errorf("the due %s reads as %s, %v", due, parsed, err)
	}
	if p.Patch.Recurrence.Set {
		rule := p.Patch.Recurrence.Value.Rule.Value
		if parsed, err := task.ParseRule(rule); err != nil || parsed != rule || due.IsZero() {
			t.Errorf("the rule %s with %s reads as %s, %v", rule, due, parsed, err)
		}
	}
	for _, r := range p.Patch.Reminders.Value {
		if parsed, err := task.ParseReminder(string(r)); err != nil || parsed != r {
			t.Errorf("the reminder %s reads as %s, %v", r, parsed, err)
		}
	}
	for _, k := range p.Tokens {
		meaningless := k.Kind == quickadd.Separator || k.Kind == quickadd.Escape
		if meaningless != (k.Value == "") && k.Kind != quickadd.Description || k.Kind == quickadd.Due && k.Value != due.String() {
			t.Errorf("%+v", k)
		}
	}
}

// checkCase wants the same of a text in capitals.
func checkCase(t *testing.T, text string, p quickadd.Parsed, now time.Time) {
	t.Helper()
	capitals := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, text)
	q, err := quickadd.Parse(capitals, now)
	if err != nil {
		t.Fatalf("in capitals: %v", err)
	}
	q.Patch.Title, q.Patch.Description = p.Patch.Title, p.Patch.Description
	if diff := cmp.Diff(p.Patch, q.Patch); diff != "" {
		t.Error("in capitals (-want +got):", diff)
	}
}

// checkQuoted wants that quotes keep a text as it is.
func checkQuoted(t *testing.T, text string, now time.Time) {
	t.Helper()
	quoted := `"` + strings.TrimSpace(strings.ReplaceAll(text, `"`, "")) + `"`
	p, err := quickadd.Parse(quoted, now)
	if n := utf8.RuneCountInString(quoted); n > task.MaxTitle {
		return
	}
	if err != nil || p.Patch.Title.Value != quoted || slices.ContainsFunc(p.Tokens, func(k quickadd.Token) bool { return k.Kind != quickadd.Title }) {
		t.Errorf("%q became %q, %v", quoted, contract(p.Patch), err)
	}
}
