package function_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"todo-app/internal/app/function"
)

func TestTheStandardsHeaderCountsBeforeTheOthers(t *testing.T) {
	s := function.Settings{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	for forwarded, want := range map[string]string{
		`host="todo.example:8443";proto=https`:                              "https://todo.example:8443",
		`for=192.0.2.1;host=todo.example;proto=https, for=10.0.0.1;host=in`: "https://todo.example",
		`Proto=HTTPS; Host=todo.example`:                                    "https://todo.example",
		`for="[2001:db8::1]"`:                                               "http://inner.example", // says neither
		`host="evil.example/x";proto=gopher`:                                "http://asked.example",
		`host;proto=;=;;,`:                                                  "http://asked.example",
		``:                                                                  "http://inner.example",
	} {
		r := httptest.NewRequest(http.MethodGet, "http://asked.example/", nil)
		r.RemoteAddr = "127.0.0.1:999"
		r.Header.Set("X-Forwarded-Host", "inner.example")
		r.Header.Set("Forwarded", forwarded)
		if got := s.ClientURL(r); got != want {
			t.Errorf("%q: %s, want %s", forwarded, got, want)
		}
		r.RemoteAddr = "192.0.2.7:999"
		if got := s.ClientURL(r); got != "http://asked.example" {
			t.Errorf("%q from a stranger: %s", forwarded, got)
		}
	}
}
