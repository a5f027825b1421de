package web

import (
	"errors"
	"fmt"
	"io"
	"log"
)

// What can become of a request that is not answered by its function.
var (
	// ErrBusy says that the function has as many requests as it may: this one
	// was not passed on.
	ErrBusy = errors.New("the function is given no more requests at once")
	// ErrUnreachable says that nothing was sent to the function: the request had
	// no effect.
	ErrUnreachable = errors.New("the function cannot be reached")
	// ErrAbsent is an ErrUnreachable that says why: nobody knows the function's
	// name, so that it is not deployed, or not yet.
	ErrAbsent = fmt.Errorf("%w: nobody knows its name", ErrUnreachable)
	// ErrBroken says that the function, or something before it, answered what
	// is no answer, or broke off.
	ErrBroken = errors.New("the function did not answer properly")
	// ErrTimeout says that the function did not answer in time.
	ErrTimeout = errors.New("the function did not answer in time")
	// ErrCutShort says that the client's body was not well formed, so that its
	// end cannot be told.
	ErrCutShort = errors.New("the body did not arrive whole")
)

// errEnding ends a stream because the door is about to close.
var errEnding = errors.New("the door is about to close")

// errNoSuchHost is what something on the way to a function says of its host.
var errNoSuchHost = errors.New("status 404 that is no function's")

// because joins what happened and why, which may be unknown.
func because(what, why error) error {
	if why == nil {
		return what
	}
	return fmt.Errorf("%w: %w", what, why)
}

// quiet keeps the proxy from logging what its caller returns as an error.
var quiet = log.New(io.Discard, "", 0)
