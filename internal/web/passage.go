package web

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/http/httputil"
	"sync"
	"sync/atomic"
	"time"
)

// passage is one request on its way to a function, and the writer of its
// answer.
type passage struct {
	http.ResponseWriter             // the client's
	header              http.Header // of the answer, until that begins
	begun               bool
	function            *Function
	deadline            *time.Timer
	stream              bool   // the answer has no end of its own, and may be asked for again
	streaming           func() // runs beside such an answer

	sent     atomic.Bool // to a function: from then on the request may have had an effect
	cutShort atomic.Bool // the client's body broke off
	failure  error       // as the proxy saw it
}

// answerTime is how long after a function's deadline the client may take to
// read what became of the request; in a stream, how long for each part.
const answerTime = 30 * time.Second

// carry passes the request on and returns what kept it from being answered.
func (p *passage) carry(r *http.Request, limit time.Duration) error {
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	p.deadline = time.AfterFunc(limit, func() { cancel(ErrTimeout) })
	defer p.deadline.Stop()
	out := r.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteHeaders: func() { p.sent.Store(true) },
	}))
	out.Header = r.Header.Clone()
	out.Header.Del("Upgrade") // no function speaks another protocol
	client := http.NewResponseController(p.ResponseWriter)
	_ = client.SetWriteDeadline(time.Now().Add(limit + answerTime)) // a writer that has no connection has no deadline
	if r.ContentLength != 0 {
		// A function that starts does not read yet. Ours is the first to end the
		// request: the server takes the end of this one for the client's leaving.
		_ = client.SetReadDeadline(time.Now().Add(limit + time.Second))
		out.Body = &upload{r.Body, r.ContentLength, &p.cutShort}
	}
	over := make(chan struct{})
	defer close(over)
	p.streaming = func() { p.endWith(over, func() { cancel(errEnding) }) }
	broken := p.proxy(out)
	switch {
	case p.failure == nil && !broken:
		return nil
	case context.Cause(ctx) == errEnding:
		return context.Canceled
	case context.Cause(ctx) == ErrTimeout: // whichever came first is the cause
		return because(ErrTimeout, p.failure)
	case r.Context().Err() != nil:
		return r.Context().Err()
	case p.cutShort.Load():
		return because(ErrCutShort, p.failure)
	case p.absent():
		return because(ErrAbsent, p.failure)
	case !p.sent.Load():
		return because(ErrUnreachable, p.failure)
	case p.failure == nil: // writing failed and reading did not
		return context.Canceled
	}
	return because(ErrBroken, p.failure)
}

// absent reports whether there is nobody of the function's name.
func (p *passage) absent() bool {
	var resolving *net.DNSError
	return errors.Is(p.failure, errNoSuchHost) || errors.As(p.failure, &resolving) && resolving.IsNotFound
}

// endWith cuts a stream when the door is to close: it would not end in time,
// and who reads it goes on elsewhere.
func (p *passage) endWith(over <-chan struct{}, cut func()) {
	select {
	case <-p.function.door.Ending:
		cut()
	case <-over:
	}
}

// proxy reports whether an answer that had begun broke off.
func (p *passage) proxy(r *http.Request) (broken bool) {
	defer func() {
		if reason := recover(); reason == http.ErrAbortHandler {
			broken = true
		} else if reason != nil {
			panic(reason)
		}
	}()
	proxy := httputil.ReverseProxy{
		Rewrite:        p.rewrite,
		Transport:      p.function.door.carry(),
		FlushInterval:  -1,
		BufferPool:     buffers{},
		ErrorLog:       quiet,
		ModifyResponse: p.check,
		ErrorHandler:   func(_ http.ResponseWriter, _ *http.Request, err error) { p.failure = err },
	}
	proxy.ServeHTTP(p, r)
	return false
}

// extend gives a client that reads a stream time for its next part.
func (p *passage) extend() {
	_ = http.NewResponseController(p.ResponseWriter).SetWriteDeadline(time.Now().Add(answerTime))
}

// Header implements http.ResponseWriter.
func (p *passage) Header() http.Header {
	if p.begun {
		return p.ResponseWriter.Header() // for trailers
	}
	return p.header
}

// WriteHeader implements http.ResponseWriter. What comes before the answer
// itself ends here: the server asks clients to go on by itself.
func (p *passage) WriteHeader(code int) {
	if code < http.StatusOK || p.begun {
		return
	}
	p.begun = true
	header := p.ResponseWriter.Header()
	for name, values := range p.header {
		if !own[name] {
			header[name] = values
		}
	}
	if p.stream {
		p.deadline.Stop()
		p.extend()
		go p.streaming()
	}
	p.ResponseWriter.WriteHeader(code)
}

// Write implements http.ResponseWriter.
func (p *passage) Write(b []byte) (int, error) {
	if p.stream {
		p.extend()
	}
	return p.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (p *passage) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// upload is the client's body; it notes when that breaks off.
type upload struct {
	io.ReadCloser
	left     int64 // negative: not known
	cutShort *atomic.Bool
}

// Read implements io.Reader. That nothing is left it says by itself: once the
// answer has begun the server refuses to, and net/http would break the answer off.
func (u *upload) Read(b []byte) (int, error) {
	if u.left == 0 {
		return 0, io.EOF
	}
	n, err := u.ReadCloser.Read(b)
	u.left -= int64(n)
	if err != nil && err != io.EOF && err != http.ErrBodyReadAfterClose {
		u.cutShort.Store(true)
	}
	return n, err
}

// buffers lends what bodies are copied through.
type buffers struct{}

var pool = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// Get implements httputil.BufferPool.
func (buffers) Get() []byte { return pool.Get().(*[32 << 10]byte)[:] }

// Put implements httputil.BufferPool.
func (buffers) Put(b []byte) { pool.Put((*[32 << 10]byte)(b)) }
