package auth

import (
	"errors"
	"net"
	"net/url"
	"strings"
)

// CheckSource refuses an address that keys must not come from: who can change
// them on their way can be anybody. Plain HTTP is for this machine and inside
// a cluster.
func CheckSource(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("must be an https address")
	}
	if u.Scheme == "http" && !inside(u.Hostname()) {
		return errors.New("must be https: over http anyone on the way could put keys of their own in")
	}
	return nil
}

// inside reports whether a host is this machine or of the cluster.
func inside(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback() ||
		strings.HasSuffix(host, ".svc") || strings.HasSuffix(host, ".svc.cluster.local")
}
