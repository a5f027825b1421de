package pagetest

import (
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
	p.until("it goes on with the notes", func() bool { return p.notes() == "wholemeal" && p.answers("document.activeElement.value === 'wholemeal'") })
	p.types(", sliced" + kb.Tab)
	p.until("the notes are stored", func() bool { return s.tasks(t, "")[0]["description"] == "wholemeal, sliced" })
	p.do(chromedp.Reload())
	p.until("the new task is written still", func() bool { return p.answers("document.getElementById('quickadd')?.value === 'half a thought'") })
	p.clicks("link", "Settings")
	p.clicks("button", "Sign out")
	p.sees("Paste an API key")
	if kept := asks[int](p, "sessionStorage.length"); kept != 0 {
		t.Error("something is left of who was signed in")
	}
}
