package quickadd_test

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"todo-app/internal/task"
	"todo-app/internal/task/quickadd"
)

// checkTokens wants tokens that are the text, each in its place.
func checkTokens(t *testing.T, text string, tokens []quickadd.Token) {
	t.Helper()
	at := 0
	var joined strings.Builder
	for _, k := range tokens {
		if k.Text == "" || k.Start != at || k.End != at+utf8.RuneCountInString(k.Text) {
			t.Errorf("%q: %+v begins behind %d code points", text, k, at)
		}
		at = k.End
		joined.WriteString(k.Text)
		meaningless := strings.TrimFunc(k.Text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;:،؛、，；：.。", r) }) == ""
		if k.Kind == quickadd.Separator && !meaningless || k.Kind == quickadd.Escape && k.Text != `\` {
			t.Errorf("%q: %+v says something", text, k)
		}
	}
	if joined.String() != text {
		t.Errorf("%q: the tokens are %q", text, joined.String())
	}
}

func TestEachPartOfTheTextTellsWhatItBecame(t *testing.T) {
	const moment = "2026-11-26T08:00:00Z"
	for text, want := range map[string][]quickadd.Token{
		" Pay rent  tomorrow at 9am !High @Home #\"My Flat\" every month // 2 rooms ": {
			{Kind: quickadd.Separator, Text: " "},
			{Kind: quickadd.Title, Text: "Pay rent", Value: "Pay rent"},
			{Kind: quickadd.Separator, Text: "  "},
			{Kind: quickadd.Due, Text: "tomorrow at 9am", Value: moment},
			{Kind: quickadd.Separator, Text: " "},
			{Kind: quickadd.Priority, Text: "!High", Value: "high"},
			{Kind: quickadd.Separator, Text: " "},
			{Kind: quickadd.Category, Text: "@Home", Value: "home"},
			{Kind: quickadd.Separator, Text: " "},
			{Kind: quickadd.Tag, Text: "#\"My Flat\"", Value: "my flat"},
			{Kind: quickadd.Separator, Text: " "},
			{Kind: quickadd.Recurrence, Text: "every month", Value: "monthly", From: task.FromDue},
			{Kind: quickadd.Separator, Text: " "},
			{Kind: quickadd.Description, Text: "// 2 rooms", Value: "2 rooms"},
			{Kind: quickadd.Separator, Text: " "},
		},
		`9am, Zoë \#1 !1d tomorrow.`: {
			{Kind: quickadd.Due, Text: "9am", Value: moment},
			{Kind: quickadd.Separator, Text: ", "},
			{Kind: quickadd.Title, Text: "Zoë", Value: "Zoë"},
			{Kind: quickadd.Separator, Text: " "},
			{Kind: quickadd.Escape, Text: `\`},
			{Kind: quickadd.Title, Text: "#1", Value: "#1"},
			{Kind: quickadd.Separator, Text: " "},
			{Kind: quickadd.Reminder, Text: "!1d", Value: "-P1D"},
			{Kind: quickadd.Separator, Text: " "},
			{Kind: quickadd.Due, Text: "tomorrow", Value: moment},
			{Kind: quickadd.Title, Text: ".", Value: "."},
		},
		"every! 2 days for 3 times at 9am starting tomorrow x //": {
			{Kind: quickadd.Recurrence, Text: "every! 2 days for 3 times", Value: "FREQ=DAILY;INTERVAL=2;COUNT=3", From: task.FromCompletion},
			{Kind: quickadd.Separator, Text: " "},
			{Kind: quickadd.Due, Text: "at 9am starting tomorrow", Value: moment},
			{Kind: quickadd.Separator, Text: " "},
			{Kind: quickadd.Title, Text: "x", Value: "x"},
			{Kind: quickadd.Separator, Text: " "},
			{Kind: quickadd.Description, Text: "//"},
		},
	} {
		p, err := quickadd.Parse(text, written)
		if err != nil {
			t.Error(err)
		}
		checkTokens(t, text, p.Tokens)
		if diff := cmp.Diff(want, p.Tokens, cmpopts.IgnoreFields(quickadd.Token{}, "Start", "End")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestARefusedTextStillTellsItsParts(t *testing.T) {
	p, err := quickadd.Parse("!1 x !2", written)
	if err == nil {
		t.Fatal("it was not refused")
	}
	checkTokens(t, "!1 x !2", p.Tokens)
	if len(p.Tokens) != 5 || p.Tokens[4].Kind != quickadd.Priority || p.Tokens[4].Value != "medium" {
		t.Errorf("%+v", p.Tokens)
	}
}

func TestWhiteSpaceOfAnyKindSeparatesAndIsKept(t *testing.T) {
	for text, want := range map[string]string{
		"a\u00a0tomorrow\u2003b":   "a\u00a0b | 2026-11-26",
		"a\n\tb\ntomorrow\u3000":   "a\n\tb | 2026-11-26",
		"\r\na  b  !1  c\r\n":      "a  b  c | high",
		"a every\n2\u3000weeks":    "a | 2026-11-25 | FREQ=WEEKLY;INTERVAL=2",
		"a \u200ftomorrow":         "a \u200ftomorrow", // a mark of direction is no white space
		"a\u200dtomorrow":          "a\u200dtomorrow",
		"a // b\n\n- c\n":          "a | // b\n\n- c",
		"\u2067שלום\u2069 #בית !1": "\u2067שלום\u2069 | high | #בית",
	} {
		p, err := quickadd.Parse(text, written)
		if got := contract(p.Patch); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
		checkTokens(t, text, p.Tokens)
	}
}

func TestWhatATaskCannotBeIsRefusedInTermsOfTheText(t *testing.T) {
	manyTags := "x"
	for i := range task.MaxTags + 1 {
		manyTags += " #t" + strings.Repeat("t", i)
	}
	const manyReminders = "x !1m !2m !3m !4m !5m !6m !7m !8m !9m !10m !10m !10m"
	for text, want := range map[string]string{
		"":                                    "refused: must not be blank",
		" \n\u3000":                           "refused: must not be blank",
		"a\x00b":                              "refused: must not contain the character U+0000",
		"a\xffb":                              "refused: must be valid UTF-8",
		strings.Repeat("é", 500):              "",
		strings.Repeat("é", 501) + " !1":      "refused: gives a title that must be at most 500 characters; this has 501",
		"x @" + strings.Repeat("é", 51):       "refused: gives a category that must be at most 50 characters; this has 51",
		"x #a #" + strings.Repeat("é", 51):    "refused: gives a tag that must be at most 50 characters; this has 51",
		manyTags:                              "refused: gives tags that must have at most 20 items",
		manyReminders:                         "",
		manyReminders + " !11m":               "refused: gives reminders that must have at most 10 items",
		"x // " + strings.Repeat("é", 20_001): "refused: gives a description that must be at most 20000 characters; this has 20001",
		strings.Repeat(" ", quickadd.MaxText) + "x":   "refused: must be at most 25000 characters; this has 25001",
		strings.Repeat(" ", quickadd.MaxText-1) + "x": "",
		"x " + strings.Repeat("\\", 2000) + "#1":      "refused: gives a title that must be at most 500 characters; this has 2003",
		"@" + strings.Repeat("a", 50) + " x @b":       "refused: gives two categories, \"@" + strings.Repeat("a", 39) + "…\" and \"@b\"…",
	} {
		p, err := quickadd.Parse(text, written)
		got := ""
		if err != nil {
			got = refusal(err)
		}
		if got != want {
			t.Errorf("%.40q: %s; want %s", text, got, want)
		}
		if p.Tokens != nil {
			checkTokens(t, text, p.Tokens)
		}
	}
}

func TestADueOutsideTheCalendarIsRefused(t *testing.T) {
	for text, now := range map[string]time.Time{
		"x tomorrow":         time.Date(9999, 12, 31, 10, 0, 0, 0, time.UTC),
		"x every day 9am":    time.Date(9999, 12, 31, 10, 0, 0, 0, time.UTC),
		"x 23:00":            time.Date(9999, 12, 31, 10, 0, 0, 0, time.FixedZone("", -3*3600)),
		"x yesterday":        time.Date(1900, 1, 1, 10, 0, 0, 0, time.UTC),
		"x today every week": time.Date(1899, 1, 1, 10, 0, 0, 0, time.UTC),
	} {
		p, err := quickadd.Parse(text, now)
		if err == nil || refusal(err) != "refused: gives a due outside the years 1900 to 9999" || p.Patch.Due.Set {
			t.Errorf("%s: %s, %v", text, p.Patch.Due.Value, err)
		}
	}
	_, err := quickadd.Parse("x every day until 2199-12-31 9am", time.Date(9999, 12, 30, 8, 0, 0, 0, time.UTC))
	if err == nil || !strings.Contains(err.Error(), "repeats until 2199-12-31, which is before its first date, 9999-12-30") {
		t.Error(err)
	}
	_, err = quickadd.Parse("x every day at 9am for 9999 years", written)
	if err == nil || !strings.Contains(err.Error(), "gives a recurrence that has an invalid value in \"UNTIL=") {
		t.Error(err)
	}
}
