package app

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// env reads settings and gathers every fault, so that an operator sees them
// all at once.
type env struct {
	lookup func(string) (string, bool)
	read   func(string) ([]byte, error)
	faults []error
}

func systemEnv() *env { return &env{lookup: os.LookupEnv, read: os.ReadFile} }

func (e *env) fault(name, format string, args ...any) {
	e.faults = append(e.faults, fmt.Errorf("%s %w", name, fmt.Errorf(format, args...)))
}

// err joins the faults, one to a line.
func (e *env) err() error { return errors.Join(e.faults...) }

// text returns a setting, or byDefault if it is absent or empty.
func (e *env) text(name, byDefault string) string {
	if value, ok := e.lookup(name); ok && value != "" {
		return value
	}
	return byDefault
}

// secret returns a setting that may be given in a file named by NAME_FILE
// instead, as mounted secrets are. A line end after it is no part of it.
func (e *env) secret(name string) string {
	value := e.text(name, "")
	path := e.text(name+"_FILE", "")
	switch {
	case path == "":
		return value
	case value != "":
		e.fault(name, "and %s_FILE are both set: keep one", name)
		return ""
	}
	content, err := e.read(path)
	if err != nil {
		e.fault(name+"_FILE", "cannot be read: %w", err)
		return ""
	}
	if value = strings.TrimRight(string(content), "\r\n"); value == "" {
		e.fault(name+"_FILE", "names %s, which is empty", path)
	}
	return value
}

// number returns a whole number from low to high.
func (e *env) number(name string, byDefault, low, high int) int {
	value := e.text(name, "")
	if value == "" {
		return byDefault
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < low || n > high {
		e.fault(name, "must be a whole number from %d to %d, not %q", low, high, value)
		return byDefault
	}
	return n
}

// parsed returns a setting that parse understands.
func parsed[T any](e *env, name, byDefault string, parse func(string) (T, error)) T {
	value, err := parse(e.text(name, byDefault))
	if err != nil {
		e.fault(name, "%w", err)
	}
	return value
}
