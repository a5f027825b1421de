package serve

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// side is one listener and the server behind it.
type side struct {
	name     string // api or metrics
	listener *listener
	server   *http.Server
	done     chan struct{} // closed once nothing more is accepted
}

// listen binds addr, which is host:port.
func listen(name, addr string, server *http.Server) (*side, error) {
	bound, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", addr, reason(err))
	}
	return &side{name, &listener{TCPListener: bound.(*net.TCPListener)}, server, make(chan struct{})}, nil
}

// serve accepts until the listener closes, and says why it did.
func (s *side) serve() error {
	defer close(s.done)
	return fmt.Errorf("serving %s on %s: %w", s.name, s.listener.Addr(), s.server.Serve(s.listener))
}

// reason strips what net says about the call, which repeats the address.
func reason(err error) error {
	var code syscall.Errno
	if errors.As(err, &code) {
		return code
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

const (
	// backlogQuiet is how long nobody must have connected before a stopping
	// listener closes: closing resets what the kernel has queued.
	backlogQuiet = 200 * time.Microsecond
	// backlogLimit ends that wait where connections keep coming.
	backlogLimit = 50 * time.Millisecond
)

// listener can stop without resetting the connections that wait in its queue.
type listener struct {
	*net.TCPListener
	limit atomic.Pointer[time.Time]
}

// stop makes Accept take what is queued, then close the listener.
func (l *listener) stop() {
	now := time.Now()
	limit := now.Add(backlogLimit)
	l.limit.Store(&limit)
	l.SetDeadline(now)
}

// Accept waits for the next connection. After stop it ends in net.ErrClosed,
// because net/http would retry on a deadline.
func (l *listener) Accept() (net.Conn, error) {
	conn, err := l.TCPListener.Accept()
	if errors.Is(err, os.ErrDeadlineExceeded) && time.Now().Before(*l.limit.Load()) {
		// A deadline that has passed hides the queue; a new one shows it.
		l.SetDeadline(time.Now().Add(backlogQuiet))
		conn, err = l.TCPListener.Accept()
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		l.Close()
		return nil, net.ErrClosed
	}
	return conn, err
}
