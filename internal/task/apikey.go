package task

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// APIKey lets a program act for an owner until it is revoked or expires.
type APIKey struct {
	ID        ID
	Owner     string
	Name      string // tells people which is which; it is the actor in histories
	Scope     Scope
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	// LastUsedAt is noted to within some minutes; zero if it never was.
	LastUsedAt time.Time
	// Digest is all that is kept of the secret. It is a plain SHA-256: what
	// has 130 random bits cannot be found by trying, however fast that is.
	Digest [sha256.Size]byte
}

// Scope is what a credential may do.
type Scope string

// The scopes; who may write may read, too. A key for operations opens what
// operators are told of the service, and no task: whoever holds it, such as an
// agent that watches a cluster, learns nothing of what people do.
const (
	ScopeRead  Scope = "read"
	ScopeWrite Scope = "write"
	ScopeOps   Scope = "ops"
)

// ParseScope reads a scope that an owner may give a key. That of operators is
// none of these: it is given where the database is at hand.
func ParseScope(s string) (Scope, error) {
	if scope := Scope(s); scope == ScopeRead || scope == ScopeWrite {
		return scope, nil
	}
	return "", errors.New("must be read or write")
}

// The bounds of keys.
const (
	MaxAPIKeys    = 100 // of one owner
	MaxAPIKeyName = 100 // in code points
	MaxOwner      = 255 // of the name of one, in code points
)

// keyPrefix begins every API key, so that one that has leaked is recognised by
// those who look for such things.
const keyPrefix = "todo_"

// Token returns the key as its holder presents it: what it is found by, and
// the secret, which only the holder has.
func (k APIKey) Token(secret string) string {
	return keyPrefix + hex.EncodeToString(k.ID[:]) + "_" + secret
}

// maxSecret bounds what is taken for a secret, in bytes.
const maxSecret = 128

// ParseAPIKey takes a token apart; ok is false if it is none of an API key's.
func ParseAPIKey(token string) (id ID, secret string, ok bool) {
	rest, ok := strings.CutPrefix(token, keyPrefix)
	written, secret, cut := strings.Cut(rest, "_")
	if !ok || !cut || len(written) != 2*len(id) || secret == "" || len(secret) > maxSecret {
		return ID{}, "", false
	}
	_, err := hex.Decode(id[:], []byte(written))
	return id, secret, err == nil && !id.IsZero() && strings.ToLower(written) == written
}

// Opens reports whether the secret is the key's, and at a time when it is good.
func (k APIKey) Opens(secret string, now time.Time) bool {
	digest := sha256.Sum256([]byte(secret))
	return subtle.ConstantTimeCompare(digest[:], k.Digest[:]) == 1 && (k.ExpiresAt.IsZero() || now.Before(k.ExpiresAt))
}

// NewAPIKey is what a caller says of a key to be made.
type NewAPIKey struct {
	Name      string
	Scope     Scope
	ExpiresAt time.Time // zero: never
}

// Make returns a key for an owner with a secret of its own. Faults list
// everything wrong with what was asked for.
func (n NewAPIKey) Make(owner string, id ID, secret string, now time.Time) (APIKey, error) {
	var faults Faults
	faults.add("/owner", checkName(owner, MaxOwner))
	faults.add("/name", checkName(n.Name, MaxAPIKeyName))
	if _, err := ParseScope(string(n.Scope)); err != nil && n.Scope != ScopeOps {
		faults.add("/scope", err)
	}
	if !n.ExpiresAt.IsZero() && !n.ExpiresAt.After(now) {
		faults.add("/expires_at", errors.New("must be in the future"))
	}
	return APIKey{
		ID: id, Owner: owner, Name: n.Name, Scope: n.Scope, CreatedAt: now, ExpiresAt: n.ExpiresAt, Digest: sha256.Sum256([]byte(secret)),
	}, faults.err()
}

// NewAPIKey makes a key for the caller, to be added, and its token. The token
// exists this once: nothing that is stored leads back to it. Nobody makes
// themselves an operator: such a key is a fault, too.
func (s *Service) NewAPIKey(c Call, n NewAPIKey) (key APIKey, token string, err error) {
	if n.Scope == ScopeOps {
		n.Scope = "" // which none is
	}
	secret := s.NewSecret()
	key, err = n.Make(c.Owner, s.NewID(), secret, s.now())
	return key, key.Token(secret), err
}

// AddAPIKey lets a key open what is the caller's; a *Conflict if there are too
// many already.
func (s *Service) AddAPIKey(ctx context.Context, c Call, key APIKey) (Result, error) {
	return s.write(ctx, c, func(ctx context.Context, tx Tx, _ View) ([]Task, error) {
		present, err := tx.APIKeys(ctx)
		if err == nil && len(present) >= MaxAPIKeys {
			err = &Conflict{Detail: fmt.Sprintf("there are %d keys already: revoke one first", MaxAPIKeys)}
		}
		if err == nil {
			tx.InsertAPIKey(key)
		}
		return nil, err
	})
}

// APIKeys returns the caller's keys, oldest first.
func (s *Service) APIKeys(ctx context.Context, c Call) ([]APIKey, error) {
	return s.Store.APIKeys(ctx, c.Owner)
}

// RevokeAPIKey ends a key of the caller's; ErrNoAPIKey when there is none.
// A function that has used it takes it for some seconds more.
func (s *Service) RevokeAPIKey(ctx context.Context, c Call, id ID) error {
	_, err := s.write(ctx, c, func(ctx context.Context, tx Tx, _ View) ([]Task, error) {
		present, err := tx.APIKeys(ctx)
		if err == nil && !slices.ContainsFunc(present, func(k APIKey) bool { return k.ID == id }) {
			err = ErrNoAPIKey
		}
		if err == nil {
			tx.DeleteAPIKey(id)
		}
		return nil, err
	})
	return err
}
