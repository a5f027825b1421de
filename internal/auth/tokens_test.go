package auth_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"todo-app/internal/auth"
	"todo-app/internal/task"
)

var secret = []byte("a secret of thirty-two bytes, or more")

// signed returns a token of claims, signed by a key.
func signed(t *testing.T, algorithm jose.SignatureAlgorithm, id string, key any, claims any) string {
	t.Helper()
	options := (&jose.SignerOptions{}).WithType("JWT")
	if id != "" {
		options = options.WithHeader("kid", id)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, options)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// good returns claims that hold at noon, changed as change says.
func good(change func(c *jwt.Claims)) jwt.Claims {
	c := jwt.Claims{Issuer: "https://issuer.example", Subject: "alice", Audience: jwt.Audience{"todo", "other"},
		Expiry: jwt.NewNumericDate(noon.Add(time.Hour)), IssuedAt: jwt.NewNumericDate(noon), NotBefore: jwt.NewNumericDate(noon)}
	if change != nil {
		change(&c)
	}
	return c
}

func bySecret(c *clock) *auth.Guard {
	return &auth.Guard{Tokens: &auth.Tokens{Secrets: []string{string(secret)}, Issuer: "https://issuer.example", Audience: "todo", Leeway: time.Minute, Now: c.now}}
}

func TestTheSubjectOfATokenIsTheOwner(t *testing.T) {
	t.Parallel()
	caller, err := bySecret(&clock{}).Identify(with(t, "Bearer "+signed(t, jose.HS256, "", secret, good(nil))))
	if diff := cmp.Diff(task.Caller{Owner: "alice", Actor: "alice", Scope: task.ScopeWrite}, caller); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestTwoSecretsAreTakenWhileOneIsChanged(t *testing.T) {
	t.Parallel()
	next := []byte("the secret that is to take its place")
	guard := bySecret(&clock{})
	guard.Tokens.Secrets = append(guard.Tokens.Secrets, string(next))
	for key, want := range map[string]bool{string(secret): true, string(next): true, "a secret that nobody here has told": false} {
		caller, err := guard.Identify(with(t, "Bearer "+signed(t, jose.HS256, "", []byte(key), good(nil))))
		if (err == nil) != want || (caller.Owner == "alice") != want {
			t.Errorf("signed by %q: %+v, %v", key, caller, err)
		}
	}
}

func TestAScopeThatSaysSoMakesAnOperator(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		scope any
		want  bool
	}{
		{"ops", true}, {"openid ops profile", true}, {"openid", false}, {"", false}, {"opsx", false}, {"todo:ops", false}, {"OPS", false},
		{[]string{"ops"}, false}, {7, false}, {nil, false}, {map[string]bool{"ops": true}, false},
	} {
		token := signed(t, jose.HS256, "", secret, struct {
			jwt.Claims
			Scope any `json:"scope"`
		}{good(nil), one.scope})
		caller, err := bySecret(&clock{}).Identify(with(t, "Bearer "+token))
		if err != nil || caller.Operator != one.want || caller.Scope != task.ScopeWrite {
			t.Errorf("%v: %+v, %v", one.scope, caller, err)
		}
	}
}

func TestTokensThatDoNotHoldAreRefused(t *testing.T) {
	t.Parallel()
	guard := bySecret(&clock{})
	claims := func(change func(c *jwt.Claims)) string {
		return signed(t, jose.HS256, "", secret, good(change))
	}
	at := func(d time.Duration) *jwt.NumericDate { return jwt.NewNumericDate(noon.Add(d)) }
	parts := strings.Split(claims(nil), ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + "."
	for what, token := range map[string]string{
		"expired":           claims(func(c *jwt.Claims) { c.Expiry = at(-61 * time.Second) }),
		"never expires":     claims(func(c *jwt.Claims) { c.Expiry = nil }),
		"not yet":           claims(func(c *jwt.Claims) { c.NotBefore = at(61 * time.Second) }),
		"of the future":     claims(func(c *jwt.Claims) { c.IssuedAt = at(61 * time.Second) }),
		"another issuer":    claims(func(c *jwt.Claims) { c.Issuer = "https://other.example" }),
		"no issuer":         claims(func(c *jwt.Claims) { c.Issuer = "" }),
		"another audience":  claims(func(c *jwt.Claims) { c.Audience = jwt.Audience{"other"} }),
		"no audience":       claims(func(c *jwt.Claims) { c.Audience = nil }),
		"nobody's":          claims(func(c *jwt.Claims) { c.Subject = "" }),
		"too long a name":   claims(func(c *jwt.Claims) { c.Subject = strings.Repeat("ü", 256) }),
		"a control":         claims(func(c *jwt.Claims) { c.Subject = "a\nb" }),
		"a null":            claims(func(c *jwt.Claims) { c.Subject = "a\x00b" }),
		"another secret":    signed(t, jose.HS256, "", []byte("another secret of thirty-two bytes"), good(nil)),
		"another algorithm": signed(t, jose.HS512, "", append(secret, secret...), good(nil)),
		"unsigned":          none,
		"changed":           parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"bob","exp":99999999999}`)) + "." + parts[2],
		"in parts":          parts[0] + "." + parts[1],
		"no claims":         signed(t, jose.HS256, "", secret, map[string]any{"sub": 7, "exp": "soon"}),
	} {
		if caller, err := guard.Identify(with(t, "Bearer "+token)); code(err) != "invalid_token" {
			t.Errorf("%s: %+v, %v", what, caller, err)
		}
	}
	for what, token := range map[string]string{
		"just expired":    claims(func(c *jwt.Claims) { c.Expiry = at(-59 * time.Second) }),
		"a clock ahead":   claims(func(c *jwt.Claims) { c.NotBefore, c.IssuedAt = at(59*time.Second), at(59*time.Second) }),
		"the longest":     claims(func(c *jwt.Claims) { c.Subject = strings.Repeat("ü", 255) }),
		"one audience":    claims(func(c *jwt.Claims) { c.Audience = jwt.Audience{"todo"} }),
		"without others":  claims(func(c *jwt.Claims) { c.NotBefore, c.IssuedAt = nil, nil }),
		"an odd but fine": claims(func(c *jwt.Claims) { c.Subject = "auth0|5f'; drop table owners" }),
	} {
		if _, err := guard.Identify(with(t, "Bearer "+token)); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// issuer publishes keys, and may be down.
type issuer struct {
	*httptest.Server
	mu    sync.Mutex
	set   []jose.JSONWebKey
	down  bool
	asked atomic.Int64 // for keys
	body  []byte       // in place of the keys
	jwks  string       // what discovery says in place of the truth
}

func newIssuer(t *testing.T) *issuer {
	i := &issuer{}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		at := i.URL + "/keys"
		if i.jwks != "" {
			at = i.jwks
		}
		fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, i.URL, at)
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.asked.Add(1)
		switch {
		case i.down:
			http.Error(w, "down", http.StatusServiceUnavailable)
		case i.body != nil:
			w.Write(i.body)
		default:
			json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: i.set})
		}
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) change(do func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	do()
}

// shelf is what pods share.
type shelf struct {
	mu       sync.Mutex
	document []byte
	fetched  time.Time
	fails    error
}

func (s *shelf) KeySet(context.Context, string) ([]byte, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.document, s.fetched, s.fails
}

func (s *shelf) KeepKeySet(_ context.Context, _ string, document []byte, fetched time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails == nil {
		s.document, s.fetched = document, fetched
	}
	return s.fails
}

// pod returns a guard as a pod has it, that knows no keys yet.
func pod(i *issuer, s *shelf, c *clock, change ...func(*auth.KeySet)) *auth.Guard {
	keys := &auth.KeySet{URL: i.URL + "/keys", Issuer: i.URL, HTTP: http.DefaultClient, Shelf: s, Now: c.now, Log: zap.NewNop()}
	for _, f := range change {
		f(keys)
	}
	return &auth.Guard{Tokens: &auth.Tokens{KeySet: keys, Issuer: i.URL, Audience: "todo", Now: c.now}}
}

func discovering(k *auth.KeySet) { k.URL = "" }

type pair struct {
	algorithm jose.SignatureAlgorithm
	private   crypto.Signer
}

func newPair(t *testing.T, algorithm jose.SignatureAlgorithm) pair {
	t.Helper()
	var key crypto.Signer
	var err error
	switch algorithm {
	case jose.RS256:
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	case jose.ES256:
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		_, key, err = ed25519.GenerateKey(rand.Reader)
	}
	if err != nil {
		t.Fatal(err)
	}
	return pair{algorithm, key}
}

func (p pair) public(id string) jose.JSONWebKey {
	return jose.JSONWebKey{Key: p.private.Public(), KeyID: id, Algorithm: string(p.algorithm), Use: "sig"}
}

func (p pair) token(t *testing.T, i *issuer, id string) string {
	t.Helper()
	return signed(t, p.algorithm, id, p.private, good(func(c *jwt.Claims) { c.Issuer, c.Expiry = i.URL, jwt.NewNumericDate(noon.AddDate(1, 0, 0)) }))
}

func TestTokensOfEveryAlgorithmAreKnownByTheIssuersKeys(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.EdDSA} {
		i, p := newIssuer(t), newPair(t, algorithm)
		i.set = []jose.JSONWebKey{newPair(t, jose.ES256).public("other"), p.public("one")}
		for _, find := range []func(*auth.KeySet){func(*auth.KeySet) {}, discovering} {
			guard := pod(i, &shelf{}, &clock{}, find)
			for _, id := range []string{"one", ""} {
				if caller, err := guard.Identify(with(t, "Bearer "+p.token(t, i, id))); err != nil || caller.Owner != "alice" {
					t.Errorf("%s of key %q: %+v, %v", algorithm, id, caller, err)
				}
			}
			if _, err := guard.Identify(with(t, "Bearer "+newPair(t, algorithm).token(t, i, "one"))); code(err) != "invalid_token" {
				t.Errorf("%s of a key that is not the issuer's: %v", algorithm, err)
			}
		}
	}
}

func TestAKeyDoesNotVerifyWhatItIsNotFor(t *testing.T) {
	t.Parallel()
	i, p := newIssuer(t), newPair(t, jose.RS256)
	public, err := x509.MarshalPKIXPublicKey(p.private.Public())
	if err != nil {
		t.Fatal(err)
	}
	claims := good(func(c *jwt.Claims) { c.Issuer = i.URL })
	confused := signed(t, jose.HS256, "one", public, claims)
	larger := signed(t, jose.RS512, "one", p.private, claims)
	i.set = []jose.JSONWebKey{p.public("one")}
	guard := pod(i, &shelf{}, &clock{})
	for what, token := range map[string]string{"the public key taken for a secret": confused, "another algorithm of the key": larger} {
		if _, err := guard.Identify(with(t, "Bearer "+token)); code(err) != "invalid_token" {
			t.Errorf("%s: %v", what, err)
		}
	}
	guard.Tokens.Secrets = []string{string(secret)} // both ways at once
	for what, token := range map[string]string{"the public key taken for a secret": confused, "another algorithm of the key": larger} {
		if _, err := guard.Identify(with(t, "Bearer "+token)); code(err) != "invalid_token" {
			t.Errorf("beside a secret, %s: %v", what, err)
		}
	}
	for _, token := range []string{p.token(t, i, "one"), signed(t, jose.HS256, "", secret, claims)} {
		if _, err := guard.Identify(with(t, "Bearer "+token)); err != nil {
			t.Error(err)
		}
	}
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	forEncryption := p.public("enc")
	forEncryption.Use = "enc"
	i.change(func() {
		i.set = []jose.JSONWebKey{{Key: &short.PublicKey, KeyID: "short"}, forEncryption, {Key: p.private.Public(), KeyID: "es", Algorithm: "ES256"}, newPair(t, jose.ES256).public("fine")}
	})
	guard = pod(i, &shelf{}, &clock{})
	weak := pair{jose.RS256, short}
	for id, token := range map[string]string{"short": weak.token(t, i, "short"), "enc": p.token(t, i, "enc"), "es": p.token(t, i, "es")} {
		if _, err := guard.Identify(with(t, "Bearer "+token)); code(err) != "invalid_token" {
			t.Errorf("the key %s: %v", id, err)
		}
	}
}

func TestKeysAreRotatedWithoutHammeringTheIssuer(t *testing.T) {
	t.Parallel()
	i, old, next, c := newIssuer(t), newPair(t, jose.ES256), newPair(t, jose.ES256), &clock{}
	i.set = []jose.JSONWebKey{old.public("old")}
	guard := pod(i, &shelf{}, c)
	ask := func(token string) error { _, err := guard.Identify(with(t, "Bearer "+token)); return err }
	if err := ask(old.token(t, i, "old")); err != nil {
		t.Fatal(err)
	}
	for range 50 { // of somebody who makes ids up
		if err := ask(next.token(t, i, "made up")); code(err) != "invalid_token" {
			t.Fatal(err)
		}
	}
	if n := i.asked.Load(); n != 1 {
		t.Errorf("asked %d times in no time", n)
	}
	i.change(func() { i.set = append(i.set, next.public("next")) })
	c.pass(auth.RetryAfter)
	if err := ask(next.token(t, i, "next")); err != nil {
		t.Errorf("a new key: %v", err)
	}
	if err := ask(old.token(t, i, "old")); err != nil {
		t.Errorf("the old key: %v", err)
	}
	i.change(func() { i.set = i.set[1:] })
	c.pass(auth.RefreshAfter + time.Second)
	eventually(t, "a key that the issuer has withdrawn is not taken any more", func() bool {
		c.pass(auth.RetryAfter)
		return code(ask(old.token(t, i, "old"))) == "invalid_token"
	})
}

func TestKeysOutliveAnOutageOfTheIssuer(t *testing.T) {
	t.Parallel()
	i, p, c, s := newIssuer(t), newPair(t, jose.EdDSA), &clock{}, &shelf{}
	i.set = []jose.JSONWebKey{p.public("one")}
	token := p.token(t, i, "one")
	first := pod(i, s, c)
	if _, err := first.Identify(with(t, "Bearer "+token)); err != nil {
		t.Fatal(err)
	}
	i.change(func() { i.down = true })
	for _, d := range []time.Duration{time.Minute, time.Hour, 20 * time.Hour} {
		c.pass(d)
		for what, guard := range map[string]*auth.Guard{"one that knows them": first, "a new pod": pod(i, s, c)} {
			if _, err := guard.Identify(with(t, "Bearer "+token)); err != nil {
				t.Errorf("%s, %v on: %v", what, c.now().Sub(noon), err)
			}
		}
	}
	c.pass(auth.StaleFor)
	for what, guard := range map[string]*auth.Guard{"one that knows them": first, "a new pod": pod(i, s, c)} {
		if _, err := guard.Identify(with(t, "Bearer "+token)); !errors.Is(err, task.ErrUnavailable) {
			t.Errorf("%s, much later: %v", what, err)
		}
	}
	i.change(func() { i.down = false })
	c.pass(auth.RetryAfter)
	if _, err := first.Identify(with(t, "Bearer "+token)); err != nil {
		t.Errorf("once the issuer is back: %v", err)
	}
}

func TestWithoutAShelfTheIssuerIsAsked(t *testing.T) {
	t.Parallel()
	i, p := newIssuer(t), newPair(t, jose.ES256)
	i.set = []jose.JSONWebKey{p.public("one")}
	for _, s := range []*shelf{{fails: task.ErrUnavailable}, {document: []byte("no keys"), fetched: noon}} {
		if _, err := pod(i, s, &clock{}).Identify(with(t, "Bearer "+p.token(t, i, "one"))); err != nil {
			t.Error(err)
		}
	}
}

func TestWhatIsNoKeySetOpensNothing(t *testing.T) {
	t.Parallel()
	i, p := newIssuer(t), newPair(t, jose.ES256)
	key, err := json.Marshal(p.public("one"))
	if err != nil {
		t.Fatal(err)
	}
	many := append([]byte(`{"keys":[`), bytes.TrimSuffix(bytes.Repeat(append(key, ','), 101), []byte(","))...)
	for what, body := range map[string][]byte{
		"no JSON": []byte("<html>"), "no keys": []byte(`{"keys":[]}`), "unknown kinds": []byte(`{"keys":[{"kty":"new"}]}`), "too many": append(many, "]}"...),
		"too large":        append([]byte(`{"keys":[`+string(key)+`],"x":"`), append(bytes.Repeat([]byte("x"), 1<<20), `"}`...)...),
		"a secret":         []byte(`{"keys":[{"kty":"oct","k":"c2VjcmV0","kid":"one"}]}`),
		"private, in part": []byte(`{"keys":["one", 7, null]}`),
	} {
		i.change(func() { i.body = body })
		if _, err := pod(i, &shelf{}, &clock{}).Identify(with(t, "Bearer "+p.token(t, i, "one"))); !errors.Is(err, task.ErrUnavailable) {
			t.Errorf("%s: %v", what, err)
		}
	}
	i.change(func() { i.body = []byte(`{"keys":[{"kty":"new"},` + string(key) + `]}`) })
	if _, err := pod(i, &shelf{}, &clock{}).Identify(with(t, "Bearer "+p.token(t, i, "one"))); err != nil {
		t.Errorf("beside a kind that is not known: %v", err)
	}
	i.change(func() { i.body, i.jwks = nil, "http://keys.example/" })
	if _, err := pod(i, &shelf{}, &clock{}, discovering).Identify(with(t, "Bearer "+p.token(t, i, "one"))); !errors.Is(err, task.ErrUnavailable) {
		t.Errorf("discovered in the open: %v", err)
	}
}

func TestACallerWhoGoesAwayDoesNotEndTheLook(t *testing.T) {
	t.Parallel()
	i, p := newIssuer(t), newPair(t, jose.ES256)
	i.set = []jose.JSONWebKey{p.public("one")}
	guard := pod(i, &shelf{}, &clock{})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	token := "Bearer " + p.token(t, i, "one")
	if _, err := guard.Identify(with(t, token).WithContext(gone)); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := guard.Identify(with(t, token)); err != nil {
		t.Error(err)
	}
	if n := i.asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestWhereKeysMayComeFrom(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"https://issuer.example/keys": true, "http://localhost:8080/keys": true, "http://127.0.0.1/": true, "http://[::1]:1/": true,
		"http://dex.auth.svc/keys": true, "http://dex.auth.svc.cluster.local:5556/dex/keys": true,
		"http://issuer.example/keys": false, "http://10.0.0.1/keys": false, "ftp://issuer.example": false, "issuer.example": false, "": false,
		"https://": false, "https://user:password@issuer.example/": false, "https://issuer.example/#keys": false, "http://svc/": false, "%": false,
	} {
		if err := auth.CheckSource(address); (err == nil) != want {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// eventually waits for what another goroutine does.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); !holds(); <-tick.C {
		if time.Now().After(end) {
			t.Fatal("not so: ", what)
		}
	}
}
