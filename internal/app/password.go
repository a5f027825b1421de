package app

import (
	"crypto/x509"
	"errors"
	"net/url"

	"todo-app/internal/app/function"
)

// secretURL returns the URL in NAME_URL, completed by the password in
// NAME_PASSWORD if that is not "", so that manifests may show the one and keep
// the other secret.
func secretURL(e *function.Env, name, password string) string {
	address := e.Secret(name + "_URL")
	if address == "" || password == "" {
		return address
	}
	u, err := url.Parse(address)
	if err == nil && u.Host == "" {
		err = errors.New("has no host")
	}
	if err != nil {
		e.Fault(name+"_URL", "must be a URL for %s_PASSWORD to complete: %w", name, bare(err))
		return ""
	}
	if _, ok := u.User.Password(); ok {
		e.Fault(name+"_PASSWORD", "and the password in %s_URL are both set: keep one", name)
		return ""
	}
	u.User = url.UserPassword(u.User.Username(), password)
	return u.String()
}

// first returns the secret that is given out; those after it are taken, too,
// while it is being changed.
func first(secrets []string) string {
	if len(secrets) == 0 {
		return ""
	}
	return secrets[0]
}

// RolePasswords are those of the roles the application connects as; "" keeps
// what is set.
type RolePasswords struct{ App, Sweep string }

// ReadRolePasswords reads the passwords that a migration gives the roles.
func ReadRolePasswords() (RolePasswords, error) {
	e := function.SystemEnv()
	p := RolePasswords{App: first(e.Secrets("TODO_APP_PASSWORD")), Sweep: first(e.Secrets("TODO_SWEEP_PASSWORD"))}
	return p, e.Err()
}

// authority returns the certificates in NAME_CA, PEM, by which the server at
// NAME_URL is verified; nil where there are none.
func authority(e *function.Env, name string) *x509.CertPool {
	certificates := e.Secret(name + "_CA")
	if certificates == "" {
		return nil
	}
	ca := x509.NewCertPool()
	if !ca.AppendCertsFromPEM([]byte(certificates)) {
		e.Fault(name+"_CA", "must hold certificates as PEM: -----BEGIN CERTIFICATE----- and so on")
		return nil
	}
	if e.Text(name+"_URL", "") == "" && e.Text(name+"_URL_FILE", "") == "" {
		e.Fault(name+"_CA", "says whom to believe at %s_URL, which is not set", name)
	}
	return ca
}

// bare leaves the URL, which may hold a password, out of an error.
func bare(err error) error {
	var parsing *url.Error
	if errors.As(err, &parsing) {
		return parsing.Err
	}
	return err
}
