package pagetest

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// has makes tasks of these titles.
func (s *service) has(t *testing.T, titles ...string) {
	t.Helper()
	for _, title := range titles {
		s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": title})
	}
}

func TestUndoWalksBackStepByStepAndRedoForth(t *testing.T) {
	s := serve(t)
	s.has(t, "one", "two", "three")
	p := visit(t, s.url+"/#all")
	p.lists("one", "two", "three")
	p.presses("j")
	p.presses("c")
	p.sees("Completed “one”.")
	p.lists("two", "three")
	p.clicks("checkbox", "Complete “two”")
	p.lists("three")
	p.sees("Completed “two”.")
	p.presses("u")
	p.sees("Undone.")
	p.lists("two", "three")
	p.presses("u")
	p.lists("one", "two", "three")
	p.presses("u") // that "three" was added
	p.lists("one", "two")
	p.presses("U", chromedp.ModifierShift)
	p.sees("Redone.")
	p.lists("one", "two", "three")
	p.presses("z", chromedp.ModifierCtrl)
	p.lists("one", "two")
	p.presses("Z", chromedp.ModifierCtrl, chromedp.ModifierShift)
	p.lists("one", "two", "three")
	p.presses("U", chromedp.ModifierShift)
	p.lists("two", "three")
	p.presses("U", chromedp.ModifierShift)
	p.lists("three")
	p.sees("Redone.")
	p.presses("U", chromedp.ModifierShift)
	p.sees("There is nothing to redo.")
	p.presses("u")
	p.lists("two", "three")
	p.clicks("button", "Redo")
	p.lists("three")
	p.sees("Redone.")
	p.clicks("button", "Undo")
	p.lists("two", "three")
	p.clicks("button", "Redo")
	p.lists("three")
	asks[any](p, "document.querySelector('.row .title').focus(), 0")
	p.presses("?")
	p.sees("Ctrl Shift Z")
}

func TestAViewAddsOnlyWhatTheWordsLeaveOpen(t *testing.T) {
	s := serve(t)
	p := visit(t, s.url+"/#today")
	day := asks[string](p, "new Date(Date.now() + 3 * 86400000).toLocaleDateString('en', {weekday: 'long'})")
	p.writes("New task", "Take out the bins every "+day+" evening @home")
	p.until("the preview has the day and the time", func() bool {
		return asks[bool](p, "/"+day+" (19:00|7:00.PM)/.test(document.querySelector('.preview').textContent)")
	})
	p.types(kb.Enter)
	p.until("the task is there", func() bool { return len(s.tasks(t, "")) == 1 })
	if got := s.tasks(t, "?due=today"); len(got) > 0 {
		t.Error("due today:", got)
	}
	p.until("an empty field", func() bool { return asks[string](p, "document.activeElement.value ?? ''") == "" })
	p.types("Sweep the yard")
	p.sees("Today")
	p.types(kb.Enter)
	p.lists("Sweep the yard")
}

// focusIs waits until what has the focus has this text.
func (p *person) focusIs(text string) {
	p.Helper()
	p.until("the focus on "+text, func() bool { return asks[string](p, "document.activeElement.textContent") == text })
}

func TestEscapeLeavesTheBoxes(t *testing.T) {
	s := serve(t)
	s.has(t, "Paint the kitchen", "Paint the fence", "Call mum")
	p := visit(t, s.url+"/#all")
	p.lists("Paint the kitchen", "Paint the fence", "Call mum")
	p.presses("n")
	p.types("half a tho" + kb.Escape)
	p.focusIs("Paint the kitchen")
	p.presses("j")
	p.focusIs("Paint the fence")
	p.presses("/")
	p.types("mum")
	p.lists("Call mum")
	p.types(kb.ArrowDown)
	p.focusIs("Call mum")
	p.presses("/")
	p.types(kb.Escape)
	p.lists("Paint the kitchen", "Paint the fence", "Call mum")
	if text := asks[string](p, "document.getElementById('search').value"); text != "" {
		t.Errorf("the search still has %q", text)
	}
	p.presses("j")
	p.focusIs("Paint the kitchen")
	p.presses("c")
	p.lists("Paint the fence", "Call mum")
}

func TestBackClosesTheDetails(t *testing.T) {
	s := serve(t)
	s.has(t, "one", "two")
	p := visit(t, s.url+"/#today")
	p.clicks("link", "All tasks 2")
	p.lists("one", "two")
	p.do(chromedp.EmulateViewport(390, 800))
	p.clicks("button", "one")
	p.sees("Blocked by")
	address := asks[string](p, "location.href")
	p.writes("Notes", "kept")
	asks[any](p, "history.back(), 0")
	p.seesNo("Blocked by")
	p.lists("one", "two")
	p.focusIs("one")
	p.until("what was written is kept", func() bool { return s.tasks(t, "?q=one")[0]["description"] == "kept" })
	p.clicks("button", "two")
	p.sees("Blocked by")
	p.types(kb.Escape)
	p.seesNo("Blocked by")
	p.until("the address is the list's", func() bool { return asks[string](p, "location.hash") == "#all" })
	p.focusIs("two")
	asks[any](p, "history.back(), 0")
	p.until("the view before", func() bool { return asks[string](p, "location.hash") == "#today" })

	other := visit(t, address)
	other.sees("Blocked by")
	other.lists("one", "two")
	other.clicks("button", "Close")
	other.seesNo("Blocked by")
	if hash := asks[string](other, "location.hash"); hash != "#all" {
		t.Error(hash)
	}
}

func TestKeysMeanTheSelection(t *testing.T) {
	s := serve(t)
	s.has(t, "one", "two", "three", "four", "five")
	p := visit(t, s.url+"/#all")
	p.lists("one", "two", "three", "four", "five")
	p.presses("j")
	p.presses("x")
	p.presses("j")
	p.presses("x")
	p.presses("j")
	p.presses("j")
	p.sees("2 selected")
	p.presses("Delete")
	p.sees("Deleted 2 tasks.")
	p.lists("three", "four", "five")
	p.seesNo("2 selected")
	p.focusIs("four")
	p.presses("u")
	p.sees("Undone.")
	p.lists("one", "two", "three", "four", "five")
	p.focusIs("four")
	p.presses("x")
	p.sees("1 selected")
	below := asks[bool](p, "document.querySelector('.toast').getBoundingClientRect().bottom > document.querySelector('.selection').getBoundingClientRect().top")
	if below {
		t.Error("the toast covers the selection")
	}
	s.does(t, "DELETE", "/api/v1/tasks/"+s.tasks(t, "?q=four")[0]["id"].(string), nil)
	p.lists("one", "two", "three", "five")
	p.seesNo("1 selected")
}

func TestAllThatMatchAreSelected(t *testing.T) {
	s := serve(t)
	for i := range 180 {
		s.has(t, fmt.Sprint("task ", i))
	}
	p := visit(t, s.url+"/#all")
	p.until("the heading counts all", func() bool { return asks[string](p, "document.querySelector('h1 .quiet')?.textContent ?? ''") == "180" })
	p.clicks("checkbox", "Select “task 1”")
	p.clicks("button", "All")
	p.sees("of 180 selected: those that are loaded")
	p.clicks("button", "Select all that match")
	p.seesNo("those that are loaded")
	p.sees("180 selected")
	p.clicks("button", "Complete")
	p.sees("Completed 180 tasks.")
	p.lists()
}

func TestWhatIsAddedOutOfSightIsTold(t *testing.T) {
	s := serve(t)
	for i := range 30 {
		s.has(t, fmt.Sprint("task ", i))
	}
	p := visit(t, s.url+"/#all")
	p.writes("New task", "far below"+kb.Enter)
	p.sees("Added “far below”.")
	p.clicks("button", "Show")
	p.sees("Blocked by")
	p.until("its details", func() bool { return p.answers("document.querySelector('.details textarea').value === 'far below'") })
}

func TestAConflictIsAskedAboutWhereItIsSeen(t *testing.T) {
	s := serve(t)
	for i := range 40 {
		s.has(t, fmt.Sprint("task ", i))
	}
	path := "/api/v1/tasks/" + s.tasks(t, "?q=39")[0]["id"].(string)
	p := visit(t, s.url+"/#all")
	p.until("the last task is looked at", func() bool {
		return p.answers("(rows => rows.length === 40 && (rows[39].scrollIntoView(), true))(document.querySelectorAll('.row'))")
	})
	p.clicks("button", "task 39")
	p.writes("Notes", "mine")
	s.does(t, "PATCH", path, map[string]any{"description": "theirs", "priority": "high"})
	p.hears("high")
	p.types(kb.Tab)
	p.sees("There: “theirs”")
	p.until("it is in sight", func() bool {
		return p.answers("(r => r.top >= 0 && r.bottom <= innerHeight && scrollY > 0)(document.querySelector('main .outbox').getBoundingClientRect())")
	})
	s.does(t, "DELETE", path, nil)
	p.sees("This task was deleted elsewhere meanwhile.")
	p.seesNo("Take mine")
	p.clicks("button", "Drop this change")
	p.seesNo("deleted elsewhere")
}

func TestATitleIsOneLine(t *testing.T) {
	s := serve(t)
	s.has(t, "one")
	p := visit(t, s.url+"/#all")
	p.clicks("button", "one")
	p.writes("Title", "eins"+kb.Enter)
	p.lists("eins")
}

func TestASubtaskStaysWithItsParent(t *testing.T) {
	s := serve(t)
	parent := s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "parent"})
	for _, title := range []string{"first", "second"} {
		s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": title, "parent_id": parent["id"]})
	}
	s.has(t, "other", "last")
	p := visit(t, s.url+"/#all")
	p.lists("parent", "first", "second", "other", "last")
	drag := func(what, to string) {
		fromX, fromY := p.find("button", "Move “"+what+"” with the arrow keys")
		_, toY := p.find("checkbox", "Complete “"+to+"”")
		p.do(chromedp.MouseEvent("mousePressed", fromX, fromY, chromedp.ButtonLeft), chromedp.MouseEvent("mouseMoved", fromX, (fromY+toY)/2, chromedp.ButtonLeft),
			chromedp.MouseEvent("mouseMoved", fromX, toY+15, chromedp.ButtonLeft), chromedp.MouseEvent("mouseReleased", fromX, toY+15, chromedp.ButtonLeft))
	}
	drag("first", "other")
	p.sees("“first” stays with its parent")
	p.lists("parent", "first", "second", "other", "last")
	drag("first", "second")
	p.lists("parent", "second", "first", "other", "last")
	drag("last", "parent") // between the parent and its subtasks
	p.lists("parent", "second", "first", "last", "other")
	p.do(chromedp.Reload())
	p.lists("parent", "second", "first", "last", "other")
}
