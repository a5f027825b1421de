package pagetest

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestWhatIsRefusedIsSaidInThePagesOwnWords(t *testing.T) {
	s := serve(t)
	p := visit(t, s.url+"/#all")
	p.writes("New task", "Gym mon, wed, fri 7am")
	p.sees("The text gives two dates")
	p.sees("To repeat on all of these days, write “every mon, wed, fri”.")
	p.writes("New task", "Gym every mon, wed, fri 7am")
	p.seesNo("two dates")
	p.writes("New task", "tomorrow !high")
	p.sees("Nothing is left for a title")
	p.clicks("link", "Templates")
	p.writes("Name", "Bad")
	p.writes("Title", "Bad one")
	p.writes("Due, in words", "when pigs fly")
	p.clicks("button", "Keep")
	p.sees("Due is not understood")
	p.clicks("link", "Settings")
	p.seesNo("Due is not understood")
	p.chooses("Time zone", "Nowhere/Land")
	p.clicks("button", "Save")
	p.sees("There is no time zone of this name")
	p.clicks("link", "All tasks")
	p.seesNo("There is no time zone of this name")
}

func TestAReportOfAnImportIsInThePagesOwnWords(t *testing.T) {
	s := serve(t)
	p := visit(t, s.url+"/#files")
	file := filepath.Join(t.TempDir(), "todoist.csv")
	if err := os.WriteFile(file, []byte("TYPE,CONTENT,PRIORITY,AUTHOR\ntask,Buy milk,3,me\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.uploads(file)
	p.sees("skipped. Nothing is made of it; AUTHOR: the column is not carried over")
	p.sees("created. PRIORITY: 3 becomes low")
	if err := os.WriteFile(file, []byte("title,due\nWater plants,tomorrow\nCall mum,someday\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.uploads(file)
	p.sees("1 created, 0 skipped, 1 refused")
	p.sees("Record 3: refused. Due must be a date")
	p.clicks("link", "Tomorrow 1")
	p.lists("Water plants")
}

func TestThePreviewSaysEachThingOnceAndInWords(t *testing.T) {
	p := visit(t, serve(t).url+"/#all")
	p.writes("New task", "Call mum tomorrow 9am !1 p1 remind me 10 minutes before")
	p.sees("10 minutes before")
	if chips := asks[[]string](p, "[...document.querySelectorAll('#understood .chip')].map(chip => chip.textContent)"); fmt.Sprint(chips) != "[Tomorrow 9:00 AM High 10 minutes before]" {
		t.Errorf("%q", chips)
	}
}

func TestTheHistoryTellsFromWhatToWhat(t *testing.T) {
	s := serve(t)
	made := s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "milk", "due": "2026-03-01"})
	path := "/api/v1/tasks/" + made["id"].(string)
	s.does(t, "PATCH", path, map[string]any{"title": "bread", "priority": "high", "tags": []string{"food"}})
	s.does(t, "DELETE", path, nil)
	s.does(t, "POST", "/api/v1/undo", map[string]any{})
	p := visit(t, s.url+"/#all")
	p.clicks("button", "bread")
	p.until("the history", func() bool { return p.answers("!!document.querySelector('details.history')") })
	asks[any](p, "document.querySelector('details.history').open = true, 0")
	p.sees("Restored")
	p.sees("Title: milk → bread")
	p.sees("Priority: Medium → High")
	p.sees("Tags: – → food")
	p.photograph("history")
}

func TestARepetitionIsWrittenInWords(t *testing.T) {
	s := serve(t)
	s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "Report", "due": "2026-03-31"})
	p := visit(t, s.url+"/#all")
	p.clicks("button", "Report")
	p.picks("Repeats", "own")
	p.writes("In your own words", "whenever")
	p.presses("Enter")
	p.sees("That is no repetition")
	becomes := func(words, rule, from string) {
		t.Helper()
		p.writes("In your own words", words)
		p.presses("Enter")
		p.until("the rule", func() bool {
			is, _ := s.tasks(t, "")[0]["recurrence"].(map[string]any)
			return is["rule"] == rule && is["from"] == from
		})
		p.picks("Repeats", "own")
	}
	becomes("every last friday", "FREQ=MONTHLY;BYDAY=-1FR", "due")
	becomes("every 2 months", "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=-1", "due")
	becomes("every! 3 days", "FREQ=DAILY;INTERVAL=3", "completion")
	becomes("every 5 days", "FREQ=DAILY;INTERVAL=5", "completion")
}

func TestARuleIsSaidInWordsOrAsItIsWritten(t *testing.T) {
	p := visit(t, serve(t).url)
	p.sees("Today")
	// say checks what rules are in words. What there are no words for is as it is written.
	say := func(language string, rules map[string]string) {
		t.Helper()
		asks[int](p, "import(new URL('repeat.js', document.querySelector('script[type=module]').src)).then(got => (window.inWords = got.inWords, 0))")
		for rule, want := range rules {
			if got := asks[string](p, "inWords("+quoted(rule)+")"); got != cmp.Or(want, rule) {
				t.Errorf("%s: %s is said to be %q", language, rule, got)
			}
		}
	}
	say("English", map[string]string{
		"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1":   "every month on the last workday",
		"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=2":    "every month on the 2. workday",
		"FREQ=MONTHLY;BYDAY=-1FR":                         "every month on the last Friday",
		"FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR":                "every week on workdays",
		"FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1":    "every month on day 30, or the last",
		"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1": "",
		"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2":   "",
		"FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1":            "",
		"FREQ=MONTHLY;BYDAY=-2FR":                         "",
	})
	asks[any](p, "localStorage.setItem('language', 'ur'), 0")
	p.do(chromedp.Reload())
	p.sees("آج")
	say("Urdu", map[string]string{
		"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1":   "ہر مہینے کام کے آخری دن",
		"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1": "",
	})
}
