package pagetest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"todo-app/internal/web"
)

func TestAChangeMadeElsewhereAppears(t *testing.T) {
	s := serve(t)
	p, other := visit(t, s.url+"/#all"), visit(t, s.url+"/#all")
	p.sees("Nothing here yet")
	other.writes("New task", "from another tab"+kb.Enter)
	p.lists("from another tab")
	made := s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "from a program"})
	p.lists("from another tab", "from a program")
	other.lists("from another tab", "from a program")
	s.does(t, "DELETE", "/api/v1/tasks/"+made["id"].(string), nil)
	p.lists("from another tab")
}

// behind puts something before the service, which passes on what it will, and
// returns where both are. Where nobody answers, nobody does there.
func (s *service) behind(t *testing.T, before func(w http.ResponseWriter, r *http.Request, service http.Handler)) string {
	t.Helper()
	at, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(at)
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { before(w, r, proxy) }))
	t.Cleanup(func() {
		h.CloseClientConnections()
		h.Close()
	})
	return h.URL
}

func TestAChangeMadeWhileThePageBeginsToListenAppears(t *testing.T) {
	s := serve(t)
	asked, woken := make(chan struct{}), make(chan struct{})
	p := visit(t, s.behind(t, func(w http.ResponseWriter, r *http.Request, service http.Handler) {
		if r.URL.Path == "/api/v1/changes" && !r.URL.Query().Has("since") {
			close(asked)
			<-woken
		}
		service.ServeHTTP(w, r)
	})+"/#all")
	p.sees("Nothing here yet")
	<-asked
	s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "from a program"})
	close(woken)
	p.lists("from a program")
}

// offline takes the network from a page, or gives it back.
func (p *person) offline(off bool) {
	p.Helper()
	err := p.network(&network.Conditions{Offline: off})
	if err == nil {
		_, err = chromedp.Call(p.ctx, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: off, DownloadThroughput: -1, UploadThroughput: -1})
	}
	if err != nil {
		p.Fatal(err)
	}
}

// slow has the service answer after a second, or at once again.
func (p *person) slow(is bool) {
	p.Helper()
	var latency float64
	if is {
		latency = 1000
	}
	if err := p.network(&network.Conditions{Latency: latency}); err != nil {
		p.Fatal(err)
	}
}

func (p *person) network(c *network.Conditions) error {
	c.DownloadThroughput, c.UploadThroughput = -1, -1
	_, err := chromedp.Call(p.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{c}})
	return err
}

func TestWhatIsDoneOfflineIsSentOnceAndInOrder(t *testing.T) {
	s := serve(t)
	s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "milk"})
	theirs := s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "bread"})
	p := visit(t, s.url+"/#all")
	p.lists("milk", "bread")
	p.offline(true)
	p.writes("New task", "Call mum !high"+kb.Enter)
	p.sees("One change waits")
	p.clicks("checkbox", "Complete “milk”")
	p.sees("2 changes wait")
	p.lists("bread")
	asks[any](p, "document.querySelector('.row .title').focus(), 0")
	p.presses("e")
	p.until("the field", func() bool { return asks[string](p, "document.activeElement.value ?? ''") == "bread" })
	p.types("brown bread")
	p.presses("Enter")
	p.sees("3 changes wait")
	p.photograph("offline")
	s.does(t, "PATCH", "/api/v1/tasks/"+theirs["id"].(string), map[string]any{"title": "white bread"})
	p.offline(false)
	p.sees("was changed elsewhere, too.")
	p.lists("white bread", "Call mum")
	p.photograph("conflict")
	p.clicks("button", "Take mine")
	p.lists("brown bread", "Call mum")
	p.seesNo("was changed elsewhere")
	if all := s.tasks(t, "?status=all"); len(all) != 3 {
		t.Errorf("%d tasks: %v", len(all), all)
	}
}

func TestATaskAddedOfflineIsSeenAtOnceAndBelongsWhereItWasAdded(t *testing.T) {
	s := serve(t)
	s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "milk", "due": time.Now().Format(time.DateOnly)})
	p := visit(t, s.url+"/#today")
	p.lists("milk")
	unsent := func(want string) {
		t.Helper()
		p.until("waiting: "+want, func() bool {
			return asks[string](p, "[...document.querySelectorAll('.unsent [role=listitem]')].map(one => one.innerText.replace(/\\s+/g, ' ')).join()") == want
		})
	}
	p.offline(true)
	p.writes("New task", "Call mum !high"+kb.Enter)
	unsent("Call mum !high Waiting to be sent")
	p.writes("New task", "Pay rent tomorrow"+kb.Enter)
	unsent("Call mum !high Waiting to be sent,Pay rent tomorrow Waiting to be sent")
	p.lists("milk")
	p.photograph("unsent")
	p.isAccessible("tasks that wait to be sent")
	p.do(chromedp.Reload())
	unsent("Call mum !high Waiting to be sent,Pay rent tomorrow Waiting to be sent")
	asks[any](p, "location.hash = '#overdue', 0")
	unsent("")
	asks[any](p, "location.hash = '#all', 0")
	unsent("Call mum !high Waiting to be sent,Pay rent tomorrow Waiting to be sent")
	p.offline(false)
	p.seesNo("Waiting to be sent")
	asks[any](p, "location.hash = '#today', 0")
	p.lists("milk", "Call mum") // as it would have been if it had been sent at once
	asks[any](p, "location.hash = '#tomorrow', 0")
	p.lists("Pay rent")
}

func TestWhatWaitsOutlivesThePage(t *testing.T) {
	s := serve(t)
	p := visit(t, s.url+"/#all")
	p.sees("Nothing here yet")
	p.offline(true)
	p.writes("New task", "Call mum"+kb.Enter)
	p.sees("One change waits")
	p.offline(false)
	p.do(chromedp.Reload())
	p.lists("Call mum")
	p.seesNo("One change waits")
}

func TestThePageOpensWhereTheServiceCannotBeReached(t *testing.T) {
	s := serve(t)
	p := visit(t, s.url+"/#all")
	p.sees("Nothing here yet")
	p.until("the shell is kept", func() bool {
		return asks[bool](p, "navigator.serviceWorker.ready.then(r => r.active?.state === 'activated' && !!navigator.serviceWorker.controller)")
	})
	s.away.Store(true)
	p.writes("New task", "Call mum"+kb.Enter)
	p.sees("One change waits")
	p.do(chromedp.Reload())
	p.sees("One change waits")
	p.sees("The service cannot be reached.")
	p.clicks("link", "Statistics") // a part that was never looked at before
	p.until("the statistics say so, too", func() bool { return asks[bool](p, "!!document.querySelector('.list [role=alert]')") })
	p.photograph("offline-reload")
	kept := asks[[]string](p, `caches.keys().then(names => Promise.all(names.map(name => caches.open(name).then(one => one.keys())))).then(all => all.flat().map(r => new URL(r.url).pathname))`)
	for _, path := range kept {
		if path != "/" && !strings.HasPrefix(path, "/assets/") {
			t.Error("the browser keeps", path)
		}
	}
	s.away.Store(false)
	p.sees("Completed per day") // nobody has to ask for it again
	p.clicks("link", "All tasks 1")
	p.lists("Call mum")
	p.seesNo("One change waits")
}

func TestWithoutTheNetworkThePageIsTheNewestThatWasSeen(t *testing.T) {
	s := serve(t)
	var newer atomic.Pointer[http.ServeMux]
	p := visit(t, s.behind(t, func(w http.ResponseWriter, r *http.Request, service http.Handler) {
		if pages := newer.Load(); pages != nil && !s.away.Load() && !strings.HasPrefix(r.URL.Path, "/api/") {
			pages.ServeHTTP(w, r)
			return
		}
		service.ServeHTTP(w, r)
	})+"/#all")
	keeps := func(shells int) {
		t.Helper()
		p.until(fmt.Sprint(shells, " shells are kept"), func() bool {
			return asks[bool](p, fmt.Sprintf("navigator.serviceWorker.ready.then(async r => r.active.state === 'activated' && !r.installing && !r.waiting && (await caches.keys()).length === %d)", shells))
		})
	}
	p.sees("Nothing here yet")
	keeps(1)
	pages := http.NewServeMux()
	for _, one := range web.Pages(web.SignIn{}, "newer") {
		pages.Handle(one.Path, one.Handler)
	}
	newer.Store(pages)
	p.do(chromedp.Reload())
	p.sees("Nothing here yet")
	keeps(2)
	s.away.Store(true)
	p.do(chromedp.Reload())
	p.sees("The service cannot be reached.")
	if version := asks[string](p, "document.querySelector('meta[name=version]').content"); version != "newer" {
		t.Errorf("the page is of the version %q", version)
	}
}

func TestAFieldThatWasChangedElsewhereIsNotOverwrittenUnseen(t *testing.T) {
	s := serve(t)
	made := s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "bread", "description": "brown"})
	path := "/api/v1/tasks/" + made["id"].(string)
	p := visit(t, s.url+"/#all")
	p.clicks("button", "bread")
	p.writes("Notes", "white")
	s.does(t, "PATCH", path, map[string]any{"description": "rye", "priority": "high"}) // while it is written
	p.hears("high")
	if written := asks[string](p, "document.activeElement.value"); written != "white" {
		t.Errorf("what is written has become %q", written)
	}
	p.types(kb.Tab)
	p.sees("There: “rye”")
	p.sees("Here: “white”")
	p.photograph("conflict-online")
	p.isAccessible("a conflict")
	if now := s.does(t, "GET", path, nil); now["description"] != "rye" {
		t.Error("overwritten:", now)
	}
	p.clicks("button", "Take mine")
	p.until("mine is there", func() bool { return s.does(t, "GET", path, nil)["description"] == "white" })
	p.seesNo("There:")

	p.offline(true)
	p.writes("Notes", "black")
	p.types(kb.Tab)
	p.sees("One change waits")
	s.does(t, "PATCH", path, map[string]any{"description": "spelt", "title": "Bread"})
	p.offline(false)
	p.sees("There: “spelt”")
	p.clicks("button", "Leave theirs")
	p.seesNo("There:")
	p.lists("Bread")
	p.until("theirs is shown", func() bool { return p.answers("document.querySelector('textarea[rows=\"4\"]').value === 'spelt'") })

	// Who changes another field is in nobody's way.
	p.writes("Notes", "spelt, sliced")
	s.does(t, "PATCH", path, map[string]any{"category": "food"})
	p.types(kb.Tab)
	p.until("both are there", func() bool {
		now := s.does(t, "GET", path, nil)
		return now["description"] == "spelt, sliced" && now["category"] == "food"
	})
	p.types(kb.Escape)
	p.seesNo("Blocked by")
	asks[any](p, "document.querySelector('.row .title').focus(), 0")
	p.presses("e")
	p.until("the field", func() bool { return asks[string](p, "document.activeElement.value ?? ''") == "Bread" })
	p.types("Loaf")
	s.does(t, "PATCH", path, map[string]any{"title": "Roll", "priority": "low"})
	p.hears("low")
	p.presses("Enter")
	p.sees("There: “Roll”")
	p.clicks("button", "Take mine")
	p.lists("Loaf")

	// What the page has not heard of yet, the service knows.
	asks[any](p, "window.fetch = (fetch => (url, options) => String(url).includes('/changes') ? new Promise(() => {}) : fetch(url, options))(fetch), 0")
	s.does(t, "PATCH", path, map[string]any{"priority": "high"}) // the last that it hears of
	p.hears("high")
	s.does(t, "PATCH", path, map[string]any{"title": "Bun"})
	asks[any](p, "document.querySelector('.row .title').focus(), 0")
	p.presses("e")
	p.until("the field", func() bool { return asks[string](p, "document.activeElement.value ?? ''") == "Loaf" })
	p.types("Toast")
	p.presses("Enter")
	p.sees("There: “Bun”")
	p.clicks("button", "Leave theirs")
	p.lists("Bun")
}

// hears waits until the list shows the priority of its one task.
func (p *person) hears(priority string) {
	p.Helper()
	p.until("the priority "+priority, func() bool { return p.answers("!!document.querySelector('.row .priority-" + priority + "')") })
}
