package function

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Env reads settings and gathers every fault, so that an operator sees them
// all at once.
type Env struct {
	lookup func(string) (string, bool)
	read   func(string) ([]byte, error)
	faults []error
}

// SystemEnv returns the environment of the process.
func SystemEnv() *Env { return &Env{lookup: os.LookupEnv, read: os.ReadFile} }

// Fault notes what is wrong with a setting.
func (e *Env) Fault(name, format string, args ...any) {
	e.Add(fmt.Errorf("%s %w", name, fmt.Errorf(format, args...)))
}

// Add notes a fault that names itself.
func (e *Env) Add(fault error) { e.faults = append(e.faults, fault) }

// Err joins the faults, one to a line.
func (e *Env) Err() error { return errors.Join(e.faults...) }

// Text returns a setting, or byDefault if it is absent or empty.
func (e *Env) Text(name, byDefault string) string {
	if value, ok := e.lookup(name); ok && value != "" {
		return value
	}
	return byDefault
}

// Secret returns a setting that may be given in a file named by NAME_FILE
// instead, as mounted secrets are. A line end after it is no part of it.
func (e *Env) Secret(name string) string {
	value := e.Text(name, "")
	path := e.Text(name+"_FILE", "")
	switch {
	case path == "":
		return value
	case value != "":
		e.Fault(name, "and %s_FILE are both set: keep one", name)
		return ""
	}
	content, err := e.read(path)
	if err != nil {
		e.Fault(name+"_FILE", "cannot be read: %w", err)
		return ""
	}
	if value = strings.TrimRight(string(content), "\r\n"); value == "" {
		e.Fault(name+"_FILE", "names %s, which is empty", path)
	}
	return value
}

// OptionalSecret returns a secret that need not be mounted: none where its file
// is not there.
func (e *Env) OptionalSecret(name string) string {
	if path := e.Text(name+"_FILE", ""); path != "" {
		if _, err := e.read(path); errors.Is(err, fs.ErrNotExist) {
			return e.Text(name, "")
		}
	}
	return e.Secret(name)
}

// Secrets returns the lines of a secret of which there may be several while it
// is being changed; nil without any. Among several, blanks at an end of one are
// more likely a slip than a part of it.
func (e *Env) Secrets(name string) []string {
	lines := slices.Collect(strings.FieldsFuncSeq(e.Secret(name), func(r rune) bool { return r == '\n' || r == '\r' }))
	if len(lines) > 1 && slices.ContainsFunc(lines, func(line string) bool { return strings.TrimSpace(line) != line }) {
		e.Fault(name, "has a line with blanks around it: they would be part of the secret")
	}
	return lines
}

// Number returns a whole number from low to high.
func (e *Env) Number(name string, byDefault, low, high int) int {
	value := e.Text(name, "")
	if value == "" {
		return byDefault
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < low || n > high {
		e.Fault(name, "must be a whole number from %d to %d, not %q", low, high, value)
		return byDefault
	}
	return n
}

// Parsed returns a setting that parse understands.
func Parsed[T any](e *Env, name, byDefault string, parse func(string) (T, error)) T {
	value, err := parse(e.Text(name, byDefault))
	if err != nil {
		e.Fault(name, "%w", err)
	}
	return value
}
