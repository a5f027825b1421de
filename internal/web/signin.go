package web

import (
	"encoding/json"
	"net/http"
	"net/url"
)

// SignIn is what the page tells people who have to say who they are.
type SignIn struct {
	APIKeys  bool   // whether a key will do
	Issuer   string // an OpenID provider, as its tokens have it
	ClientID string // of the page there; "": nobody signs in there
	Audience string // of the tokens that are taken
	Scope    string // what is asked for, words with spaces between
}

// origin returns the provider's, "" if there is none: the page speaks to that
// one beside its own.
func (s SignIn) origin() string {
	u, err := url.Parse(s.Issuer)
	if err != nil || s.ClientID == "" || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// provider is the OpenID provider, as the page is told of it.
type provider struct {
	Issuer   string `json:"issuer"`
	ClientID string `json:"client_id"`
	Audience string `json:"audience"`
	Scope    string `json:"scope"`
}

// serve answers with how people sign in. It is public and no secret.
func (s SignIn) serve(w http.ResponseWriter, _ *http.Request) {
	says := struct {
		APIKeys  bool      `json:"api_keys"`
		Provider *provider `json:"provider"`
	}{APIKeys: s.APIKeys}
	if s.ClientID != "" {
		says.Provider = &provider{s.Issuer, s.ClientID, s.Audience, s.Scope}
	}
	document, err := json.Marshal(says)
	if err != nil {
		panic(err) // of strings
	}
	guard(w.Header(), policy)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(document) // who is gone needs no answer
}
