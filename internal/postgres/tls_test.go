package postgres_test

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"testing"

	"todo-app/internal/pgserver"
	"todo-app/internal/postgres"
	"todo-app/internal/postgres/postgrestest"
	"todo-app/internal/tlstest"
)

// overTLS runs a PostgreSQL at a port of this machine that has a certificate
// for 127.0.0.1, and returns its address.
func overTLS(t *testing.T, authority *tlstest.Authority) string {
	t.Helper()
	port := freePort(t)
	_, conn := postgrestest.Own(t, map[string]string{"listen_addresses": "127.0.0.1", "port": port})
	certificate, key := authority.Issue(t, "127.0.0.1")
	for name, content := range map[string][]byte{"crt": certificate, "key": key} {
		put := fmt.Sprintf("copy (select '%s') to program 'umask 077 && base64 -d >server.%s'", base64.StdEncoding.EncodeToString(content), name)
		if _, err := conn.Exec(t.Context(), put); err != nil {
			t.Fatal(err)
		}
	}
	for _, statement := range []string{"alter system set ssl = on", "select pg_reload_conf()"} {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return net.JoinHostPort("127.0.0.1", port)
}

// freePort returns one that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

func TestPostgreSQLOverTLSIsBelievedIfTheAuthorityVouchesForIt(t *testing.T) {
	t.Parallel()
	authority, stranger := tlstest.NewAuthority(t), tlstest.NewAuthority(t)
	address := overTLS(t, authority)
	open := func(host, mode string, ca *x509.CertPool) error {
		u := url.URL{Scheme: "postgres", User: url.User(pgserver.Superuser), Host: host, Path: "/postgres", RawQuery: "sslmode=" + mode}
		pool, err := postgres.Open(t.Context(), postgres.Options{URL: u.String(), MaxConns: 1, CA: ca})
		if err != nil {
			return err
		}
		defer pool.Close()
		var secure bool
		err = pool.QueryRow(t.Context(), "select ssl from pg_stat_ssl where pid = pg_backend_pid()").Scan(&secure)
		if err == nil && !secure {
			err = errors.New("connected without TLS")
		}
		return err
	}
	eventually(t, "the server has its certificate", func() bool { return open(address, "verify-full", authority.Pool) == nil })
	if err := open(address, "verify-ca", authority.Pool); err != nil {
		t.Errorf("verify-ca: %v", err)
	}
	_, port, _ := net.SplitHostPort(address)
	for name, c := range map[string]struct {
		host, mode string
		ca         *x509.CertPool
		as         any
	}{
		"another authority":                 {address, "verify-full", stranger.Pool, new(x509.UnknownAuthorityError)},
		"another authority, any name":       {address, "verify-ca", stranger.Pool, new(x509.UnknownAuthorityError)},
		"the system, which knows none":      {address, "verify-full", nil, new(x509.UnknownAuthorityError)},
		"a name the certificate is not for": {"localhost:" + port, "verify-full", authority.Pool, new(x509.HostnameError)},
	} {
		eventually(t, name+" is refused", func() bool {
			err := open(c.host, c.mode, c.ca)
			if err == nil {
				t.Fatalf("%s: believed", name)
			}
			return errors.As(err, c.as)
		})
	}
}

func TestCertificatesForAURLThatVerifiesNothingAreRefused(t *testing.T) {
	t.Parallel()
	ca := tlstest.NewAuthority(t).Pool
	for _, mode := range []string{"disable", "allow", "prefer", "require"} {
		_, err := postgres.Open(t.Context(), postgres.Options{URL: "postgres://db/todo?sslmode=" + mode, MaxConns: 1, CA: ca})
		if err == nil {
			t.Errorf("%s: certificates were dropped without a word", mode)
		}
	}
}
