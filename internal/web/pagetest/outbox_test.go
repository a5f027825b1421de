package pagetest

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"todo-app/internal/app/function"
)

// refuses has everything of a method refused for now, until window.takes.
func (p *person) refuses(method string) {
	p.Helper()
	asks[any](p, `window.fetch = (fetch => (url, options) => options.method !== `+quoted(method)+` || window.takes ? fetch(url, options)
		: Promise.resolve(new Response('{"detail": "storage cannot be reached"}', {status: 503, headers: {"Retry-After": "10"}})))(fetch), 0`)
}

func (p *person) notes() string {
	p.Helper()
	return asks[string](p, `document.querySelector('.details textarea[rows="4"]')?.value ?? ''`)
}

func TestWhatIsRefusedForNowIsSentLater(t *testing.T) {
	s := serve(t)
	s.has(t, "bread")
	p := visit(t, s.url+"/#all")
	p.clicks("button", "bread")
	p.sees("Blocked by")
	p.refuses("PATCH")
	p.writes("Notes", "wholemeal"+kb.Tab)
	p.sees("One change waits")
	p.refuses("POST")
	p.writes("New task", "Call mum"+kb.Enter)
	p.sees("2 changes wait")
	p.until("nothing is left in the field", func() bool { return p.answers("document.getElementById('quickadd').value === ''") })
	asks[any](p, "window.takes = true, 0")
	p.lists("bread", "Call mum")
	p.seesNo("waits")
	p.until("the notes are shown", func() bool { return p.notes() == "wholemeal" })
}

func TestWhoHasToSignInAnewGoesOnWriting(t *testing.T) {
	s := serve(t, function.APIKey)
	s.key = keyOf(t, s.database)
	s.has(t, "bread")
	p := visit(t, s.url+"/#all")
	p.writes("API key", s.key+kb.Enter)
	p.writes("New task", "half a thought")
	p.clicks("button", "bread")
	p.sees("Blocked by")
	p.writes("Notes", "wholemeal")
	s.revokeKey(t, p)
	asks[any](p, "dispatchEvent(new Event('online')), 0") // the page looks, and is refused
	s.key = keyOf(t, s.database)
	p.writes("API key", s.key+kb.Enter)
	p.until("it goes on with the notes", func() bool {
		return p.notes() == "wholemeal" && p.answers("document.activeElement.value === 'wholemeal'")
	})
	p.types(", sliced" + kb.Tab)
	p.until("the notes are stored", func() bool { return s.tasks(t, "")[0]["description"] == "wholemeal, sliced" })
	p.do(chromedp.Reload())
	p.until("the new task is written still", func() bool { return p.answers("document.getElementById('quickadd')?.value === 'half a thought'") })
	p.find("link", "other 1") // above the others, which then stay where they are
	p.signsOut()
}

func TestWhatWaitsIsNoStepToUndo(t *testing.T) {
	s := serve(t)
	made := s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "Water", "due": "2026-11-01", "recurrence": map[string]any{"rule": "daily"}})
	s.does(t, "POST", "/api/v1/tasks/"+made["id"].(string)+"/complete", nil)
	p := visit(t, s.url+"/#all")
	p.lists("Water")
	p.refuses("POST")
	p.clicks("checkbox", "Complete “Water”")
	p.sees("Completed “Water”.")
	p.sees("One change waits")
	if p.reads("Undo") {
		t.Error("the completion before is offered to be undone")
	}
	p.presses("u")
	p.until("that it waits is said instead", func() bool {
		return p.answers("document.querySelector('.toast')?.innerText.includes('One change waits') ?? false")
	})
	asks[any](p, "window.takes = true, 0")
	p.until("nothing waits", func() bool { return p.answers("!document.querySelector('.outbox')") })
	if done := s.tasks(t, "?status=completed"); len(done) != 2 {
		t.Error("completed are", done)
	}
}

func TestManyTasksAreUndoneAsOne(t *testing.T) {
	s := serve(t)
	for range 2 {
		var many []map[string]any
		for i := range 600 {
			many = append(many, map[string]any{"title": fmt.Sprint("task ", i)})
		}
		s.answer(t, "POST", "/api/v1/tasks", many)
	}
	open := func(want int) {
		t.Helper()
		p := s.does(t, "GET", "/api/v1/stats", nil)["pending"]
		if fmt.Sprint(p) != fmt.Sprint(want) {
			t.Errorf("%v tasks are open, not %d", p, want)
		}
	}
	p := visit(t, s.url+"/#all")
	deletesAll := func() {
		t.Helper()
		p.clicks("checkbox", "Select “task 1”")
		p.clicks("button", "All")
		p.clicks("button", "Select all that match")
		p.seesNo("those that are loaded")
		p.sees("1,200 selected")
		p.clicks("button", "Delete")
	}
	asks[any](p, `window.fetch = (fetch => (url, options) => String(url).includes("/tasks/bulk") && window.parts++
		? Promise.resolve(new Response('{"detail": "storage cannot be reached"}', {status: 503})) : fetch(url, options))(fetch), window.parts = 0`)
	deletesAll()
	p.sees("Deleted 1,000 tasks. Storage cannot be reached")
	p.clicks("button", "Undo")
	p.sees("Undone.")
	open(1200)

	p.do(chromedp.Reload())
	deletesAll()
	p.sees("Deleted 1,200 tasks.")
	s.has(t, "from a phone")
	p.clicks("button", "Undo")
	p.sees("Undone.")
	open(1201)
	p.clicks("button", "Redo")
	p.lists("from a phone")
	p.sees("Redone.")
	open(1)
}

func TestWhatComesWhileOthersAreSentIsSentToo(t *testing.T) {
	s := serve(t)
	p := visit(t, s.url+"/#all")
	p.sees("Nothing here yet")
	p.offline(true)
	p.writes("New task", "one"+kb.Enter)
	p.sees("One change waits")
	asks[any](p, `window.fetch = (fetch => async (url, options) => {
		if (String(url).includes("/tasks/quick") && !String(url).includes("dry_run")) await new Promise(send => {
			window.fetch = fetch;
			window.send = send;
		});
		return fetch(url, options);
	})(fetch), 0`)
	p.offline(false)
	p.until("it is being sent", func() bool { return p.answers("!!window.send") })
	p.writes("New task", "two"+kb.Enter)
	p.sees("2 changes wait")
	asks[any](p, "dispatchEvent(new Event('online')), 0") // the others are still on their way
	asks[any](p, "window.send(), 0")
	p.lists("one", "two")
	p.seesNo("waits")
}

func TestAServiceThatSaysNothingIsNotWaitedForWithoutEnd(t *testing.T) {
	s := serve(t)
	p := visit(t, s.url+"/#all")
	p.sees("Nothing here yet")
	awake := make(chan struct{})
	s.asleep.Store(&awake)
	asks[any](p, "AbortSignal.timeout = (timeout => () => timeout.call(AbortSignal, 200))(AbortSignal.timeout), 0")
	p.writes("New task", "Call mum"+kb.Enter)
	p.sees("One change waits")
	close(awake)
	p.lists("Call mum")
	p.seesNo("waits")
}

// nothingWaits waits until all is sent, and nobody was asked to decide anything.
func (p *person) nothingWaits() {
	p.Helper()
	p.until("nothing waits", func() bool { return p.answers("!document.querySelector('main .outbox[role=status]')") })
	if p.answers("!!document.querySelector('main .outbox')") {
		p.Error("a conflict with nobody: ", asks[string](p, "document.querySelector('main .outbox').innerText"))
	}
}

// sets a field of the details that holds a day or a time.
func (p *person) sets(kind, value string) {
	p.Helper()
	asks[any](p, fmt.Sprintf(`(f => (f.value = %s, f.dispatchEvent(new Event("change", {bubbles: true}))))(document.querySelector(".details input[type=%s]")), 0`, quoted(value), kind))
}

func TestNobodyIsInConflictWithThemselves(t *testing.T) {
	s := serve(t)
	made := s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "bread", "due": "2026-12-31T09:00:00Z", "category": "food"})
	path := "/api/v1/tasks/" + made["id"].(string)
	p := visit(t, s.url+"/#all")
	p.clicks("button", "bread")
	p.sees("Blocked by")

	// What is set twice before it is sent.
	p.offline(true)
	p.writes("Tags, with commas between", "Home"+kb.Tab)
	p.sees("One change waits")
	p.writes("Tags, with commas between", "Home, DIY"+kb.Tab)
	category := func(keys string) {
		p.clicks("combobox", "Category")
		asks[any](p, "document.activeElement.select(), 0")
		p.types(keys + kb.Tab)
	}
	category(kb.Backspace)
	p.sees("3 changes wait")
	category("Errands")
	p.picks("Repeats", "monthly")
	p.sees("5 changes wait")
	p.clicks("checkbox", "Count from when it is done")
	p.sees("6 changes wait")
	p.offline(false)
	p.nothingWaits()
	now := s.does(t, "GET", path, nil)
	if got := fmt.Sprintf("%v %v %v", now["tags"], now["category"], now["recurrence"].(map[string]any)["from"]); got != "[diy home] errands completion" {
		t.Error(got)
	}

	// What has arrived, though no answer of that came.
	asks[any](p, `window.fetch = (fetch => async (url, options) => {
		const got = await fetch(url, options);
		if (options.method !== "PATCH" || window.lost++) return got;
		throw new TypeError("the answer is lost");
	})(fetch), window.lost = 0`)
	for _, loses := range []func(){
		func() { p.sets("time", "10:30") },
		func() { p.picks("Repeats", "weekly") },
		func() { p.writes("Tags, with commas between", "Work, DIY"+kb.Tab) },
	} {
		asks[any](p, "window.lost = 0")
		loses()
		p.sees("One change waits")
		p.nothingWaits()
	}

	// What is set while the change before is on its way.
	asks[any](p, `window.fetch = (fetch => async (url, options) => {
		if (options.method === "PATCH" && !window.asked++) await new Promise(send => { window.send = send; });
		return fetch(url, options);
	})(fetch), window.asked = 0`)
	p.sets("date", "2027-01-15")
	p.until("it is on its way", func() bool { return p.answers("!!window.send") })
	p.sets("time", "11:45")
	asks[any](p, "window.send(), 0")
	want := asks[string](p, `new Date("2027-01-15T11:45").toISOString().replace(".000", "")`)
	p.until("both are there", func() bool { return s.does(t, "GET", path, nil)["due"] == want })
	p.nothingWaits()
}

func TestATextMeansWhatItMeantWhenItWasWritten(t *testing.T) {
	s := serve(t)
	p := visit(t, s.url+"/#today")
	p.sees("Nothing is due today.")
	today := asks[string](p, "new Date().toLocaleDateString('sv')")
	p.offline(true)
	p.writes("New task", "Call mum"+kb.Enter) // today
	p.sees("One change waits")
	p.writes("New task", "Pay rent tomorrow"+kb.Enter)
	p.sees("2 changes wait")
	p.writes("New task", "Party 2031-12-24"+kb.Enter)
	p.sees("3 changes wait")
	asks[any](p, `(Now => { window.Date = class extends Now {
		constructor(...given) { given.length ? super(...given) : super(Now.now() + 864e5); }
		static now() { return Now.now() + 864e5; }
	}; })(Date), 0`)
	p.offline(false)
	p.sees("Read today, it means")
	p.photograph("late")
	dues := func() (all string) {
		for _, one := range s.tasks(t, "?sort=due") {
			all += fmt.Sprintln(one["title"], one["due"])
		}
		return all
	}
	p.until("what is clear is sent", func() bool { return dues() == "Call mum "+today+"\nParty 2031-12-24\n" })
	p.within("main .outbox", func() { p.clicks("button", "Add") })
	p.until("what was decided is sent", func() bool { return len(s.tasks(t, "?q=rent")) == 1 })
	p.nothingWaits()
}
