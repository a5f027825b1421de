package contexts

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/zalando/go-keyring"
)

// Vault keeps secrets by name.
type Vault interface {
	Get(name string) (string, error)
	Set(name, secret string) error
	Delete(name string) error
}

// Credential returns what signs in to a context, "" where nothing does.
func (b *Book) Credential(c Context) (string, error) {
	switch c.Credential {
	case Keyring:
		secret, err := b.Vault.Get(c.Name)
		if err != nil {
			return "", fmt.Errorf("asking the keyring for the credential of context %q: %w", c.Name, err)
		}
		return secret, nil
	case File:
		secrets, err := b.secrets()
		return secrets[c.Name], err
	}
	return "", nil
}

// keep puts a credential into the keyring, or into the file where that has
// no place for it, and says which.
func (b *Book) keep(name, credential string) (Place, error) {
	if credential == "" {
		return Nowhere, nil
	}
	if b.Vault.Set(name, credential) == nil {
		return Keyring, nil
	}
	secrets, err := b.secrets()
	if err != nil {
		return "", err
	}
	secrets[name] = credential
	return File, b.replace(b.secretsPath(), secrets)
}

// forget removes a credential. One that is not there is none.
func (b *Book) forget(c Context) error {
	switch c.Credential {
	case Keyring:
		if err := b.Vault.Delete(c.Name); err != nil && !errors.Is(err, keyring.ErrNotFound) {
			return fmt.Errorf("removing the credential of context %q from the keyring: %w", c.Name, err)
		}
	case File:
		secrets, err := b.secrets()
		if err != nil {
			return err
		}
		delete(secrets, c.Name)
		return b.replace(b.secretsPath(), secrets)
	}
	return nil
}

func (b *Book) secretsPath() string { return filepath.Join(b.Dir, "credentials.json") }

// secrets reads the file of credentials, by context.
func (b *Book) secrets() (map[string]string, error) {
	path, secrets := b.secretsPath(), map[string]string{}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return secrets, nil
	}
	if err == nil {
		err = private(path)
	}
	if err == nil {
		err = json.Unmarshal(text, &secrets)
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return secrets, nil
}

// private refuses a file that others may read. Windows keeps a user's folder
// from others by itself, and has no such modes.
func private(path string) error {
	info, err := os.Stat(path)
	if err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return errors.New("others may read it: take that from them with chmod 600")
	}
	return err
}

// SystemKeyring is the keyring of macOS, of Windows, and of Linux desktops by
// the Secret Service.
type SystemKeyring struct{}

// service is what the keyring shows the credentials under.
const service = "todo-app"

// Get implements Vault.
func (SystemKeyring) Get(name string) (string, error) {
	return inTime(func() (string, error) { return keyring.Get(service, name) })
}

// Set implements Vault.
func (SystemKeyring) Set(name, secret string) error {
	_, err := inTime(func() (string, error) { return "", keyring.Set(service, name, secret) })
	return err
}

// Delete implements Vault.
func (SystemKeyring) Delete(name string) error {
	_, err := inTime(func() (string, error) { return "", keyring.Delete(service, name) })
	return err
}

// keyringTime is how long a keyring may take: its owner may have to unlock it.
const keyringTime = 30 * time.Second

var errKeyring = fmt.Errorf("it did not answer within %v", keyringTime)

// inTime gives up on what cannot be cancelled.
func inTime(do func() (string, error)) (string, error) {
	type result struct {
		secret string
		err    error
	}
	done := make(chan result, 1)
	go func() {
		secret, err := do()
		done <- result{secret, err}
	}()
	select {
	case r := <-done:
		return r.secret, r.err
	case <-time.After(keyringTime):
		return "", errKeyring
	}
}
