package app

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"todo-app/internal/app/function"
	"todo-app/internal/auth"
	"todo-app/internal/httpapi"
	"todo-app/internal/postgres"
	"todo-app/internal/task"
)

// Tokens says which JWTs are taken.
type Tokens struct {
	Secrets  []string // verify HS256
	JWKSURL  string   // of the keys that verify RS256, ES256 and EdDSA
	Issuer   string   // "" for any; without a secret and a JWKSURL its keys are discovered
	Audience string   // "" for any
	Leeway   time.Duration
}

// minSecret is the least length of a secret for HS256, in bytes (RFC 7518,
// section 3.2).
const minSecret = 32

func readTokens(e *function.Env) Tokens {
	return Tokens{
		Secrets:  e.Secrets("TODO_JWT_SECRET"),
		JWKSURL:  function.Parsed(e, "TODO_JWT_JWKS_URL", "", parseSource),
		Issuer:   e.Text("TODO_JWT_ISSUER", ""),
		Audience: e.Text("TODO_JWT_AUDIENCE", ""),
		Leeway:   time.Duration(e.Number("TODO_JWT_LEEWAY", 60, 0, 600)) * time.Second,
	}
}

func parseSource(address string) (string, error) {
	if address == "" {
		return "", nil
	}
	return address, auth.CheckSource(address)
}

// bySecret reports whether tokens are known by secrets alone.
func (t Tokens) bySecret() bool { return len(t.Secrets) > 0 && t.JWKSURL == "" }

// check finds what does not go together.
func (t Tokens) check(e *function.Env, taken bool) {
	given := len(t.Secrets) > 0 || t.JWKSURL != "" || t.Issuer != ""
	switch {
	case !taken && given:
		e.Fault("TODO_AUTH", "does not name jwt, for which TODO_JWT_… are set: set TODO_AUTH=jwt, or leave these out")
	case taken && !given:
		e.Fault("TODO_AUTH", "names jwt: set TODO_JWT_SECRET, TODO_JWT_JWKS_URL or TODO_JWT_ISSUER, by which tokens are known")
	}
	if slices.ContainsFunc(t.Secrets, func(s string) bool { return len(s) < minSecret }) {
		e.Fault("TODO_JWT_SECRET", "must have at least %d bytes, in each line if there are several", minSecret)
	}
	if !taken || t.bySecret() || !given {
		return
	}
	// An issuer signs for others with the same keys: what is for them must
	// not open anything here.
	if t.Issuer == "" {
		e.Fault("TODO_JWT_ISSUER", "is required where public keys verify tokens")
	} else if err := auth.CheckSource(t.Issuer); err != nil && t.JWKSURL == "" {
		e.Fault("TODO_JWT_ISSUER", "%w", err)
	}
	if t.Audience == "" {
		e.Fault("TODO_JWT_AUDIENCE", "is required where public keys verify tokens: an issuer signs for others, too")
	}
}

// identify returns what finds out who requests are from.
func identify(s Settings, store *postgres.Store, log *zap.Logger) func(*http.Request) (task.Caller, error) {
	switch {
	case s.Takes(function.None):
		return auth.None
	case len(s.Auth) == 0:
		return onThisMachine(s)
	}
	var guard auth.Guard
	if s.Takes(function.APIKey) {
		guard.Keys = &auth.Keys{Find: store, Now: time.Now}
	}
	if s.Takes(function.JWT) {
		t := s.Tokens
		guard.Tokens = &auth.Tokens{Secrets: t.Secrets, Issuer: t.Issuer, Audience: t.Audience, Leeway: t.Leeway, Now: time.Now}
		if !t.bySecret() {
			guard.Tokens.KeySet = &auth.KeySet{URL: t.JWKSURL, Issuer: t.Issuer, HTTP: http.DefaultClient, Shelf: store, Now: time.Now, Log: log}
		}
	}
	return func(r *http.Request) (task.Caller, error) {
		caller, err := guard.Identify(r)
		return caller, challenged(err)
	}
}

// onThisMachine serves those on this machine, whoever they are. A page of
// another site that has its own name lead here is not one of them, though the
// browser thinks that it speaks to that site: its name is in the Host.
func onThisMachine(s Settings) func(*http.Request) (task.Caller, error) {
	public, _ := url.Parse(s.PublicURL)
	return func(r *http.Request) (task.Caller, error) {
		name := (&url.URL{Host: r.Host}).Hostname()
		ip := net.ParseIP(name)
		if !strings.EqualFold(name, "localhost") && (ip == nil || !ip.IsLoopback()) && (name == "" || !strings.EqualFold(name, public.Hostname())) {
			return task.Caller{}, &httpapi.Problem{Status: http.StatusMisdirectedRequest,
				Detail: "without sign-in this serves its own machine by its own name only: TODO_PUBLIC_URL allows another, TODO_AUTH=none all"}
		}
		return auth.None(r)
	}
}

// challenged gives a refusal its status and the challenge that goes with it.
func challenged(err error) error {
	var refusal *auth.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	challenge := `Bearer realm="todo-app"`
	if refusal.Code != "" {
		challenge += fmt.Sprintf(`, error=%q, error_description=%q`, refusal.Code, strings.Map(plain, refusal.Detail))
	}
	return &httpapi.Problem{Status: http.StatusUnauthorized, Detail: refusal.Detail, Challenge: challenge}
}

// plain leaves what a quoted error_description may hold (RFC 6750, section 3).
func plain(r rune) rune {
	if r < ' ' || r > '~' || r == '"' || r == '\\' {
		return -1
	}
	return r
}
