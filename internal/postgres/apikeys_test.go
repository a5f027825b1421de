package postgres_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"todo-app/internal/postgres"
	"todo-app/internal/task"
)

// key makes an API key for an owner.
func (s *site) key(t testing.TB, owner string) task.APIKey {
	t.Helper()
	key, err := task.NewAPIKey{Name: owner + "'s", Scope: task.ScopeWrite}.Make(owner, freshID(), "SECRET", time.Now().UTC().Truncate(time.Microsecond))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.tasks.AddAPIKey(t.Context(), task.Call{Owner: owner}, key); err != nil {
		t.Fatal(err)
	}
	return key
}

func TestAKeyIsFoundByItsIdAndSeenByItsOwnerOnly(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	hers, his := s.key(t, "alice"), s.key(t, "bob")
	for _, want := range []task.APIKey{hers, his} {
		got, err := s.store.FindAPIKey(t.Context(), want.ID)
		if err != nil || time.Since(got.LastUsedAt) > time.Minute {
			t.Errorf("found %+v, %v", got, err)
		}
		got.LastUsedAt = time.Time{}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		listed, err := s.store.APIKeys(t.Context(), want.Owner)
		if err != nil || len(listed) != 1 || listed[0].ID != want.ID {
			t.Errorf("%s has %+v, %v", want.Owner, listed, err)
		}
	}
	if err := s.tasks.RevokeAPIKey(t.Context(), task.Call{Owner: "bob"}, hers.ID); !errors.Is(err, task.ErrNoAPIKey) {
		t.Errorf("another's is revoked: %v", err)
	}
	if err := s.tasks.RevokeAPIKey(t.Context(), task.Call{Owner: "alice"}, hers.ID); err != nil {
		t.Error(err)
	}
	if got, err := s.store.FindAPIKey(t.Context(), hers.ID); !errors.Is(err, task.ErrNoAPIKey) {
		t.Errorf("found %+v, %v", got, err)
	}
}

func TestUsingAKeyIsNotedNowAndThen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	key := s.key(t, "alice")
	used := func() time.Time {
		t.Helper()
		got, err := s.store.FindAPIKey(t.Context(), key.ID)
		if err != nil {
			t.Fatal(err)
		}
		return got.LastUsedAt
	}
	first := used()
	if again := used(); !again.Equal(first) {
		t.Errorf("noted at %v and %v", first, again)
	}
	s.exec(t, `update api_keys set last_used_at = last_used_at - interval '11 minutes'`)
	if again := used(); again.Before(first) {
		t.Errorf("noted at %v, and later at %v", first, again)
	}
}

func TestAnInstalledKeyTakesThePlaceOfTheOneBefore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	other := s.key(t, "alice")
	install := func(id task.ID, secret string) task.APIKey {
		t.Helper()
		key, err := task.NewAPIKey{Name: "installed", Scope: task.ScopeWrite}.Make("alice", id, secret, time.Now())
		if err == nil {
			err = postgres.InstallAPIKey(t.Context(), s.admin, key)
		}
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	first := install(freshID(), "FIRST")
	install(first.ID, "FIRST") // as every upgrade does
	install(first.ID, "OTHER")
	if got, err := s.store.FindAPIKey(t.Context(), first.ID); err != nil || got.Opens("FIRST", time.Now()) || !got.Opens("OTHER", time.Now()) {
		t.Errorf("with another secret it is %+v, %v", got, err)
	}
	second := install(freshID(), "SECOND")
	if _, err := s.store.FindAPIKey(t.Context(), first.ID); !errors.Is(err, task.ErrNoAPIKey) {
		t.Errorf("the one before: %v", err)
	}
	for _, id := range []task.ID{second.ID, other.ID} {
		if _, err := s.store.FindAPIKey(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
}

func TestKeySetsAreKeptBySourceTheNewestOfThem(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if document, _, err := s.store.KeySet(t.Context(), "https://a"); err != nil || document != nil {
		t.Errorf("%s, %v", document, err)
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	for _, keep := range []struct {
		document string
		at       time.Time
	}{{"first", now}, {"late", now.Add(-time.Second)}, {"second", now.Add(time.Second)}} {
		if err := s.store.KeepKeySet(t.Context(), "https://a", []byte(keep.document), keep.at); err != nil {
			t.Fatal(err)
		}
	}
	document, fetched, err := s.store.KeySet(t.Context(), "https://a")
	if err != nil || string(document) != "second" || !fetched.Equal(now.Add(time.Second)) {
		t.Errorf("%s of %v, %v", document, fetched, err)
	}
	if document, _, err := s.store.KeySet(t.Context(), "https://b"); err != nil || document != nil {
		t.Errorf("%s, %v", document, err)
	}
}
