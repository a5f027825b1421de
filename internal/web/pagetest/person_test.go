package pagetest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"go.uber.org/zap"

	"todo-app/internal/app"
	"todo-app/internal/app/chat"
	"todo-app/internal/app/frontdoor"
	"todo-app/internal/app/function"
	"todo-app/internal/postgres"
	"todo-app/internal/postgres/postgrestest"
)

// patience is how long a person waits for what must come.
const patience = 30 * time.Second

// service is everything in one process, as `todo serve` has it.
type service struct {
	url, key string
	database postgrestest.Database
	away     atomic.Bool                   // whether it cannot be reached
	asleep   atomic.Pointer[chan struct{}] // closed when the functions wake; nil: they are awake
}

func serve(t *testing.T, auth ...function.Auth) *service {
	t.Helper()
	return serveAs(t, func(s *app.Settings) {
		if s.Auth = auth; auth == nil {
			s.Auth = []function.Auth{function.None}
		}
		s.SignIn.APIKeys = s.Takes(function.APIKey)
	})
}

// serveAs serves with settings that are adjusted: the functions named, or all.
func serveAs(t *testing.T, adjust func(*app.Settings), functions ...app.Function) *service {
	t.Helper()
	return serveWithout(t, nil, adjust, functions...)
}

// serveWithout is serveAs with a page that is told which functions are off.
func serveWithout(t *testing.T, off []function.Name, adjust func(*app.Settings), functions ...app.Function) *service {
	t.Helper()
	db := server.New(t)
	s := app.Settings{DatabaseURL: db.URL(postgres.AppRole), DatabaseConns: 6, Zone: time.UTC, Source: "/test", ImportMax: 1 << 20}
	adjust(&s)
	a, err := app.New(t.Context(), s, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	if err := chat.Attach(a, zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	a.Mount(frontdoor.Pages(s.SignIn, off...)...)
	made := &service{database: db}
	if len(functions) == 0 {
		functions = []app.Function{app.Create, app.List, app.Watch, app.Update, app.Delete, app.Health, app.Chat}
	}
	all := a.Handler(functions...)
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if made.away.Load() {
			panic(http.ErrAbortHandler) // nobody answers
		}
		if asleep := made.asleep.Load(); asleep != nil && strings.HasPrefix(r.URL.Path, "/api/") {
			select {
			case <-*asleep:
			case <-r.Context().Done():
			}
		}
		all.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		h.CloseClientConnections()
		h.Close()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		a.Close(ctx)
	})
	made.url = h.URL
	return made
}

// does asks the service as a program would, and returns what it answers.
func (s *service) does(t *testing.T, method, path string, body any) map[string]any {
	t.Helper()
	var got map[string]any
	_ = json.Unmarshal(s.answer(t, method, path, body), &got) // a 204 has none
	return got
}

// tasks returns those that a list has.
func (s *service) tasks(t *testing.T, query string) (got []map[string]any) {
	t.Helper()
	if err := json.Unmarshal(s.answer(t, "GET", "/api/v1/tasks"+query, nil), &got); err != nil {
		t.Fatal(err)
	}
	return got
}

func (s *service) answer(t *testing.T, method, path string, body any) []byte {
	t.Helper()
	var content []byte
	if body != nil {
		var err error
		if content, err = json.Marshal(body); err != nil {
			t.Fatal(err)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if s.key != "" {
		r.Header.Set("Authorization", "Bearer "+s.key)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 300 {
		t.Fatalf("%s %s: %d %s %v", method, path, answer.StatusCode, text, err)
	}
	return text
}

// person is somebody before a browser of their own.
type person struct {
	*testing.T
	ctx   context.Context
	scope string // a selector: where in the page things are looked for

	mu     sync.Mutex
	faults []string // what the browser complains about
}

// visit opens the page. Whatever the browser complains about fails the test.
func visit(t *testing.T, url string) *person {
	t.Helper()
	p := &person{T: t}
	ctx, leave := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext())
	t.Cleanup(leave)
	ctx, stop := context.WithTimeout(ctx, 4*patience)
	t.Cleanup(stop)
	p.ctx = ctx
	p.do(chromedp.EmulateViewport(1280, 800))
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			p.photograph("failed-" + strings.ReplaceAll(t.Name(), "/", "-"))
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, fault := range p.faults {
			t.Error("the browser says:", fault)
		}
	})
	if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	p.do(chromedp.Navigate(url))
	return p
}

// hear notes complaints. That an answer was a refusal is none.
func (p *person) hear(event any) {
	var fault string
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		fault = e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			fault += " " + e.ExceptionDetails.Exception.Description
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" {
			fault = fmt.Sprint(e.Type)
			for _, arg := range e.Args {
				fault += " " + string(arg.Value) + arg.Description
			}
		}
	case *log.EventEntryAdded:
		if e.Entry.Source != "network" && e.Entry.Level != "verbose" && e.Entry.Level != "info" {
			fault = fmt.Sprint(e.Entry.Source, ": ", e.Entry.Text)
		}
	}
	if fault != "" {
		p.mu.Lock()
		p.faults = append(p.faults, fault)
		p.mu.Unlock()
	}
}

func (p *person) do(steps ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.Fatal(err)
	}
}

// until waits for a condition.
func (p *person) until(what string, holds func() bool) {
	p.Helper()
	deadline := time.After(patience)
	for again := time.NewTicker(30 * time.Millisecond); !holds(); {
		select {
		case <-again.C:
		case <-deadline:
			text, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string]("document.body.innerText"))
			p.Fatalf("%s: never; the page shows\n%s", what, text)
		}
	}
}

// asks evaluates an expression in the page.
func asks[T any](p *person, expression string) T {
	p.Helper()
	got, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.Fatal(expression, ": ", err)
	}
	return got
}

func quoted(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}

// sees waits until a text is there to be read.
func (p *person) sees(text string) {
	p.Helper()
	p.until("seeing "+text, func() bool { return p.reads(text) })
}

func (p *person) seesNo(text string) {
	p.Helper()
	p.until("no longer seeing "+text, func() bool { return !p.reads(text) })
}

func (p *person) reads(text string) bool {
	p.Helper()
	read, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool]("document.body?.innerText.includes("+quoted(text)+") ?? false"))
	return read && err == nil // while the page is loaded anew it cannot be asked
}

// find waits for what has a role and an accessible name, and returns where its
// middle is once it stays there: nobody aims at what still moves.
func (p *person) find(role, name string) (x, y float64) {
	p.Helper()
	p.until(fmt.Sprintf("finding the %s %q", role, name), func() bool {
		beforeX, beforeY := x, y
		var found bool
		x, y, found = p.look(role, name)
		return found && x == beforeX && y == beforeY
	})
	return x, y
}

func (p *person) look(role, name string) (x, y float64, found bool) {
	document, err := chromedp.Call(p.ctx, dom.GetDocument, dom.GetDocumentParams{})
	if err != nil {
		return 0, 0, false
	}
	root, err := chromedp.Call(p.ctx, dom.QuerySelector, dom.QuerySelectorParams{NodeID: document.Root.NodeID, Selector: cmp.Or(p.scope, "body")})
	if err != nil || root.NodeID == 0 {
		return 0, 0, false
	}
	got, err := chromedp.Call(p.ctx, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{NodeID: root.NodeID, AccessibleName: name, Role: role})
	if err != nil {
		return 0, 0, false
	}
	for _, node := range got.Nodes {
		if node.Ignored {
			continue
		}
		if _, err := chromedp.Call(p.ctx, dom.ScrollIntoViewIfNeeded, dom.ScrollIntoViewIfNeededParams{BackendNodeID: node.BackendDOMNodeID}); err != nil {
			continue
		}
		quads, err := chromedp.Call(p.ctx, dom.GetContentQuads, dom.GetContentQuadsParams{BackendNodeID: node.BackendDOMNodeID})
		if err == nil && len(quads.Quads) > 0 {
			q := quads.Quads[0]
			return (q[0] + q[4]) / 2, (q[1] + q[5]) / 2, true
		}
	}
	return 0, 0, false
}

// within does something in a part of the page.
func (p *person) within(selector string, does func()) {
	p.Helper()
	p.scope = selector
	defer func() { p.scope = "" }()
	does()
}

// clicks what has a role and an accessible name.
func (p *person) clicks(role, name string) {
	p.Helper()
	x, y := p.find(role, name)
	p.do(chromedp.MouseClickXY(x, y))
}

// types keys, one by one, wherever the focus is.
func (p *person) types(keys string, options ...chromedp.KeyOption) {
	p.Helper()
	p.do(chromedp.KeyEvent(keys, options...))
}

// presses a key as a keyboard does: what the page takes for a command types nothing.
func (p *person) presses(key string, modifiers ...chromedp.Modifier) {
	p.Helper()
	down := input.DispatchKeyEventParams{Type: "keyDown", Key: key}
	for _, modifier := range modifiers {
		down.Modifiers |= int64(modifier)
	}
	switch {
	case len(key) == 1:
		down.Text = key
	case key == "Enter":
		down.Text = "\r"
	}
	up := down
	up.Type, up.Text = "keyUp", ""
	for _, params := range []input.DispatchKeyEventParams{down, up} {
		if _, err := chromedp.Call(p.ctx, input.DispatchKeyEvent, params); err != nil {
			p.Fatal(err)
		}
	}
}

// picks a choice in the select of a name.
func (p *person) picks(name, value string) {
	p.Helper()
	p.find("combobox", name)
	if !asks[bool](p, fmt.Sprintf(`(s => (s.value = %s, s.dispatchEvent(new Event("change", {bubbles: true})), s.value === %[1]s))(document.querySelector(%s))`,
		quoted(value), quoted("select[aria-label="+quoted(name)+"]"))) {
		p.Fatalf("%s has no %s", name, value)
	}
}

// writes into the field of a name, in place of what it has.
func (p *person) writes(field, text string) {
	p.Helper()
	p.clicks("textbox", field)
	asks[any](p, "document.activeElement.select?.(), 0")
	p.types(text)
}

// titles returns those of the tasks in the list, in order.
func (p *person) titles() []string {
	p.Helper()
	got, _ := chromedp.Run(p.ctx, chromedp.Evaluate[[]string]("[...document.querySelectorAll('.row')].map(row => (row.querySelector('.title').value || row.querySelector('.title').textContent))"))
	return got // while the page is loaded anew there are none
}

// lists waits until the list is these tasks.
func (p *person) lists(titles ...string) {
	p.Helper()
	want := strings.Join(titles, " | ")
	p.until("listing "+cmp.Or(want, "nothing"), func() bool { return strings.Join(p.titles(), " | ") == want })
}

// photograph keeps what the page looks like.
func (p *person) photograph(name string) {
	p.Helper()
	picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(artefact, name+".png"), picture, 0o644)
	}
	if err != nil {
		p.Error("photographing:", err)
	}
}
