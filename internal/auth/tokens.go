package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"todo-app/internal/task"
)

// Tokens identifies callers by JWTs (RFC 7519): the subject is the owner, who
// is an operator, too, if the token's scope has the word "ops".
type Tokens struct {
	Secrets  []string // any of them verifies HS256; none: not taken
	KeySet   *KeySet  // verifies RS256, ES256 and EdDSA; nil: not taken
	Issuer   string   // "" for any
	Audience string   // "" for any
	Leeway   time.Duration
	Now      func() time.Time
}

// The algorithms that are taken, by what verifies them. Nothing a token says
// makes the one do for the other.
var (
	bySecret = []jose.SignatureAlgorithm{jose.HS256}
	byKeySet = []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.EdDSA}
)

var (
	errToken     = refused("the token is no JWT that is taken here")
	errSignature = refused("the token is not signed by a key that is known here")
	errExpiry    = refused("the token must say when it expires (exp)")
	errSubject   = refused(fmt.Sprintf("the token must say whose it is (sub), in 1 to %d characters", task.MaxOwner))
)

func (t *Tokens) identify(ctx context.Context, token string) (task.Caller, error) {
	claims, err := t.verify(ctx, token)
	if err != nil {
		return task.Caller{}, err
	}
	err = claims.ValidateWithLeeway(jwt.Expected{Issuer: t.Issuer, AnyAudience: t.audience(), Time: t.Now()}, t.Leeway)
	switch {
	case err != nil:
		return task.Caller{}, refused(reason(err))
	case claims.Expiry == nil:
		return task.Caller{}, errExpiry
	case !isOwner(claims.Subject):
		return task.Caller{}, errSubject
	}
	return task.Caller{Owner: claims.Subject, Actor: claims.Subject, Scope: task.ScopeWrite, Operator: claims.Scope.has(string(task.ScopeOps))}, nil
}

// claims are what a token says that matters here.
type claims struct {
	jwt.Claims
	Scope words `json:"scope"`
}

// words are those of a scope claim (RFC 9068, section 2.2.3). Issuers have
// other claims of that name, in other forms: those grant nothing, and spoil
// nothing.
type words string

// UnmarshalJSON implements json.Unmarshaler.
func (w *words) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*w = words(text)
	}
	return nil
}

func (w words) has(word string) bool {
	return slices.Contains(strings.Split(string(w), " "), word)
}

// isOwner reports whether storage can keep a name of an owner.
func isOwner(s string) bool {
	n := utf8.RuneCountInString(s)
	return n > 0 && n <= task.MaxOwner && utf8.ValidString(s) && !hasControl(s)
}

func hasControl(s string) bool {
	for _, r := range s {
		if r < ' ' || r == 0x7f {
			return true
		}
	}
	return false
}

func (t *Tokens) audience() jwt.Audience {
	if t.Audience == "" {
		return nil
	}
	return jwt.Audience{t.Audience}
}

// verify checks the signature, and returns what the token claims.
func (t *Tokens) verify(ctx context.Context, token string) (claims claims, err error) {
	if len(t.Secrets) > 0 {
		if parsed, err := jwt.ParseSigned(token, bySecret); err == nil {
			for _, secret := range t.Secrets {
				if parsed.Claims([]byte(secret), &claims) == nil {
					return claims, nil
				}
			}
			return claims, errSignature
		}
	}
	if t.KeySet == nil {
		return claims, errToken
	}
	parsed, err := jwt.ParseSigned(token, byKeySet)
	if err != nil || len(parsed.Headers) != 1 {
		return claims, errToken
	}
	keys, err := t.KeySet.find(ctx, parsed.Headers[0].KeyID, parsed.Headers[0].Algorithm)
	if err != nil {
		return claims, err
	}
	for _, key := range keys {
		if parsed.Claims(key.Key, &claims) == nil {
			return claims, nil
		}
	}
	return claims, errSignature
}

// reason puts why claims do not hold.
func reason(err error) string {
	switch {
	case errors.Is(err, jwt.ErrExpired):
		return "the token has expired"
	case errors.Is(err, jwt.ErrInvalidIssuer):
		return "the token is of another issuer"
	case errors.Is(err, jwt.ErrInvalidAudience):
		return "the token is for another audience"
	}
	return "the token is of the future"
}
