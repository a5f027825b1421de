package web_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// entry is a key of a catalogue, with all that stands behind it on its line.
var entry = regexp.MustCompile(`(?m)^  "?([\w.]+)"?: (.*),$`)

func TestEveryLanguageHasAllTheWords(t *testing.T) {
	english := catalogue(t, "en")
	for _, language := range []string{"ur"} {
		words := catalogue(t, language)
		for key, text := range english {
			translated, ok := words[key]
			if !ok {
				t.Errorf("%s lacks %s", language, key)
			} else if want, got := values(text), values(translated); !slices.Equal(want, got) {
				t.Errorf("%s: %s has the values %v, not %v", language, key, got, want)
			}
		}
		for key := range words {
			if _, ok := english[key]; !ok {
				t.Errorf("%s has %s, which nobody asks for", language, key)
			}
		}
	}
}

func catalogue(t *testing.T, language string) map[string]string {
	t.Helper()
	text, err := os.ReadFile("page/i18n/" + language + ".js")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]string{}
	for _, found := range entry.FindAllStringSubmatch(string(text), -1) {
		words[found[1]] = found[2]
	}
	if len(words) < 150 || len(words) != strings.Count(string(text), "\",\n")+strings.Count(string(text), " },\n") {
		t.Fatalf("%s: %d entries are read", language, len(words))
	}
	return words
}

// values returns the places of values in a text, each once.
func values(text string) []string {
	found := regexp.MustCompile(`\{\w+\}`).FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

var asked = regexp.MustCompile(`\bt\("([\w.]+)"`)

// asking is where a line asks for words, and beginning that of a key which is
// put together there.
var asking = regexp.MustCompile(`\bt\(.*`)
var beginning = regexp.MustCompile(`"([\w.]+\.)"`)

// endings are what comes behind each such beginning.
var endings = map[string]string{
	"action.":       "complete reopen archive unarchive skip",
	"change.":       "created restored updated completed reopened archived deleted reminded",
	"chat.":         "user assistant",
	"chat.did.":     "add_task complete_task update_task delete_task bulk_tasks undo list_tasks search_tasks today stats other",
	"empty.":        "today tomorrow week overdue done archived search",
	"files.":        "created skipped refused",
	"priority.":     "high medium low",
	"repeat.every.": "day week month year",
	"said.":         "archive unarchive skip",
	"said.bulk.":    "complete reopen update archive delete",
	"sort.":         "due priority title created updated",
	"stats.":        "pending completed overdue today this_week created_today completed_today recurring with_dependencies subtasks no_due_date archived",
	"view.":         "today tomorrow week overdue all done archived statistics templates files settings",
	"voice.":        "denied deaf silence away tongue failed",
}

func TestEveryWordThatThePageSaysIsInTheCatalogue(t *testing.T) {
	english := catalogue(t, "en")
	files, err := os.ReadDir("page")
	if err != nil {
		t.Fatal(err)
	}
	said := 0
	begun := map[string]bool{}
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".js") {
			continue
		}
		text, err := os.ReadFile("page/" + file.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range asked.FindAllStringSubmatch(string(text), -1) {
			said++
			if _, ok := english[found[1]]; !ok && !strings.HasSuffix(found[1], ".") {
				t.Errorf("%s says %q", file.Name(), found[1])
			}
		}
		for _, line := range asking.FindAllString(string(text), -1) {
			for _, found := range beginning.FindAllStringSubmatch(line, -1) {
				begun[found[1]] = true
				if endings[found[1]] == "" {
					t.Errorf("%s begins a key with %q: what comes behind it?", file.Name(), found[1])
				}
			}
		}
	}
	for start, ends := range endings {
		if !begun[start] {
			t.Errorf("nobody begins a key with %q", start)
		}
		for end := range strings.FieldsSeq(ends) {
			if _, ok := english[start+end]; !ok {
				t.Errorf("the catalogue lacks %q", start+end)
			}
		}
	}
	if said < 100 {
		t.Fatal("only", said)
	}
}
