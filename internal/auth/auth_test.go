package auth_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"todo-app/internal/auth"
	"todo-app/internal/task"
)

// noon is when tests take place.
var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// clock is a time that tests move.
type clock struct{ since atomic.Int64 }

func (c *clock) now() time.Time       { return noon.Add(time.Duration(c.since.Load())) }
func (c *clock) pass(d time.Duration) { c.since.Add(int64(d)) }

// with returns a request with a credential.
func with(t *testing.T, values ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://todo.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		r.Header.Add("Authorization", v)
	}
	return r
}

// code returns how an error refuses, "none" if it does not.
func code(err error) string {
	var refusal *auth.Refusal
	if !errors.As(err, &refusal) {
		return "none"
	}
	return refusal.Code
}

// finder finds one key, and counts how often it was asked.
type finder struct {
	key   task.APIKey
	err   error
	asked atomic.Int64
}

func (f *finder) FindAPIKey(_ context.Context, id task.ID) (task.APIKey, error) {
	f.asked.Add(1)
	if f.err == nil && id != f.key.ID {
		return task.APIKey{}, task.ErrNoAPIKey
	}
	return f.key, f.err
}

func keyed(t *testing.T, n task.NewAPIKey) (*finder, string) {
	t.Helper()
	key, err := n.Make("alice", task.ID{1}, "SECRET", noon)
	if err != nil {
		t.Fatal(err)
	}
	return &finder{key: key}, key.Token("SECRET")
}

func TestAnAPIKeyNamesItsOwner(t *testing.T) {
	t.Parallel()
	find, token := keyed(t, task.NewAPIKey{Name: "laptop", Scope: task.ScopeRead})
	guard := auth.Guard{Keys: &auth.Keys{Find: find, Now: (&clock{}).now}}
	for _, header := range []string{"Bearer " + token, "bearer  " + token} {
		caller, err := guard.Identify(with(t, header))
		if diff := cmp.Diff(task.Caller{Owner: "alice", Actor: "laptop", Scope: task.ScopeRead}, caller); err != nil || diff != "" {
			t.Error(err, diff)
		}
	}
}

func TestAKeyForOperatorsIsAnOperatorsAndOthersAreNot(t *testing.T) {
	t.Parallel()
	for _, scope := range []task.Scope{task.ScopeRead, task.ScopeWrite, task.ScopeOps} {
		find, token := keyed(t, task.NewAPIKey{Name: "watching", Scope: scope})
		guard := auth.Guard{Keys: &auth.Keys{Find: find, Now: (&clock{}).now}}
		caller, err := guard.Identify(with(t, "Bearer "+token))
		if diff := cmp.Diff(task.Caller{Owner: "alice", Actor: "watching", Scope: scope, Operator: scope == task.ScopeOps}, caller); err != nil || diff != "" {
			t.Error(err, diff)
		}
	}
}

func TestWhatIsNoCredentialIsRefusedByWhatItIs(t *testing.T) {
	t.Parallel()
	find, token := keyed(t, task.NewAPIKey{Name: "laptop", Scope: task.ScopeWrite, ExpiresAt: noon.Add(time.Minute)})
	time := &clock{}
	guard := auth.Guard{Keys: &auth.Keys{Find: find, Now: time.now}}
	other := task.APIKey{ID: task.ID{2}}.Token("SECRET")
	for _, one := range []struct {
		want   string
		values []string
	}{
		{"", nil},
		{"invalid_request", []string{"Bearer " + token, "Bearer " + token}},
		{"invalid_request", []string{"Basic YTpi"}},
		{"invalid_request", []string{"Bearer"}},
		{"invalid_request", []string{token}},
		{"invalid_request", []string{""}},
		{"invalid_token", []string{"Bearer " + token + "X"}},
		{"invalid_token", []string{"Bearer " + other}},
		{"invalid_token", []string{"Bearer a.b.c"}},
		{"invalid_token", []string{"Bearer " + strings.Repeat("a", 9000)}},
		{"none", []string{"Bearer " + token}},
	} {
		if _, err := guard.Identify(with(t, one.values...)); code(err) != one.want {
			t.Errorf("%.60q: %v, want %q", one.values, err, one.want)
		}
	}
	time.pass(1e9 * 60)
	if _, err := guard.Identify(with(t, "Bearer "+token)); code(err) != "invalid_token" {
		t.Errorf("a key that has expired: %v", err)
	}
	if _, err := (&auth.Guard{Tokens: &auth.Tokens{Now: time.now}}).Identify(with(t, "Bearer "+token)); code(err) != "invalid_token" {
		t.Errorf("a key where none are taken: %v", err)
	}
}

func TestAKeyIsLookedUpOnceInAWhileAndARevokedOneForgottenThen(t *testing.T) {
	t.Parallel()
	find, token := keyed(t, task.NewAPIKey{Name: "laptop", Scope: task.ScopeWrite})
	time := &clock{}
	guard := auth.Guard{Keys: &auth.Keys{Find: find, Now: time.now}}
	ask := func() error { _, err := guard.Identify(with(t, "Bearer "+token)); return err }
	for range 3 {
		if err := ask(); err != nil {
			t.Fatal(err)
		}
	}
	if n := find.asked.Load(); n != 1 {
		t.Errorf("looked up %d times", n)
	}
	find.err = task.ErrNoAPIKey // revoked
	time.pass(auth.KeyMemory)
	if err := ask(); code(err) != "invalid_token" {
		t.Errorf("a revoked key: %v", err)
	}
	find.err = task.ErrUnavailable
	if err := ask(); code(err) != "invalid_token" { // still known to be gone
		t.Errorf("a revoked key while storage is away: %v", err)
	}
	time.pass(auth.KeyMemory)
	for range 2 {
		if err := ask(); !errors.Is(err, task.ErrUnavailable) {
			t.Errorf("while storage is away: %v", err)
		}
	}
	find.err = nil
	if err := ask(); err != nil {
		t.Errorf("back at once: %v", err)
	}
}

func TestIDsThatNobodyHasDoNotFillMemory(t *testing.T) {
	t.Parallel()
	find, token := keyed(t, task.NewAPIKey{Name: "laptop", Scope: task.ScopeWrite})
	keys := &auth.Keys{Find: find, Now: (&clock{}).now}
	guard := auth.Guard{Keys: keys}
	for i := range 3 * auth.MaxKnown {
		guess := task.APIKey{ID: task.ID{2, byte(i >> 16), byte(i >> 8), byte(i)}}.Token("S")
		if _, err := guard.Identify(with(t, "Bearer "+guess)); code(err) != "invalid_token" {
			t.Fatal(err)
		}
		if n := keys.Known(); n > auth.MaxKnown {
			t.Fatalf("%d ids are remembered", n)
		}
	}
	if _, err := guard.Identify(with(t, "Bearer "+token)); err != nil {
		t.Error(err)
	}
}
