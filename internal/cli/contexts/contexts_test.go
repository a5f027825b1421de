package contexts_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zalando/go-keyring"

	"todo-app/internal/cli/contexts"
)

// memory is a keyring that forgets with the test.
type memory map[string]string

func (m memory) Get(name string) (string, error) {
	if secret, ok := m[name]; ok {
		return secret, nil
	}
	return "", keyring.ErrNotFound
}
func (m memory) Set(name, secret string) error { m[name] = secret; return nil }
func (m memory) Delete(name string) error {
	if _, ok := m[name]; !ok {
		return keyring.ErrNotFound
	}
	delete(m, name)
	return nil
}

// none is a machine without a keyring.
type none struct{}

var errNone = errors.New("there is no keyring")

func (none) Get(string) (string, error) { return "", errNone }
func (none) Set(string, string) error   { return errNone }
func (none) Delete(string) error        { return errNone }

func open(t *testing.T, v contexts.Vault) *contexts.Book {
	return &contexts.Book{Dir: filepath.Join(t.TempDir(), "a", "b"), Vault: v}
}

func put(t *testing.T, b *contexts.Book, name, url, credential string, want contexts.Place) {
	t.Helper()
	got, err := b.Put(name, url, credential)
	if diff := cmp.Diff(contexts.Context{Name: name, URL: strings.TrimSuffix(url, "/"), Credential: want}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// has fails the test unless a context has this credential.
func has(t *testing.T, b *contexts.Book, name, want string) {
	t.Helper()
	c, err := b.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := b.Credential(c); err != nil || got != want {
		t.Errorf("the credential of %s is %q, %v", name, got, err)
	}
}

func TestContextsAreRememberedWithTheirCredentials(t *testing.T) {
	t.Parallel()
	vault := memory{}
	for _, b := range []*contexts.Book{open(t, vault), open(t, none{})} {
		place := contexts.File
		if b.Vault != contexts.Vault(none{}) {
			place = contexts.Keyring
		}
		if all, current, err := b.All(); len(all) != 0 || current != "" || err != nil {
			t.Error("an empty book has", all, current, err)
		}
		put(t, b, "work", "https://todo.example/", "secret of work", place)
		put(t, b, "home", "http://localhost:8080", "", contexts.Nowhere)
		put(t, b, "play", "http://127.0.0.1:1", "secret of play", place)
		put(t, b, "home", "http://localhost:9090", "secret of home", place)
		has(t, b, "work", "secret of work")
		has(t, b, "", "secret of home") // the one added last is the current one
		if err := b.Use("work"); err != nil {
			t.Error(err)
		}
		has(t, b, "", "secret of work")
		if err := errors.Join(b.SignOut("work"), b.SignOut("work"), b.Remove("play")); err != nil {
			t.Error(err)
		}
		has(t, b, "work", "")
		all, current, err := b.All()
		if diff := cmp.Diff([]contexts.Context{{"home", "http://localhost:9090", place}, {"work", "https://todo.example", contexts.Nowhere}}, all); err != nil || diff != "" || current != "work" {
			t.Errorf("%v, the current one is %q (-want +got):\n%s", err, current, diff)
		}
		if err := b.Remove("work"); err != nil {
			t.Error(err)
		}
		if _, err := b.Get(""); !errors.Is(err, contexts.ErrUnknown) {
			t.Error("without a current one there is", err)
		}
		for _, err := range []error{b.Use("work"), b.SignOut("work"), b.Remove("work")} {
			if !errors.Is(err, contexts.ErrUnknown) {
				t.Error(err)
			}
		}
	}
	if len(vault) != 1 {
		t.Error("the keyring still has", vault)
	}
}

func TestOnlyTheOwnerMayReadWhatIsKept(t *testing.T) {
	t.Parallel()
	b := open(t, none{})
	put(t, b, "work", "https://todo.example", "secret", contexts.File)
	for name, want := range map[string]os.FileMode{".": 0o700, "contexts.json": 0o600, "credentials.json": 0o600} {
		info, err := os.Stat(filepath.Join(b.Dir, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has %v, %v", name, info.Mode(), err)
		}
	}
	if text, err := os.ReadFile(filepath.Join(b.Dir, "contexts.json")); err != nil || strings.Contains(string(text), "secret") {
		t.Errorf("contexts.json: %s, %v", text, err)
	}
	if err := os.Chmod(filepath.Join(b.Dir, "credentials.json"), 0o640); err != nil {
		t.Fatal(err)
	}
	c, err := b.Get("work")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Credential(c); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Error("what others may read is used:", err)
	}
	if left, _ := filepath.Glob(filepath.Join(b.Dir, ".new-*")); len(left) > 0 {
		t.Error("it leaves", left)
	}
}

func TestWhatIsNoContextIsRefused(t *testing.T) {
	t.Parallel()
	b := open(t, memory{})
	for _, name := range []string{"", "Work", "a b", "../x", strings.Repeat("x", 51), "\x1b"} {
		if _, err := b.Put(name, "http://x", ""); err == nil {
			t.Errorf("the name %q is taken", name)
		}
	}
	for _, url := range []string{"", "x", "ftp://x", "http://", "http://x/api", "http://u:p@x", "http://x?a=b", "http://x#f", "http://x\x00"} {
		if _, err := b.Put("x", url, ""); err == nil {
			t.Errorf("the address %q is taken", url)
		}
	}
	if _, err := os.Stat(b.Dir); !os.IsNotExist(err) {
		t.Error("something was written:", err)
	}
}

func TestFilesThatCannotBeReadAreNamed(t *testing.T) {
	t.Parallel()
	b := open(t, none{})
	put(t, b, "work", "https://todo.example", "secret", contexts.File)
	c, err := b.Get("work")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"credentials.json", "contexts.json"} {
		if err := os.WriteFile(filepath.Join(b.Dir, name), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, credential := b.Credential(c)
		_, get := b.Get("work")
		if err := errors.Join(credential, get); err == nil || !strings.Contains(err.Error(), name) {
			t.Error(err)
		}
	}
}

func TestAKeyringThatFailsIsNotTakenForOneThatIsEmpty(t *testing.T) {
	t.Parallel()
	b := open(t, memory{})
	put(t, b, "work", "https://todo.example", "secret", contexts.Keyring)
	b.Vault = none{}
	c, err := b.Get("work")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Credential(c); !errors.Is(err, errNone) {
		t.Error(err)
	}
	if err := b.SignOut("work"); !errors.Is(err, errNone) {
		t.Error(err)
	}
}

func TestTheSystemsKeyringIsAsked(t *testing.T) {
	keyring.MockInit() // there is none where tests run
	v := contexts.SystemKeyring{}
	if err := v.Set("work", "secret"); err != nil {
		t.Fatal(err)
	}
	if secret, err := v.Get("work"); err != nil || secret != "secret" {
		t.Error(secret, err)
	}
	if err := v.Delete("work"); err != nil {
		t.Error(err)
	}
	if _, err := v.Get("work"); !errors.Is(err, keyring.ErrNotFound) {
		t.Error(err)
	}
}
