package function

import (
	"net/http"
	"net/netip"
	"strings"
)

// ClientURL returns the scheme and host under which a client sees the
// service: what the operator says, else what a trusted proxy forwards, else
// what the request itself has.
func (s Settings) ClientURL(r *http.Request) string {
	if s.PublicURL != "" {
		return s.PublicURL
	}
	scheme, host := "http", r.Host
	if r.TLS != nil {
		scheme = "https"
	}
	forwardedProto, forwardedHost := r.Header.Get("X-Forwarded-Proto"), r.Header.Get("X-Forwarded-Host")
	if (forwardedProto != "" || forwardedHost != "") && s.Trusts(r) {
		if proto := first(forwardedProto); proto == "http" || proto == "https" {
			scheme = proto
		}
		if forwarded := first(forwardedHost); plainHost(forwarded) {
			host = forwarded
		}
	}
	return scheme + "://" + host
}

// first returns the first of a list: the one nearest to the client.
func first(list string) string {
	one, _, _ := strings.Cut(list, ",")
	return strings.TrimSpace(one)
}

// plainHost reports whether a forwarded host is one, and no more.
func plainHost(s string) bool {
	if s == "" || len(s) > 255 {
		return false
	}
	for _, c := range []byte(s) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(".-:[]_", c) >= 0) {
			return false
		}
	}
	return true
}

// Trusts reports whether what a request says of its way here is believed.
func (s Settings) Trusts(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	for _, p := range s.TrustedProxies {
		if p.Contains(peer.Addr().Unmap()) {
			return true
		}
	}
	return false
}
