// Package contexts remembers where the service is and what signs a person in
// there: named contexts in a file, credentials in the system's keyring or,
// where there is none, in a file that only its owner may read.
package contexts

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Context is one service as one person uses it.
type Context struct {
	Name       string `json:"name"`
	URL        string `json:"url"` // scheme and host
	Credential Place  `json:"credential"`
}

// Place says where a credential is kept.
type Place string

// The places; a service without sign-in needs no credential.
const (
	Nowhere Place = "none"
	Keyring Place = "keyring"
	File    Place = "file"
)

// Errors of Book.
var (
	ErrUnknown = errors.New("there is no context of this name")
	errName    = errors.New("must be 1 to 50 lower-case letters, digits, dots, dashes or underscores")
	errURL     = errors.New("must be the scheme and host of a service, such as http://localhost:8080")
)

// Book is the file of contexts, with the credentials beside it.
type Book struct {
	Dir   string
	Vault Vault
}

// contents is the file's form.
type contents struct {
	Current  string    `json:"current"`
	Contexts []Context `json:"contexts"`
}

// Open returns the book in the user's configuration folder.
func Open() (*Book, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return nil, fmt.Errorf("finding a place for contexts: %w", err)
	}
	return &Book{Dir: filepath.Join(dir, "todo-app"), Vault: SystemKeyring{}}, nil
}

// All returns the contexts in the order of their names, and the current one's
// name, which is "" where none has been chosen.
func (b *Book) All() (all []Context, current string, err error) {
	c, err := b.read()
	return c.Contexts, c.Current, err
}

// Get returns a context; "" is the current one.
func (b *Book) Get(name string) (Context, error) {
	c, err := b.read()
	if err != nil {
		return Context{}, err
	}
	if name == "" {
		name = c.Current
	}
	i, found := c.find(name)
	if !found {
		return Context{}, fmt.Errorf("context %q: %w", name, ErrUnknown)
	}
	return c.Contexts[i], nil
}

// Put adds a context or replaces the one of its name, makes it the current
// one, and keeps its credential, which is "" where the service needs none.
func (b *Book) Put(name, address, credential string) (Context, error) {
	if !isName.MatchString(name) {
		return Context{}, fmt.Errorf("the name %q %w", name, errName)
	}
	address, err := ParseURL(address)
	if err != nil {
		return Context{}, err
	}
	c, err := b.read()
	if err != nil {
		return Context{}, err
	}
	at, found := c.find(name)
	if found {
		if err := b.forget(c.Contexts[at]); err != nil {
			return Context{}, err
		}
		c.Contexts = slices.Delete(c.Contexts, at, at+1)
	}
	place, err := b.keep(name, credential)
	if err != nil {
		return Context{}, err
	}
	added := Context{Name: name, URL: address, Credential: place}
	c.Contexts = slices.Insert(c.Contexts, at, added)
	c.Current = name
	return added, b.write(c)
}

// Use makes a context the current one.
func (b *Book) Use(name string) error {
	c, err := b.read()
	if err != nil {
		return err
	}
	if _, found := c.find(name); !found {
		return fmt.Errorf("context %q: %w", name, ErrUnknown)
	}
	c.Current = name
	return b.write(c)
}

// SignOut removes a context's credential and leaves the context.
func (b *Book) SignOut(name string) error {
	return b.change(name, func(c *contents, i int) { c.Contexts[i].Credential = Nowhere })
}

// Remove removes a context with its credential. If it was the current one,
// there is none.
func (b *Book) Remove(name string) error {
	return b.change(name, func(c *contents, i int) {
		c.Contexts = slices.Delete(c.Contexts, i, i+1)
		if c.Current == name {
			c.Current = ""
		}
	})
}

// change removes the credential of a context, and what else do says.
func (b *Book) change(name string, do func(*contents, int)) error {
	c, err := b.read()
	if err != nil {
		return err
	}
	i, found := c.find(name)
	if !found {
		return fmt.Errorf("context %q: %w", name, ErrUnknown)
	}
	if err := b.forget(c.Contexts[i]); err != nil {
		return err
	}
	do(&c, i)
	return b.write(c)
}

var isName = regexp.MustCompile(`^[a-z0-9._-]{1,50}$`)

// ParseURL returns the scheme and host of a service, without a trailing slash.
// Anything more in an address is refused, because it would not be used.
func ParseURL(s string) (string, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
	case u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
	default:
		return u.Scheme + "://" + u.Host, nil
	}
	return "", fmt.Errorf("%q %w", s, errURL)
}

func (c contents) find(name string) (int, bool) {
	return slices.BinarySearchFunc(c.Contexts, name, func(one Context, name string) int { return strings.Compare(one.Name, name) })
}

func (b *Book) path() string { return filepath.Join(b.Dir, "contexts.json") }

func (b *Book) read() (c contents, err error) {
	text, err := os.ReadFile(b.path())
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		return c, fmt.Errorf("reading %s: %w", b.path(), err)
	}
	slices.SortFunc(c.Contexts, func(x, y Context) int { return strings.Compare(x.Name, y.Name) })
	return c, nil
}

func (b *Book) write(c contents) error { return b.replace(b.path(), c) }

// replace writes a file as a whole or not at all, for its owner alone.
func (b *Book) replace(path string, content any) (err error) {
	text, err := json.MarshalIndent(content, "", "  ")
	if err == nil {
		err = os.MkdirAll(b.Dir, 0o700)
	}
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(b.Dir, ".new-") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // in vain once it has been renamed
	_, err = f.Write(append(text, '\n'))
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
