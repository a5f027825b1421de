package terminal_test

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"todo-app/internal/cli/terminal"
)

func TestTextThatComesInPartsGivesATerminalNoOrders(t *testing.T) {
	const text = "a\x1b[2J\u009b\u202eé\n\tb\xff"
	for n := 1; n < len(text); n++ {
		for json, want := range map[bool]string{false: "a␛[2J\ufffd\ufffdé\n\tb", true: "a\x1b[2J\\u009b\\u202eé\n\tb"} {
			var got strings.Builder
			w := terminal.Harmless(&got, json)
			for rest := text; rest != ""; {
				part := rest[:min(n, len(rest))]
				if written, err := io.WriteString(w, part); written != len(part) || err != nil {
					t.Fatal(written, err)
				}
				rest = rest[len(part):]
			}
			if !strings.HasPrefix(got.String(), want) {
				t.Errorf("in parts of %d: %q", n, got.String())
			}
		}
	}
}

func TestNothingInALineGivesOrders(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain":                    "plain",
		"":                         "",
		"a\x1b[2Jb":                "a␛[2Jb",
		"\x00\x07\x7f\t\r\n":       "␀␇␡␉␍␊",
		"\u0085\u009b2J":           "��2J",
		"\u202eevil\u2066x\u2069y": "�evil�x�y",
		"a\u2028b\u2029c":          "a b c",
		"\xff\xfe":                 "�",
		"שלום \u200f עולם":         "שלום \u200f עולם",
		"e\u0301 👨‍👩‍👧":            "e\u0301 👨‍👩‍👧",
	} {
		if got := terminal.Line(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	if diff := cmp.Diff([]string{"a", "", "    b␍c"}, terminal.Lines("a\r\n\n\tb\rc\n\n")); diff != "" {
		t.Error(diff)
	}
}

func TestTextIsBrokenBetweenWordsAndCutWithinColumns(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		in    string
		width int
		want  []string
	}{
		{"", 5, []string{""}},
		{"as it is", 0, []string{"as it is"}},
		{"  indented", 10, []string{"  indented"}},
		{"one two three", 7, []string{"one two", "three"}},
		{"one abcdefghij two", 4, []string{"one", "abcd", "efgh", "ij", "two"}},
		{"買い物リスト", 5, []string{"買い", "物リ", "スト"}},
		{"日本", 1, []string{"日本"}}, // no character fits
	} {
		if diff := cmp.Diff(one.want, terminal.Wrap(one.in, one.width)); diff != "" {
			t.Errorf("%q in %d (-want +got):\n%s", one.in, one.width, diff)
		}
	}
	for _, one := range []struct {
		in    string
		width int
		want  string
	}{
		{"short", 5, "short"}, {"shorter", 5, "shor…"}, {"買い物リスト", 6, "買い…"}, {"買い物リスト", 7, "買い物…"}, {"x", 0, ""}, {"xy", 1, "…"}, {"x", -3, ""},
	} {
		if got := terminal.Cut(one.in, one.width); got != one.want {
			t.Errorf("%q in %d is %q, want %q", one.in, one.width, got, one.want)
		}
	}
}

func FuzzTextIsShownWithinItsColumns(f *testing.F) {
	for _, s := range []string{"", "plain", "買い物リスト", "👨‍👩‍👧 trip to 🇩🇪", "\x1b]0;x\x07", "\u202eאבג\u2069", "\xff", "a\u0300\u0301 b", "\u115f\u3164\u00ad\ufeff"} {
		f.Add(s, 7)
	}
	f.Fuzz(func(t *testing.T, s string, width int) {
		if width < 2 || width > 200 { // a wide character takes two
			return
		}
		line := terminal.Line(s)
		if strings.ContainsFunc(line, unicode.IsControl) || !utf8.ValidString(line) {
			t.Errorf("%q becomes %q", s, line)
		}
		if got := terminal.Cut(line, width); terminal.Width(got) > width {
			t.Errorf("%q is cut to %q, %d columns", s, got, terminal.Width(got))
		}
		for _, part := range terminal.Wrap(line, width) {
			if terminal.Width(part) > width {
				t.Errorf("%q has the part %q, %d columns", s, part, terminal.Width(part))
			}
		}
	})
}

func FuzzJSONSaysTheSameAndGivesNoOrders(f *testing.F) {
	for _, s := range []string{"", "plain", "a\u009b2J\u202e\u007f", "\x1b", "日本", "<&>\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text, err := json.Marshal([]string{s})
		if err != nil {
			t.Fatal(err)
		}
		var before, after []string
		got := terminal.JSON(text)
		if json.Unmarshal(text, &before) != nil || json.Unmarshal(got, &after) != nil || before[0] != after[0] {
			t.Errorf("%s became %s", text, got)
		}
		if strings.ContainsFunc(string(got), unicode.IsControl) {
			t.Errorf("%q", got)
		}
	})
}
