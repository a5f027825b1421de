package pagetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestATaskIsAddedSeenAndCompleted(t *testing.T) {
	s := serve(t)
	p := visit(t, s.url+"/#all")
	p.sees("Nothing here yet")
	p.writes("New task", "Pay rent tomorrow 9am !high @home #flat every month")
	p.sees("Tomorrow 9:00")
	p.sees("every month")
	p.types(kb.Enter)
	p.lists("Pay rent")
	p.clicks("checkbox", "Complete “Pay rent”")
	p.sees("Completed “Pay rent”. The next one is there.")
	p.clicks("link", "Completed 1")
	p.lists("Pay rent")
}

func TestWhatIsAddedInAViewBelongsToIt(t *testing.T) {
	p := visit(t, serve(t).url)
	p.writes("New task", "Water the plants")
	p.sees("Today")
	p.types(kb.Enter)
	p.lists("Water the plants")
	asks[any](p, "location.hash = '#category/garden', 0")
	p.sees("garden")
	p.writes("New task", "Rake leaves // not under the oak")
	p.types(kb.Enter)
	p.lists("Rake leaves")
	p.clicks("link", "All tasks 2")
	p.lists("Water the plants", "Rake leaves")
}

func TestTheNextSevenDaysHaveTheirDaysAsHeadings(t *testing.T) {
	s := serve(t)
	today := time.Now()
	day := func(n int) string { return today.AddDate(0, 0, n).Format(time.DateOnly) }
	for _, task := range []map[string]any{
		{"title": "milk", "due": day(0)}, {"title": "bread", "due": day(0)}, {"title": "rent", "due": day(1)}, {"title": "flights", "due": day(3)}, {"title": "later", "due": day(9)},
	} {
		s.does(t, "POST", "/api/v1/tasks", task)
	}
	p := visit(t, s.url+"/#week")
	days := func(want string) {
		t.Helper()
		p.until(want, func() bool {
			return asks[string](p, "[...document.querySelectorAll('.day')].map(one => one.querySelector('h2').firstChild.textContent.trim() + ': ' + [...one.querySelectorAll('.row .title')].map(title => title.textContent).join(', ')).join('; ')") == want
		})
	}
	weekday := today.AddDate(0, 0, 3).Format("Monday")
	days("Today: milk, bread; Tomorrow: rent; " + weekday + ": flights")
	if named := asks[string](p, "document.querySelectorAll('.day')[2].getAttribute('aria-labelledby')"); named != "day-"+day(3) {
		t.Error(named)
	}
	p.photograph("week")
	p.isAccessible("the next seven days")
	asks[any](p, "document.querySelectorAll('.row .title')[1].focus(), 0")
	p.presses("j")
	p.until("the focus is under the next heading", func() bool { return p.answers("document.activeElement.textContent === 'rent'") })
	rent := s.tasks(t, "?q=rent")[0]["id"].(string)
	s.does(t, "PATCH", "/api/v1/tasks/"+rent, map[string]any{"due": day(3)})
	days("Today: milk, bread; " + weekday + ": rent, flights")
	p.until("the focus goes along", func() bool { return p.answers("document.activeElement.textContent === 'rent'") })
	p.clicks("checkbox", "Complete “milk”")
	days("Today: bread; " + weekday + ": rent, flights")
	asks[any](p, "location.hash = '#all', 0")
	p.until("no headings elsewhere", func() bool { return len(p.titles()) == 4 && p.answers("!document.querySelector('.day')") })
}

func TestAListIsSortedAndSiftedAndTheAddressSaysHow(t *testing.T) {
	s := serve(t)
	for _, task := range []map[string]any{
		{"title": "walnuts", "priority": "low", "due": "2099-01-01"}, {"title": "bread", "priority": "high"}, {"title": "apples", "priority": "high", "due": "2099-01-02"}, {"title": "milk"},
	} {
		s.does(t, "POST", "/api/v1/tasks", task)
	}
	p := visit(t, s.url+"/#all")
	p.lists("walnuts", "bread", "apples", "milk")
	asks[any](p, "document.querySelector('.sift summary').focus(), 0")
	p.presses("Enter")
	p.picks("Sort by", "title")
	p.lists("apples", "bread", "milk", "walnuts")
	p.picks("Only with the priority", "high")
	p.lists("apples", "bread")
	p.photograph("sifted")
	p.isAccessible("a list that is sorted and sifted")
	if hash := asks[string](p, "location.hash"); hash != "#all?sort=title&priority=high" {
		t.Error(hash)
	}
	p.clicks("button", "apples")
	p.sees("Blocked by")
	if hash := asks[string](p, "location.hash"); !strings.HasPrefix(hash, "#all/task/") || !strings.HasSuffix(hash, "?sort=title&priority=high") {
		t.Error(hash)
	}
	p.do(chromedp.Reload())
	p.sees("Blocked by")
	p.types(kb.Escape)
	p.lists("apples", "bread")
	p.sees("Sort and filter: High, Title")
	asks[any](p, "location.hash = '#all?sort=due&priority=none', 0") // what is no choice chooses nothing
	p.lists("walnuts", "apples", "bread", "milk")
	asks[any](p, "location.hash = '#today?priority=low', 0")
	p.sees("No task here has this priority.")
	p.do(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile))
	p.fits()
	asks[any](p, "localStorage.setItem('language', 'ur'), location.hash = '#all?sort=due', 0")
	p.do(chromedp.Reload())
	p.sees("ترتیب اور چھانٹی: مقررہ وقت")
	p.lists("walnuts", "apples", "bread", "milk")
}

func TestWhatAPersonTypedIsTextAndNothingElse(t *testing.T) {
	s := serve(t)
	title := `<img src=x onerror="document.title='gone'"> {{x}} ${y} & <b>bold</b>`
	s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": title, "description": "<script>document.title='gone'</script>", "category": "<i>c</i>", "tags": []string{"<u>t</u>"}})
	p := visit(t, s.url+"/#all")
	p.lists(title)
	p.clicks("button", title)
	p.sees("Blocked by")
	p.clicks("link", "#<u>t</u>")
	p.lists(title)
	if title := asks[string](p, "document.title"); title != "Tasks" {
		t.Error(title)
	}
}

func TestSearchFindsWhileItIsTyped(t *testing.T) {
	s := serve(t)
	for _, title := range []string{"Paint the kitchen", "Paint the fence", "Call mum"} {
		s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": title})
	}
	p := visit(t, s.url+"/#all")
	p.lists("Paint the kitchen", "Paint the fence", "Call mum")
	p.presses("/")
	p.types("pai kit")
	p.lists("Paint the kitchen")
	p.types(kb.Backspace + kb.Backspace + kb.Backspace + kb.Backspace)
	p.lists("Paint the fence", "Paint the kitchen")
	p.types("nt nothing")
	p.sees("No task has “paint nothing”.")
}

func TestASearchThatIsLoadedAnewIsAsItWas(t *testing.T) {
	s := serve(t)
	s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "Paint the fence"})
	p := visit(t, s.url+"/#search/paint?sort=title")
	p.clicks("button", "Paint the fence")
	p.sees("Blocked by")
	hash := asks[string](p, "location.hash")
	p.do(chromedp.Reload())
	p.sees("Blocked by")
	asks[any](p, "new Promise(resolve => setTimeout(resolve, 400)), 0") // longer than the search waits for the next letter
	p.clicks("searchbox", "Search")
	p.presses("Enter")
	if now := asks[string](p, "location.hash"); now != hash || !strings.HasSuffix(now, "?sort=title") || !p.reads("Blocked by") {
		t.Errorf("%s has become %s", hash, now)
	}
	p.clicks("searchbox", "Search")
	p.types(kb.End + "er")
	p.sees("No task has “painter”.")
}

func TestEverythingIsDoneByKeyboard(t *testing.T) {
	s := serve(t)
	p := visit(t, s.url+"/#all")
	p.sees("Nothing here yet")
	p.presses("n")
	for _, title := range []string{"one", "two", "three"} {
		p.types(title + kb.Enter)
		p.sees(title)
		p.until("an empty field", func() bool { return asks[string](p, "document.activeElement.value ?? ''") == "" })
	}
	p.lists("one", "two", "three")
	asks[any](p, "document.activeElement.blur(), 0")
	p.presses("j")
	p.presses("j") // the second
	p.presses("e")
	p.until("the field", func() bool { return asks[string](p, "document.activeElement.value ?? ''") == "two" })
	p.types("zwei")
	p.presses("Enter")
	p.lists("one", "zwei", "three")
	p.until("the focus is back", func() bool { return asks[string](p, "document.activeElement.textContent") == "zwei" })
	p.presses("ArrowUp", chromedp.ModifierAlt)
	p.lists("zwei", "one", "three")
	p.until("the focus goes along", func() bool { return asks[string](p, "document.activeElement.textContent") == "zwei" })
	p.presses("j")
	p.presses("c")
	p.lists("zwei", "three")
	p.sees("Completed “one”.")
	p.presses("u")
	p.lists("zwei", "one", "three")
	p.presses("?")
	p.sees("This sheet")
	p.types(kb.Escape)
	p.seesNo("This sheet")
	p.presses("6")
	p.sees("What you complete is kept here.")
}

func TestTheDetailsOfATaskAreChanged(t *testing.T) {
	s := serve(t)
	s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "Buy paint"})
	s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "Paint the kitchen"})
	p := visit(t, s.url+"/#all")
	p.clicks("button", "Paint the kitchen")
	p.within("dialog.details", func() {
		p.writes("Notes", "two coats")
		p.clicks("button", "Tomorrow")
		p.sees("Does not repeat")
		p.writes("New subtask", "Tape the edges"+kb.Enter)
		p.sees("Tape the edges")
		p.writes("Find a task to wait for", "buy")
		p.clicks("button", "Buy paint")
		p.sees("Open:")
		p.clicks("checkbox", "Complete “Paint the kitchen”")
		p.sees("Complete anyway")
		p.writes("Tags, with commas between", "#DIY, home"+kb.Tab)
		p.sees("#diy")
		p.picks("Repeats", "monthly")
		p.sees("Next:")
	})
	p.photograph("details")
	p.types(kb.Escape)
	p.seesNo("Next:")
	p.lists("Buy paint", "Paint the kitchen", "Tape the edges")
	p.until("the focus is back", func() bool { return asks[string](p, "document.activeElement.textContent") == "Paint the kitchen" })
	got := s.tasks(t, "?q=kitchen")[0]
	if got["description"] != "two coats" || got["due"] != asks[string](p, "(d => (d.setDate(d.getDate() + 1), d.toLocaleDateString('sv')))(new Date())") ||
		got["recurrence"] == nil || got["blocked"] != true || fmt.Sprint(got["tags"], got["subtasks"]) != "[diy home] map[completed:0 total:1]" {
		t.Error(got)
	}
}

func TestWhatIsDeletedComesBack(t *testing.T) {
	s := serve(t)
	s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "one"})
	s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "two"})
	p := visit(t, s.url+"/#all")
	p.lists("one", "two")
	p.presses("j")
	p.presses("#")
	p.lists("two")
	p.sees("Deleted “one”.")
	s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "three"}) // undone is what the page tells of
	p.clicks("button", "Undo")
	p.lists("one", "two", "three")
	p.clicks("button", "Redo")
	p.lists("two", "three")
}

func TestTasksAreDragged(t *testing.T) {
	s := serve(t)
	for _, title := range []string{"one", "two", "three"} {
		s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": title})
	}
	p := visit(t, s.url+"/#all")
	fromX, fromY := p.find("button", "Move “three” with the arrow keys")
	_, toY := p.find("checkbox", "Complete “one”")
	p.do(chromedp.MouseEvent("mousePressed", fromX, fromY, chromedp.ButtonLeft), chromedp.MouseEvent("mouseMoved", fromX, (fromY+toY)/2, chromedp.ButtonLeft),
		chromedp.MouseEvent("mouseMoved", fromX, toY-15, chromedp.ButtonLeft))
	p.until("the place is shown", func() bool { return asks[bool](p, "document.querySelector('.row').classList.contains('before')") })
	p.do(chromedp.MouseEvent("mouseReleased", fromX, toY-15, chromedp.ButtonLeft))
	p.lists("three", "one", "two")
	p.do(chromedp.Reload())
	p.lists("three", "one", "two")
}

func TestManyTasksAreChangedAtOnce(t *testing.T) {
	s := serve(t)
	for _, title := range []string{"one", "two", "three", "four"} {
		s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": title})
	}
	p := visit(t, s.url+"/#all")
	p.clicks("checkbox", "Select “one”")
	x, y := p.find("checkbox", "Select “three”")
	p.do(chromedp.MouseClickXY(x, y, chromedp.ButtonModifiers(chromedp.ModifierShift)))
	p.sees("3 selected")
	p.photograph("selection")
	p.clicks("button", "Complete")
	p.sees("Completed 3 tasks.")
	p.lists("four")
	p.clicks("button", "Undo")
	p.lists("one", "two", "three", "four")
}

func TestATabletIsTurned(t *testing.T) {
	s := serve(t)
	s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "one"})
	p := visit(t, s.url+"/#all")
	turn := func(width, height int64, covers bool) {
		t.Helper()
		p.do(chromedp.EmulateViewport(width, height))
		p.until(fmt.Sprint("covered: ", covers), func() bool {
			return p.answers(fmt.Sprintf("['.bar', '.side', 'main'].every(part => document.querySelector(part).inert === %t)", covers))
		})
	}
	turn(820, 1180, false)
	p.clicks("button", "one")
	p.sees("Blocked by")
	turn(820, 1180, true)
	turn(1180, 820, false)
	turn(820, 1180, true)
	p.clicks("button", "Close")
	p.seesNo("Blocked by")
	turn(820, 1180, false)
}

func TestTheDayTurnsWhileThePageIsOpen(t *testing.T) {
	s := serve(t)
	p := visit(t, s.url+"/#all")
	p.sees("Nothing here yet")
	// It hears of what happens once a second, in place of every 25.
	asks[any](p, "window.fetch = (fetch => (url, options) => fetch(String(url).replace('wait=25', 'wait=1'), options))(fetch), 0")
	day := asks[string](p, "(d => (d.setDate(d.getDate() + 1), d.toLocaleDateString('sv')))(new Date())")
	s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "rent", "due": day})
	says := func(want string) {
		t.Helper()
		p.until(want, func() bool { return asks[string](p, "document.querySelector('.row .mark')?.innerText ?? ''") == want })
	}
	says("Tomorrow")
	asks[any](p, `window.Date = class extends Date {
		constructor(...parts) { parts.length ? super(...parts) : super(Date.now()); }
		static now() { return super.now() + 864e5; }
	}, 0`)
	says("Today")
}
