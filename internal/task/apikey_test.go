package task_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"todo-app/internal/task"
)

// createKey makes a key and adds it.
func (s *site) createKey(t *testing.T, n task.NewAPIKey) (task.APIKey, string, error) {
	t.Helper()
	key, token, err := s.NewAPIKey(s.call, n)
	if err == nil {
		_, err = s.AddAPIKey(t.Context(), s.call, key)
	}
	return key, token, err
}

func TestAKeyIsMadeOnceShownAndRevoked(t *testing.T) {
	s := newSite()
	key, token, err := s.createKey(t, task.NewAPIKey{Name: "laptop", Scope: task.ScopeRead, ExpiresAt: noon.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	id, secret, ok := task.ParseAPIKey(token)
	if !ok || id != key.ID || secret != "SECRET" {
		t.Fatalf("the token %q is of %v with %q", token, id, secret)
	}
	kept, err := s.Service.APIKeys(t.Context(), s.call)
	if err != nil || len(kept) != 1 {
		t.Fatal(kept, err)
	}
	if diff := cmp.Diff(key, kept[0]); diff != "" || key.Owner != "alice" || key.Name != "laptop" || key.Scope != task.ScopeRead {
		t.Errorf("kept as %+v\n%s", kept[0], diff)
	}
	if err := s.RevokeAPIKey(t.Context(), s.call, id); err != nil {
		t.Error(err)
	}
	if err := s.RevokeAPIKey(t.Context(), s.call, id); !errors.Is(err, task.ErrNoAPIKey) {
		t.Errorf("revoked twice: %v", err)
	}
}

func TestAKeyOpensWithItsSecretUntilItExpires(t *testing.T) {
	forever, err := task.NewAPIKey{Name: "n", Scope: task.ScopeWrite}.Make("alice", id(1), "SECRET", noon)
	if err != nil {
		t.Fatal(err)
	}
	ending := forever
	ending.ExpiresAt = noon
	for _, one := range []struct {
		key    task.APIKey
		secret string
		at     time.Time
		want   bool
	}{
		{forever, "SECRET", noon.AddDate(100, 0, 0), true},
		{forever, "SECRE", noon, false},
		{forever, "", noon, false},
		{ending, "SECRET", noon.Add(-1), true},
		{ending, "SECRET", noon, false},
		{task.APIKey{}, "", noon, false},
	} {
		if got := one.key.Opens(one.secret, one.at); got != one.want {
			t.Errorf("%q opens at %v: %v", one.secret, one.at, got)
		}
	}
}

func TestWhatIsNoTokenOfAKey(t *testing.T) {
	good := task.APIKey{ID: id(7)}.Token("SECRET")
	if _, _, ok := task.ParseAPIKey(good); !ok {
		t.Fatalf("%q is one", good)
	}
	for _, bad := range []string{
		"", "todo_", good[5:], "Todo_" + good[5:], strings.TrimSuffix(good, "SECRET"), strings.Replace(good, "_SECRET", "SECRET", 1),
		"todo_zz" + good[7:], "todo_" + strings.Repeat("0", 32) + "_SECRET", good + strings.Repeat("S", 128),
		strings.ToUpper(task.APIKey{ID: task.ID{0xab}}.Token("S")), "todo_AB" + strings.Repeat("0", 30) + "_S",
	} {
		if id, secret, ok := task.ParseAPIKey(bad); ok {
			t.Errorf("%q was taken as %v with %q", bad, id, secret)
		}
	}
}

func TestKeysThatCannotBeMade(t *testing.T) {
	s := newSite()
	_, _, err := s.createKey(t, task.NewAPIKey{Name: " ", Scope: "admin", ExpiresAt: noon})
	pointers := []string{}
	for _, f := range task.AsFaults(err) {
		pointers = append(pointers, f.Pointer)
	}
	if diff := cmp.Diff([]string{"/name", "/scope", "/expires_at"}, pointers); diff != "" {
		t.Error(diff)
	}
	if _, _, err := s.createKey(t, task.NewAPIKey{Name: "n", Scope: task.ScopeOps}); len(task.AsFaults(err)) != 1 || task.AsFaults(err)[0].Pointer != "/scope" {
		t.Errorf("an owner makes themselves an operator: %v", err)
	}
	if key, err := (task.NewAPIKey{Name: "n", Scope: task.ScopeOps}).Make("operator", id(1), "SECRET", noon); err != nil || key.Scope != task.ScopeOps {
		t.Errorf("nobody can make an operator: %+v, %v", key, err)
	}
	good := task.NewAPIKey{Name: "n", Scope: task.ScopeWrite}
	for range task.MaxAPIKeys {
		if _, _, err := s.createKey(t, good); err != nil {
			t.Fatal(err)
		}
	}
	var conflict *task.Conflict
	if _, _, err := s.createKey(t, good); !errors.As(err, &conflict) {
		t.Errorf("one more: %v", err)
	}
	s.fails["APIKeys"] = task.ErrUnavailable
	if _, _, err := s.createKey(t, good); !errors.Is(err, task.ErrUnavailable) {
		t.Error(err)
	}
	if err := s.RevokeAPIKey(t.Context(), s.call, id(1)); !errors.Is(err, task.ErrUnavailable) {
		t.Error(err)
	}
}
