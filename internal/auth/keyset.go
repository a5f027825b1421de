package auth

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"go.uber.org/zap"

	"todo-app/internal/task"
)

// Shelf keeps a key set where every pod finds it: one that starts need not ask
// the issuer before its first answer, nor be idle while that is down.
type Shelf interface {
	// KeySet returns what was last kept of a source, and when it was fetched;
	// nil if nothing was.
	KeySet(ctx context.Context, source string) (document []byte, fetched time.Time, err error)
	KeepKeySet(ctx context.Context, source string, document []byte, fetched time.Time) error
}

// KeySet is the public keys that an issuer signs with (JWKS, RFC 7517).
type KeySet struct {
	URL    string // of the document; "": found by discovery
	Issuer string // for OpenID Connect Discovery
	HTTP   *http.Client
	Shelf  Shelf
	Now    func() time.Time
	Log    *zap.Logger

	mu      sync.Mutex
	keys    []jose.JSONWebKey
	fetched time.Time     // when the keys were; zero while there are none
	tried   time.Time     // when they were last asked for
	running chan struct{} // closed when the look that goes on has ended; nil: none does
}

const (
	// refreshAfter is how old keys may be before they are fetched again,
	// beside the requests that go on with the old ones.
	refreshAfter = 5 * time.Minute
	// staleFor is for how long keys that cannot be fetched again are taken.
	staleFor = 24 * time.Hour
	// retryAfter is the time between two fetches, whatever tokens come: one
	// that names a key which is not there must not make us hammer the issuer.
	retryAfter   = 10 * time.Second
	fetchTimeout = 4 * time.Second
	maxKeySet    = 1 << 20 // bytes of a document
	maxKeys      = 100
)

// find returns the keys that a token may be signed with: those of its key id,
// or all if it names none. The error is task.ErrUnavailable if there are no
// keys to know by. Only who names a key that is not known waits.
func (s *KeySet) find(ctx context.Context, id, algorithm string) ([]jose.JSONWebKey, error) {
	for range 2 { // on the shelf, and at the source
		keys, age := s.present()
		found := match(keys, id, algorithm)
		usable := len(found) > 0 && age <= staleFor
		if usable && age <= refreshAfter {
			return found, nil
		}
		looking := s.look(ctx)
		if usable {
			return found, nil
		}
		if looking == nil {
			break
		}
		select {
		case <-looking:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	keys, age := s.present()
	if age > staleFor {
		return nil, fmt.Errorf("%w: the keys of %s cannot be fetched", task.ErrUnavailable, s.source())
	}
	return match(keys, id, algorithm), nil
}

// present returns the keys that are known and how old they are.
func (s *KeySet) present() ([]jose.JSONWebKey, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys, s.Now().Sub(s.fetched)
}

// look begins to look for keys, unless that goes on already, and returns what
// is closed when it has ended; nil if the source was asked just now.
func (s *KeySet) look(ctx context.Context) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running != nil {
		return s.running
	}
	if s.Now().Sub(s.tried) < retryAfter {
		return nil
	}
	s.running = make(chan struct{})
	go s.run(context.WithoutCancel(ctx), s.keys == nil, s.running)
	return s.running
}

// run looks on the shelf, if first, and at the source unless that had keys
// which are young enough.
func (s *KeySet) run(ctx context.Context, first bool, done chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	if !first || !s.load(ctx) {
		s.mu.Lock()
		s.tried = s.Now()
		s.mu.Unlock()
		if err := s.refresh(ctx); err != nil {
			s.Log.Warn("public keys not fetched; those known still count for a day", zap.String("source", s.source()), zap.Error(err))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = nil
	close(done)
}

// match returns the keys that fit what a token's header says.
func match(keys []jose.JSONWebKey, id, algorithm string) (found []jose.JSONWebKey) {
	for _, k := range keys {
		if (id == "" || k.KeyID == id) && fits(k, algorithm) {
			found = append(found, k)
		}
	}
	return found
}

// fits reports whether a key is one of an algorithm's.
func fits(k jose.JSONWebKey, algorithm string) bool {
	if k.Algorithm != "" && k.Algorithm != algorithm {
		return false
	}
	switch key := k.Key.(type) {
	case *rsa.PublicKey:
		return algorithm == string(jose.RS256) && key.N.BitLen() >= 2048
	case *ecdsa.PublicKey:
		return algorithm == string(jose.ES256) && key.Curve == elliptic.P256()
	case ed25519.PublicKey:
		return algorithm == string(jose.EdDSA)
	}
	return false
}

// load takes what is on the shelf, and reports whether it is young.
func (s *KeySet) load(ctx context.Context) bool {
	document, fetched, err := s.Shelf.KeySet(ctx, s.source())
	if err != nil || document == nil {
		return false
	}
	keys, err := parseKeySet(document)
	if err != nil {
		return false
	}
	s.put(keys, fetched)
	return s.Now().Sub(fetched) <= refreshAfter
}

// refresh fetches the keys, and puts them on the shelf.
func (s *KeySet) refresh(ctx context.Context) error {
	document, err := s.fetch(ctx)
	if err != nil {
		return err
	}
	keys, err := parseKeySet(document)
	if err != nil {
		return err
	}
	now := s.Now()
	s.put(keys, now)
	if err := s.Shelf.KeepKeySet(ctx, s.source(), document, now); err != nil {
		s.Log.Warn("public keys not kept for other pods", zap.Error(err))
	}
	return nil
}

func (s *KeySet) put(keys []jose.JSONWebKey, fetched time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys, s.fetched = keys, fetched
}

// source names where the keys come from.
func (s *KeySet) source() string {
	if s.URL != "" {
		return s.URL
	}
	return s.Issuer
}

// fetch reads the document from its source.
func (s *KeySet) fetch(ctx context.Context) ([]byte, error) {
	client := &http.Client{Transport: bounded{s.HTTP.Transport}, CheckRedirect: s.HTTP.CheckRedirect}
	address := s.URL
	if address == "" {
		provider, err := oidc.NewProvider(oidc.ClientContext(ctx, client), s.Issuer)
		if err != nil {
			return nil, fmt.Errorf("discovering the keys of the issuer: %w", err)
		}
		var said struct {
			JWKS string `json:"jwks_uri"`
		}
		if err := provider.Claims(&said); err != nil {
			return nil, fmt.Errorf("reading where the issuer's keys are: %w", err)
		}
		if err := CheckSource(said.JWKS); err != nil {
			return nil, fmt.Errorf("the issuer's jwks_uri %w", err)
		}
		address = said.JWKS
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s was answered %s", address, response.Status)
	}
	return io.ReadAll(response.Body)
}

// bounded ends answers that are larger than any key set.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	next := b.next
	if next == nil {
		next = http.DefaultTransport
	}
	response, err := next.RoundTrip(r)
	if err == nil {
		response.Body = http.MaxBytesReader(nil, response.Body, maxKeySet)
	}
	return response, err
}

// parseKeySet returns the keys of a document that may verify a signature. Keys
// of kinds that are not known are passed over (RFC 7517, section 5), as are
// those that are for something else.
func parseKeySet(document []byte) ([]jose.JSONWebKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(document, &set); err != nil {
		return nil, fmt.Errorf("reading a set of keys: %w", err)
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("reading a set of keys: there are more than %d", maxKeys)
	}
	keys := []jose.JSONWebKey{}
	for _, raw := range set.Keys {
		var k jose.JSONWebKey
		if k.UnmarshalJSON(raw) == nil && k.Valid() && k.IsPublic() && (k.Use == "" || k.Use == "sig") {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("reading a set of keys: there is none that verifies signatures")
	}
	return keys, nil
}
