package pagetest

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"todo-app/internal/app"
	"todo-app/internal/app/function"
)

// provider is an OpenID provider at which a person signs in, with a page at
// an address that is known once that has one.
type provider struct{ *httptest.Server }

func openIDProvider(t *testing.T) *provider {
	t.Helper()
	var handler http.Handler
	p := &provider{httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))}
	t.Cleanup(p.Close)
	handler = exampleop.SetupServer(p.URL, storage.NewStorage(storage.NewUserStore(p.URL)), slog.New(slog.DiscardHandler), false)
	return p
}

// signedInAt serves those who sign in at the provider.
func signedInAt(t *testing.T, p *provider) *service {
	t.Helper()
	client := strings.ReplaceAll(t.Name(), "/", "-")
	s := serveAs(t, func(s *app.Settings) {
		s.Auth = []function.Auth{function.JWT}
		s.Tokens = app.Tokens{Issuer: p.URL, Audience: client}
		s.SignIn = function.SignIn{Issuer: p.URL, ClientID: client, Audience: client, Scope: "openid offline_access"}
	})
	storage.RegisterClients(storage.NativeClient(client, s.url+"/"))
	return s
}

// signsIn goes to the provider and comes back.
func (p *person) signsIn(at *provider) {
	p.Helper()
	p.clicks("button", "Sign in at "+strings.TrimPrefix(at.URL, "http://"))
	p.givesPassword()
}

// givesPassword does what the provider asks for.
func (p *person) givesPassword() {
	p.Helper()
	p.until("the provider asks", func() bool { return p.answers("!!document.querySelector('#username')") })
	asks[any](p, "document.querySelector('#username').focus(), 0")
	p.types("test-user@" + asks[string](p, "location.hostname"))
	asks[any](p, "document.querySelector('#password').focus(), 0")
	p.types("verysecure" + kb.Enter)
}

// answers reports whether an expression is true in the page, if there is one.
func (p *person) answers(expression string) bool {
	yes, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](expression))
	return yes && err == nil
}

func TestAPersonSignsInAtAnOpenIDProvider(t *testing.T) {
	at := openIDProvider(t)
	s := signedInAt(t, at)
	p := visit(t, s.url+"/#all")
	p.find("button", "Sign in at "+strings.TrimPrefix(at.URL, "http://"))
	p.photograph("signin-provider")
	p.isAccessible("signing in")
	p.signsIn(at)
	p.sees("Nothing here yet")
	if address := asks[string](p, "location.href"); address != s.url+"/#all" {
		t.Error("the address is", address)
	}
	if kept := asks[int](p, "localStorage.length"); kept != 0 {
		t.Error("something outlives the tab")
	}
	p.writes("New task", "mine"+kb.Enter)
	p.lists("mine")
	p.do(chromedp.Reload())
	p.lists("mine")
	// A token that is no longer taken is renewed, and nobody notices.
	asks[any](p, "sessionStorage.setItem('key', sessionStorage.getItem('key').replace(/.....$/, 'wrong')), 0")
	p.do(chromedp.Reload())
	p.lists("mine")
	// Without what renews it, the person signs in anew, and is the same.
	asks[any](p, "sessionStorage.setItem('key', 'wrong'), sessionStorage.removeItem('signed-in'), 0")
	p.do(chromedp.Reload())
	p.signsIn(at)
	p.lists("mine")
	p.clicks("link", "Settings")
	p.clicks("button", "Sign out")
	p.until("gone from here", func() bool {
		return p.answers("location.origin !== " + quoted(s.url) + " || !!document.querySelector('.signin')")
	})
	p.do(chromedp.Navigate(s.url + "/#all"))
	p.find("button", "Sign in at "+strings.TrimPrefix(at.URL, "http://"))
	if kept := asks[int](p, "sessionStorage.length"); kept != 0 {
		t.Error("something is left of who was signed in")
	}
}

func TestASignInThatNobodyAskedForIsNotTaken(t *testing.T) {
	at := openIDProvider(t)
	s := signedInAt(t, at)
	p := visit(t, s.url+"/?code=stolen&state=guessed#all")
	p.find("button", "Sign in at "+strings.TrimPrefix(at.URL, "http://"))
	if address := asks[string](p, "location.href"); strings.Contains(address, "code") {
		t.Error("the code is still to be read in", address)
	}
	for _, member := range []string{"state", "nonce", "verifier"} {
		p.clicks("button", "Sign in at "+strings.TrimPrefix(at.URL, "http://"))
		p.until("the provider asks", func() bool { return p.answers("!!document.querySelector('#username')") })
		form := asks[string](p, "location.href")
		p.do(chromedp.Navigate(s.url + "/docs"))
		asks[any](p, "(f => (f."+member+" = 'of-somebody-elses-flow-which-is-long-enough', sessionStorage.setItem('signing-in', JSON.stringify(f))))(JSON.parse(sessionStorage.getItem('signing-in'))), 0")
		p.do(chromedp.Navigate(form))
		p.givesPassword()
		p.until("a refusal of another "+member, func() bool { return p.answers("!!document.querySelector('.signin [role=alert]')") })
		if asks[bool](p, "!!sessionStorage.getItem('key')") {
			t.Error("signed in with another", member)
		}
	}
}
