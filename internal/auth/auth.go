// Package auth finds out on whose behalf a request is.
package auth

import (
	"context"
	"net/http"
	"strings"
	"time"

	"todo-app/internal/task"
)

// Local is the owner of every task where nobody signs in.
const Local = "local"

// None is the mode without credentials: every request is the local owner's.
// It is fit for a listener that only this machine reaches, and wherever the
// operator asked for it by name. Where nobody is told from anybody, everybody
// is the operator, too.
func None(*http.Request) (task.Caller, error) {
	return task.Caller{Owner: Local, Actor: Local, Scope: task.ScopeWrite, Operator: true}, nil
}

// Refusal is why a credential is not taken, fit to be told. Code is that of
// RFC 6750, section 3.1; "" where no credential was given at all.
type Refusal struct{ Code, Detail string }

// Error returns the detail.
func (r *Refusal) Error() string { return r.Detail }

// refused returns a Refusal of a credential that was given.
func refused(detail string) error { return &Refusal{"invalid_token", detail} }

var errMissing = &Refusal{"", "this needs a credential: send it as Authorization: Bearer …"}

// Guard identifies requests by their bearer credential (RFC 6750): an API key
// or a token of an issuer, whichever are taken.
type Guard struct {
	Keys   *Keys   // nil: no API keys
	Tokens *Tokens // nil: no tokens
}

// maxCredential bounds a credential, in bytes.
const maxCredential = 8 << 10

// Identify returns who a request is from. The error is a *Refusal, or
// task.ErrUnavailable if it cannot be found out at the moment.
func (g *Guard) Identify(r *http.Request) (task.Caller, error) {
	credential, err := bearer(r.Header.Values("Authorization"))
	if err != nil {
		return task.Caller{}, err
	}
	id, secret, isKey := task.ParseAPIKey(credential)
	switch {
	case isKey && g.Keys != nil:
		return g.Keys.identify(r.Context(), id, secret)
	case !isKey && g.Tokens != nil:
		return g.Tokens.identify(r.Context(), credential)
	case isKey:
		return task.Caller{}, refused("API keys are not taken here")
	}
	return task.Caller{}, refused("this is no API key")
}

// bearer returns the credential in the values of an Authorization header.
func bearer(values []string) (string, error) {
	if len(values) == 0 {
		return "", errMissing
	}
	scheme, credential, _ := strings.Cut(values[0], " ")
	switch credential = strings.TrimLeft(credential, " "); {
	case len(values) > 1:
		return "", &Refusal{"invalid_request", "there is more than one Authorization header"}
	case !strings.EqualFold(scheme, "Bearer") || credential == "":
		return "", &Refusal{"invalid_request", "the Authorization header must be Bearer and a credential"}
	case len(credential) > maxCredential:
		return "", refused("the credential is too long to be one")
	}
	return credential, nil
}

// Finder finds API keys; task.ErrNoAPIKey where there is none.
type Finder interface {
	FindAPIKey(ctx context.Context, id task.ID) (task.APIKey, error)
}

// KeyMemory is for how long a key, once found, is not looked up again: so long
// may one that was revoked still be taken.
const KeyMemory = 10 * time.Second
