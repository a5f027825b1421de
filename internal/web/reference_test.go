package web_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"todo-app/internal/web"
)

// pages serves the pages alone.
func pages(t *testing.T, signIn ...web.SignIn) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(mux(web.Pages(append(signIn, web.SignIn{})[0], "1.2.3")))
	t.Cleanup(s.Close)
	return s
}

// offering serves the pages where functions are off.
func offering(off ...string) http.Handler { return mux(web.Pages(web.SignIn{}, "1.2.3", off...)) }

func mux(pages []web.Page) http.Handler {
	mux := http.NewServeMux()
	for _, p := range pages {
		mux.Handle("GET "+p.Path, p.Handler)
	}
	return mux
}

// look asks for a page as it is, with headers as in "If-None-Match: *".
func look(t *testing.T, url string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "identity")
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

func TestTheReferenceNeedsNothingFromElsewhereAndRunsNothingInline(t *testing.T) {
	s := pages(t)
	_, page := look(t, s.URL+"/docs")
	links := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(links) < 4 {
		t.Fatal(page)
	}
	for _, link := range links {
		if link[1] == "data:," || link[1] == "/openapi.yaml" {
			continue
		}
		r, _ := look(t, s.URL+link[1])
		policy := r.Header.Get("Content-Security-Policy")
		if r.StatusCode != http.StatusOK || !strings.HasPrefix(link[1], "/docs/") || !strings.HasPrefix(policy, "default-src 'none'; script-src 'self';") ||
			strings.Contains(policy, "unsafe") || r.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", link[1], r.StatusCode, r.Header)
		}
	}
	if regexp.MustCompile(`<script[^>]*>[^<]|style=|<style| on[a-z]+=`).MatchString(page) {
		t.Error("the page runs something inline:", page)
	}
}

func TestAPageIsKeptUntilItChanges(t *testing.T) {
	s := pages(t)
	tags := map[string]bool{}
	for _, coding := range []string{"identity", "gzip"} {
		first, body := look(t, s.URL+"/docs/redoc.js", "Accept-Encoding: "+coding)
		tag := first.Header.Get("ETag")
		if tag == "" || tags[tag] || body == "" || first.Header.Get("Cache-Control") != "no-cache" || first.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %v", coding, first.Header)
		}
		tags[tag] = true
		if again, _ := look(t, s.URL+"/docs/redoc.js", "Accept-Encoding: "+coding, "If-None-Match: "+tag); again.StatusCode != http.StatusNotModified {
			t.Errorf("%s: asked again it answers %d", coding, again.StatusCode)
		}
	}
}

func TestTheBundleIsCompressedForThoseWhoTakeIt(t *testing.T) {
	s := pages(t)
	_, plain := look(t, s.URL+"/docs/redoc.js")
	for accepts, compressed := range map[string]bool{
		"gzip": true, "br, gzip;q=0.5": true, "GZIP": true, "gzip;q=1.0": true, "": false, "br": false, "gzip;q=0": false, "gzip; q=0.000": false, "identity": false,
	} {
		r, body := look(t, s.URL+"/docs/redoc.js", "Accept-Encoding: "+accepts)
		if (r.Header.Get("Content-Encoding") == "gzip") != compressed {
			t.Errorf("%q gets %q", accepts, r.Header.Get("Content-Encoding"))
		}
		if compressed {
			unzipped, err := gzip.NewReader(strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(unzipped)
			if err != nil || len(body) > len(text)/3 {
				t.Errorf("%q: %d bytes, %v", accepts, len(body), err)
			}
			body = string(text)
		}
		if body != plain {
			t.Errorf("%q: another bundle", accepts)
		}
	}
}
