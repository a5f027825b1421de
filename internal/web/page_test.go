package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"todo-app/internal/web"
)

// firstView is the most that a browser has to fetch, compressed, before the
// page shows the first list.
const firstView = 100_000

var links = regexp.MustCompile(`(?:src|href)="([^"]*)"`)

func TestTheFirstViewOfThePageIsSmallAndNeedsNothingFromElsewhere(t *testing.T) {
	s := pages(t)
	r, index := look(t, s.URL+"/")
	if r.StatusCode != http.StatusOK || r.Header.Get("Cache-Control") != "no-cache" {
		t.Fatal(r.StatusCode, r.Header)
	}
	size := len(index)
	fetched := map[string]bool{}
	for _, link := range links.FindAllStringSubmatch(index, -1) {
		if fetched[link[1]] || link[1] == "/docs" {
			continue
		}
		fetched[link[1]] = true
		r, body := look(t, s.URL+link[1], "Accept-Encoding: gzip")
		if r.StatusCode != http.StatusOK || r.Header.Get("Content-Encoding") != "gzip" || r.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("%s: %d %v", link[1], r.StatusCode, r.Header)
		}
		size += len(body)
	}
	t.Logf("%d files, %d bytes", len(fetched), size)
	if size > firstView || len(fetched) < 15 {
		t.Errorf("%d bytes in %d files", size, len(fetched))
	}
	if regexp.MustCompile(`<script[^>]*>[^<]|style=|<style| on[a-z]+=|"http`).MatchString(index) {
		t.Error("the page runs something inline, or from elsewhere:", index)
	}
}

func TestThePageMayRunItsOwnScriptsAlone(t *testing.T) {
	s := pages(t)
	_, index := look(t, s.URL+"/")
	for _, path := range []string{"/", links.FindStringSubmatch(index)[1]} {
		r, _ := look(t, s.URL+path)
		policy := r.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';") || strings.Contains(policy, "unsafe") ||
			!strings.Contains(policy, "require-trusted-types-for 'script'") || r.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, r.Header)
		}
	}
}

func TestFilesOfAnotherBuildAreNotTakenForThisOnes(t *testing.T) {
	s := pages(t)
	_, index := look(t, s.URL+"/")
	path := links.FindStringSubmatch(index)[1]
	digest := strings.Split(path, "/")[2]
	for _, other := range []string{strings.Replace(path, digest, "0123456789abcdef", 1), "/assets/" + digest + "/nothing.js", "/assets/" + digest + "/index.html"} {
		if r, _ := look(t, s.URL+other); r.StatusCode != http.StatusNotFound || r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v", other, r.StatusCode, r.Header)
		}
	}
}

func TestThePageSpeaksToWherePeopleSignInAndNowhereElse(t *testing.T) {
	for signIn, want := range map[web.SignIn][2]string{
		{APIKeys: true}: {"connect-src 'self';", `{"api_keys":true,"provider":null}`},
		{Issuer: "https://issuer.example:8443/realm", ClientID: "page", Audience: "todo", Scope: "openid"}: {"connect-src 'self' https://issuer.example:8443;",
			`{"api_keys":false,"provider":{"issuer":"https://issuer.example:8443/realm","client_id":"page","audience":"todo","scope":"openid"}}`},
	} {
		s := pages(t, signIn)
		r, _ := look(t, s.URL+"/")
		if policy := r.Header.Get("Content-Security-Policy"); !strings.Contains(policy, want[0]) {
			t.Error(policy)
		}
		r, says := look(t, s.URL+"/signin")
		if says != want[1] || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("Cache-Control") != "no-store" {
			t.Error(says, r.Header)
		}
	}
}

func TestThePageIsAnotherWhereAFunctionIsNotDeployed(t *testing.T) {
	all, without := pages(t), httptest.NewServer(offering("chat"))
	defer without.Close()
	r, page := look(t, all.URL+"/")
	if !strings.Contains(page, `<meta name="off" content="">`) {
		t.Error(page)
	}
	if r, page := look(t, without.URL+"/", "If-None-Match: "+r.Header.Get("ETag")); r.StatusCode != http.StatusOK || !strings.Contains(page, `<meta name="off" content="chat">`) {
		t.Error(r.Status, page)
	}
	_, worker := look(t, all.URL+"/worker.js")
	if _, other := look(t, without.URL+"/worker.js"); other == worker {
		t.Error("the page that is kept stays as it was")
	}
}

func TestThePageIsAnotherWhereTheServiceIs(t *testing.T) {
	served := pages(t)
	other := httptest.NewServer(mux(web.Pages(web.SignIn{}, `1.2.4-"<dirty>`)))
	defer other.Close()
	r, page := look(t, served.URL+"/")
	if !strings.Contains(page, `<meta name="version" content="1.2.3">`) {
		t.Error(page)
	}
	if r, page := look(t, other.URL+"/", "If-None-Match: "+r.Header.Get("ETag")); r.StatusCode != http.StatusOK || !strings.Contains(page, `content="1.2.4-&#34;&lt;dirty&gt;">`) {
		t.Error(r.Status, page)
	}
	_, worker := look(t, served.URL+"/worker.js")
	if _, another := look(t, other.URL+"/worker.js"); another == worker {
		t.Error("the page that is kept says the version that was")
	}
}

func TestTheWorkerIsAnotherWhereverThePageIs(t *testing.T) {
	at := pages(t, web.SignIn{})
	r, worker := look(t, at.URL+"/worker.js")
	if r.Header.Get("Cache-Control") != "no-cache" || r.Header.Get("Content-Security-Policy") != "default-src 'none'; connect-src 'self'" || strings.Contains(worker, "{version}") {
		t.Error(r.Header)
	}
	kept := regexp.MustCompile(`"(/assets/[^"]+)"`).FindAllStringSubmatch(worker, -1)
	for _, file := range kept {
		if r, _ := look(t, at.URL+file[1]); r.StatusCode != http.StatusOK {
			t.Error(file[1], r.Status)
		}
	}
	_, index := look(t, at.URL+"/")
	for _, link := range links.FindAllStringSubmatch(index, -1) {
		if strings.HasPrefix(link[1], "/assets/") && !strings.Contains(worker, `"`+link[1]+`"`) {
			t.Error("without the network there is no", link[1])
		}
	}
	if _, other := look(t, pages(t, web.SignIn{Issuer: "https://issuer.example", ClientID: "page"}).URL+"/worker.js"); other == worker {
		t.Error("a page of another policy is not fetched")
	}
}
