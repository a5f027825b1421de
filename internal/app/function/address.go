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
	proto, forwarded := forwardedBy(r.Header)
	if (proto != "" || forwarded != "") && s.Trusts(r) {
		if proto == "http" || proto == "https" {
			scheme = proto
		}
		if plainHost(forwarded) {
			host = forwarded
		}
	}
	return scheme + "://" + host
}

// forwardedBy returns the scheme and host that the client used, as proxies on
// the way say: in Forwarded (RFC 7239), else in the X-Forwarded headers, which
// a cluster's inner ingress may have overwritten with what it saw itself.
func forwardedBy(h http.Header) (proto, host string) {
	proto, host = first(h.Get("X-Forwarded-Proto")), first(h.Get("X-Forwarded-Host"))
	for pair := range strings.SplitSeq(first(h.Get("Forwarded")), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		value = strings.Trim(value, `"`)
		switch strings.ToLower(name) {
		case "proto":
			proto = strings.ToLower(value)
		case "host":
			host = value
		}
	}
	return proto, host
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
