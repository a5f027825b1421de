package function

import (
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"
)

// SignIn is what the task page tells people who have to say who they are. With
// a ClientID they can sign in at the issuer.
type SignIn struct {
	APIKeys  bool   // whether a key will do
	Issuer   string // an OpenID provider, as its tokens have it
	ClientID string // of the page there; "": nobody signs in there
	Audience string // of the tokens that are taken
	Scope    string // what is asked for, words with spaces between
}

// ReadSignIn reads the settings of signing in, for who serves the page.
func ReadSignIn(e *Env, s Settings) SignIn {
	in := SignIn{
		APIKeys:  s.Takes(APIKey),
		ClientID: e.Text("TODO_OIDC_CLIENT_ID", ""),
		Scope:    e.Text("TODO_OIDC_SCOPE", "openid"),
	}
	if in.ClientID == "" {
		return in
	}
	in.Issuer = Parsed(e, "TODO_JWT_ISSUER", "", parseProvider)
	in.Audience = e.Text("TODO_JWT_AUDIENCE", in.ClientID)
	if !s.Takes(JWT) {
		e.Fault("TODO_AUTH", "does not name jwt: people who sign in, for which TODO_OIDC_CLIENT_ID is set, bring tokens")
	}
	if !slices.Contains(strings.Fields(in.Scope), "openid") {
		e.Fault("TODO_OIDC_SCOPE", "must have the word openid, not %q", in.Scope)
	}
	return in
}

// parseProvider reads where people sign in. What a browser is given on its
// way there decides who they are: only this machine goes without TLS.
func parseProvider(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(u.Host, ";,' ") {
		return "", errors.New("must be the https address of an OpenID provider: TODO_OIDC_CLIENT_ID says that people sign in there")
	}
	ip := net.ParseIP(u.Hostname())
	if u.Scheme != "https" && (u.Scheme != "http" || u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())) {
		return "", errors.New("must be https: people sign in there, and over http anyone on the way could do so in their place")
	}
	return s, nil
}
