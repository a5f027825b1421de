package cache_test

import (
	"context"
	"crypto/x509"
	"errors"
	"testing"

	"todo-app/internal/cache"
	"todo-app/internal/cache/redistest"
	"todo-app/internal/tlstest"
)

func TestRedisOverTLSIsBelievedIfTheAuthorityVouchesForIt(t *testing.T) {
	t.Parallel()
	authority, stranger := tlstest.NewAuthority(t), tlstest.NewAuthority(t)
	certificate, key := authority.Issue(t, "127.0.0.1")
	server := redistest.StartTLS(t, certificate, key)
	elsewhere, key := authority.Issue(t, "cache.example")
	misnamed := redistest.StartTLS(t, elsewhere, key)
	for name, c := range map[string]struct {
		server *redistest.Server
		ca     *x509.CertPool
		as     any // what the refusal is of; nil for none
	}{
		"by the authority that signed":     {server, authority.Pool, nil},
		"by another":                       {server, stranger.Pool, new(x509.UnknownAuthorityError)},
		"by the system, which knows none":  {server, nil, new(x509.UnknownAuthorityError)},
		"with a certificate for elsewhere": {misnamed, authority.Pool, new(x509.HostnameError)},
	} {
		client, err := cache.Open(c.server.URL(), 100, c.ca)
		if err != nil {
			t.Fatal(err)
		}
		// It is given up on fast; what it comes to on a busy machine takes several tries.
		err = errors.New("not tried yet")
		until(t, name, func() bool { return (c.as == nil) == (err == nil) && (err == nil || errors.As(err, c.as)) }, func() {
			err = client.Ping(context.WithoutCancel(t.Context())).Err()
			if err == nil && c.as != nil {
				t.Fatalf("%s: believed", name)
			}
		})
		client.Close()
	}
}

func TestWithoutTLSThereIsNothingToVerify(t *testing.T) {
	t.Parallel()
	if _, err := cache.Open("redis://127.0.0.1", 1, tlstest.NewAuthority(t).Pool); err == nil {
		t.Error("certificates were dropped without a word")
	}
}
