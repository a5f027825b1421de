// Package apptest has services for the tests of what is joined to an app, and
// callers who are signed in there.
package apptest

import (
	"context"
	"fmt"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"go.uber.org/zap"

	"todo-app/internal/app"
	"todo-app/internal/app/function"
)

// secret signs the tokens of the tests.
const secret = "a secret of the tests that is long enough"

// New returns an app that takes tokens and API keys, over the database at an
// address, with settings that adjust may change; nil changes none.
func New(t testing.TB, databaseURL string, log *zap.Logger, adjust func(*app.Settings)) *app.App {
	t.Helper()
	s := app.Settings{
		Settings:    function.Settings{Auth: []function.Auth{function.JWT, function.APIKey}},
		Tokens:      app.Tokens{Secrets: []string{secret}},
		DatabaseURL: databaseURL, DatabaseConns: 4, Zone: time.UTC, Source: "/test",
	}
	if adjust != nil {
		adjust(&s)
	}
	a, err := app.New(t.Context(), s, log)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Serve serves functions of an app until the test ends, closes the app then, and
// returns the address.
func Serve(t testing.TB, a *app.App, functions ...app.Function) string {
	l := httptest.NewServer(a.Handler(functions...))
	t.Cleanup(func() {
		l.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := a.Close(ctx); err != nil {
			t.Error("closing:", err)
		}
	})
	return l.URL
}

var owners atomic.Int64

// Anybody returns the token of an owner who has nothing yet.
func Anybody(t testing.TB) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(secret)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	claims := fmt.Sprintf(`{"sub":"owner %d","exp":%d}`, owners.Add(1), time.Now().Add(time.Hour).Unix())
	signed, err := signer.Sign([]byte(claims))
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}
