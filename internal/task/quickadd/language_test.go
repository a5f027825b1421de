package quickadd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"todo-app/internal/task"
	"todo-app/internal/task/quickadd"
)

// written is when the examples of the language are: a Wednesday.
var written = time.Date(2026, time.November, 25, 10, 0, 0, 0, zone("Europe/Berlin"))

func zone(name string) *time.Location {
	z, err := (&task.Zones{}).Load(name)
	if err != nil {
		panic(err)
	}
	return z
}

func TestTheLanguageIsAsItsExamplesSay(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "language.txt"))
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(text)) {
		source, want, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " → ")
		if !ok {
			continue
		}
		rows++
		p, err := quickadd.Parse(source, written)
		got := contract(p.Patch)
		if err != nil {
			got = refusal(err)
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", source, got, want)
		}
		checkTokens(t, source, p.Tokens)
	}
	if rows < 500 {
		t.Errorf("there are %d examples", rows)
	}
}

// contract shows a patch in the words of the contract.
func contract(p task.Patch) string {
	parts := []string{p.Title.Value}
	add := func(set bool, part string) {
		if set {
			parts = append(parts, part)
		}
	}
	add(p.Due.Set, p.Due.Value.String())
	add(p.Priority.Set, p.Priority.Value.String())
	add(p.Category.Set, "@"+p.Category.Value)
	for _, tag := range p.Tags.Value {
		add(true, "#"+tag)
	}
	add(p.Recurrence.Set, p.Recurrence.Value.Rule.Value)
	add(p.Recurrence.Value.From.Set, "from "+string(p.Recurrence.Value.From.Value))
	for _, r := range p.Reminders.Value {
		add(true, "remind "+string(r))
	}
	add(p.Description.Set, "// "+p.Description.Value)
	return strings.Join(parts, " | ")
}

func refusal(err error) string {
	var details []string
	for _, f := range task.AsFaults(err) {
		if f.Pointer != "/text" {
			return err.Error()
		}
		details = append(details, strings.ReplaceAll(f.Detail, ": keep one, and write a backslash before the other to have it in the title", "…"))
	}
	return "refused: " + strings.Join(details, "; ")
}

func TestTheReferenceForUsersIsTrue(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "quick-add.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(text)) {
		source, want, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(line, "| "), " |\n"), " | ")
		if !ok || !strings.HasPrefix(source, "`") {
			continue
		}
		rows++
		source = strings.Trim(source, "`")
		p, err := quickadd.Parse(source, written)
		if got := plain(p.Patch); err != nil || got != want {
			t.Errorf("%s\n got %s, %v\nwant %s", source, got, err, want)
		}
	}
	if rows < 60 {
		t.Errorf("there are %d examples", rows)
	}
}

// plain shows a patch as a user reads it, in the writer's zone.
func plain(p task.Patch) string {
	parts := []string{"**" + strings.ReplaceAll(p.Title.Value, `\`, `\\`) + "**"}
	if due := p.Due.Value; due.AllDay {
		parts = append(parts, due.At.Format("Mon 2 Jan 2006"))
	} else if p.Due.Set {
		parts = append(parts, due.At.In(written.Location()).Format("Mon 2 Jan 2006 15:04"))
	}
	if p.Priority.Set {
		parts = append(parts, p.Priority.Value.String())
	}
	if p.Category.Set {
		parts = append(parts, "category "+p.Category.Value)
	}
	for _, tag := range p.Tags.Value {
		parts = append(parts, "tag "+tag)
	}
	if p.Recurrence.Set {
		parts = append(parts, "`"+p.Recurrence.Value.Rule.Value+"`")
	}
	if p.Recurrence.Value.From.Value == task.FromCompletion {
		parts = append(parts, "from completion")
	}
	for _, r := range p.Reminders.Value {
		parts = append(parts, "reminder `"+string(r)+"`")
	}
	if p.Description.Set {
		parts = append(parts, "description “"+p.Description.Value+"”")
	}
	return strings.Join(parts, ", ")
}
