package app

import (
	"errors"
	"net/url"

	"todo-app/internal/app/function"
)

// secretURL returns the URL in NAME_URL, completed by the password in
// NAME_PASSWORD where there is one, so that manifests may show the one and
// keep the other secret.
func secretURL(e *function.Env, name string) string {
	address, password := e.Secret(name+"_URL"), e.Secret(name+"_PASSWORD")
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

// bare leaves the URL, which may hold a password, out of an error.
func bare(err error) error {
	var parsing *url.Error
	if errors.As(err, &parsing) {
		return parsing.Err
	}
	return err
}
