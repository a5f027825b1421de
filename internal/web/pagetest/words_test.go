package pagetest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
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
}

func TestThePreviewSaysEachThingOnceAndInWords(t *testing.T) {
	p := visit(t, serve(t).url+"/#all")
	p.writes("New task", "Call mum tomorrow 9am !1 p1 remind me 10 minutes before")
	p.sees("10 minutes before")
	if chips := asks[[]string](p, "[...document.querySelectorAll('#understood .chip')].map(chip => chip.textContent)"); fmt.Sprint(chips) != "[Tomorrow 9:00 AM High 10 minutes before]" {
		t.Errorf("%q", chips)
	}
}
