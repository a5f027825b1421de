package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// stalled is how long the other side of a long exchange may take for its next
// part: as long as the front door gives a client.
const stalled = 30 * time.Second

// exchange is a request whose body or answer is too long to be held, and may
// take longer than the server gives others.
type exchange struct {
	ctx     context.Context
	ending  <-chan struct{}
	control *http.ResponseController
	w       http.ResponseWriter
	body    io.Reader
	until   time.Time         // when reading it ends; zero: when nothing comes for a while
	asked   bool              // for the body: a client may wait to be (RFC 9110, section 10.1.1)
	waits   bool              // whether this one does
	begin   func(http.Header) // completes the header before the first part of the answer; nil: nothing to do
}

func (r *request) exchange(w http.ResponseWriter) *exchange {
	return &exchange{ctx: r.Context(), ending: r.api.Ending, control: http.NewResponseController(w), w: w, body: r.Body, waits: r.Header.Get("Expect") != ""}
}

// errEnding ends a long exchange when the process does. The client that asks
// again reaches another.
var errEnding = &Problem{Status: http.StatusServiceUnavailable, Detail: "the function is about to end; ask again"}

var errCutShort = &Problem{Status: http.StatusBadRequest, Detail: "the body did not arrive whole"}

// open returns why the exchange must not go on, if it must not.
func (x *exchange) open() error {
	select {
	case <-x.ending:
		return errEnding
	default:
		return x.ctx.Err()
	}
}

// Write implements io.Writer. It gives up on a client that reads nothing.
func (x *exchange) Write(b []byte) (int, error) {
	if err := x.open(); err != nil {
		return 0, err
	}
	if x.begin != nil {
		x.begin(x.w.Header())
		x.begin = nil
	}
	x.answerable()
	n, err := x.w.Write(b)
	if err != nil {
		err = fmt.Errorf("%w: %w", context.Canceled, err)
	}
	return n, err
}

// answerable gives the client time to take what is written next, however long
// the exchange has gone on.
func (x *exchange) answerable() {
	_ = x.control.SetWriteDeadline(time.Now().Add(stalled)) // a writer that has no connection has no deadline
}

// send writes a part of the answer that is not to wait for the next.
func (x *exchange) send(b []byte) error {
	_, err := x.Write(b)
	if err == nil {
		if err = x.control.Flush(); err != nil {
			err = fmt.Errorf("%w: %w", context.Canceled, err)
		}
	}
	return err
}

// Read implements io.Reader. It gives up on a client that sends nothing.
func (x *exchange) Read(b []byte) (int, error) {
	if err := x.open(); err != nil {
		return 0, err
	}
	until := x.until
	if until.IsZero() {
		until = time.Now().Add(stalled)
	}
	_ = x.control.SetReadDeadline(until)
	x.asked = true
	n, err := x.body.Read(b)
	var p *Problem
	if err != nil && err != io.EOF && !errors.As(err, &p) {
		err = fmt.Errorf("%w: %w", errCutShort, err)
	}
	return n, err
}

// drain reads on a body that is refused, so many bytes of it and for as long
// as a client may take for one part, so that one that writes before it reads
// gets to see why.
func (x *exchange) drain(most int64) {
	if x.asked || !x.waits {
		x.until = time.Now().Add(stalled)
		_, _ = io.CopyN(io.Discard, x, most)
	}
	x.answerable()
}
