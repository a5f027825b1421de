package terminal_test

import (
	"bytes"
	"strings"
	"testing"

	"todo-app/internal/cli/terminal"
)

var columns = []terminal.Column{{Title: "ID"}, {Title: "DUE", Spare: 1}, {Title: "TAGS", Spare: 2, Most: 6}, {Title: "TITLE", Grows: true}}

func cells(texts ...string) []terminal.Cell {
	row := make([]terminal.Cell, len(texts))
	for i, text := range texts {
		row[i].Text = text
	}
	return row
}

var rows = [][]terminal.Cell{
	cells("1", "today", "a, b, c, d", "short"),
	cells("22", "", "", "rather a long title that cannot be shown whole"),
	cells("333", "tomorrow", "買い物リスト", "買い物リストを作る、牛乳とパンと卵"),
}

func TestATableFitsItsWindow(t *testing.T) {
	t.Parallel()
	for width, want := range map[int]string{
		0: `ID   DUE       TAGS    TITLE
1    today     a, b,…  short
22                     rather a long title that cannot be shown whole
333  tomorrow  買い…   買い物リストを作る、牛乳とパンと卵
`,
		50: `ID   DUE       TAGS    TITLE
1    today     a, b,…  short
22                     rather a long title that c…
333  tomorrow  買い…   買い物リストを作る、牛乳と…
`,
		46: `ID   DUE       TITLE
1    today     short
22             rather a long title that canno…
333  tomorrow  買い物リストを作る、牛乳とパン…
`,
		38: `ID   TITLE
1    short
22   rather a long title that cannot …
333  買い物リストを作る、牛乳とパンと…
`,
		12: `ID   TITLE
1    short
22   rather…
333  買い物…
`,
		4: `ID
1
22
333
`,
		1: "…\n1\n…\n…\n",
	} {
		var out bytes.Buffer
		if err := (terminal.Screen{Writer: &out, Width: width}).Table(columns, rows); err != nil {
			t.Fatal(err)
		}
		if out.String() != want {
			t.Errorf("at %d it is\n%s", width, &out)
		}
	}
}

func TestColumnsWithoutTextAreLeftAway(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := (terminal.Screen{Writer: &out}).Table(columns, [][]terminal.Cell{cells("1", "", "", "x")}); err != nil {
		t.Fatal(err)
	}
	if out.String() != "ID  TITLE\n1   x\n" {
		t.Errorf("%s", &out)
	}
}

func TestOnlyATerminalHasColourAndSetsRightToLeftTextApart(t *testing.T) {
	t.Parallel()
	row := []terminal.Cell{{Text: "אב", Style: terminal.Bad}, {Text: "b\x1b[0m", Style: terminal.Good}}
	for _, one := range []struct {
		screen terminal.Screen
		want   string
	}{
		{terminal.Screen{}, "אב    b␛[0m\n"},
		{terminal.Screen{Terminal: true}, "\u2068אב\u2069    b␛[0m\n"},
		{terminal.Screen{Terminal: true, Colour: true}, "\x1b[31m\u2068אב\u2069\x1b[0m    \x1b[32mb␛[0m\x1b[0m\n"},
	} {
		var out bytes.Buffer
		one.screen.Writer = &out
		if err := one.screen.Table([]terminal.Column{{Title: "WHO?"}, {Title: "B"}}, [][]terminal.Cell{row}); err != nil {
			t.Fatal(err)
		}
		if _, body, _ := strings.Cut(out.String(), "\n"); body != one.want {
			t.Errorf("it is %q, want %q", body, one.want)
		}
	}
}

func TestWhatIsNoTerminalHasTheWidthItIsTold(t *testing.T) {
	t.Parallel()
	for columns, want := range map[string]int{"": 0, "72": 72, "0": 0, "-1": 0, "wide": 0} {
		env := map[string]string{"COLUMNS": columns, "TERM": "xterm"}
		s := terminal.NewScreen(&bytes.Buffer{}, func(name string) string { return env[name] })
		if s.Width != want || s.Colour || s.Terminal {
			t.Errorf("with COLUMNS=%s it is %+v", columns, s)
		}
	}
}
