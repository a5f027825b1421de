package serve

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// idleGrace is how long a kept-alive connection must be quiet before the
	// drain closes it. http.Server.Shutdown closes idle ones at once and drops
	// a request that it reads at that moment; within the grace such a request
	// is served and told to close the connection.
	idleGrace = 100 * time.Millisecond
	// freshGrace is the same for a connection that has sent nothing yet.
	freshGrace = time.Second
	// drainPoll is how often the drain looks.
	drainPoll = 5 * time.Millisecond
)

// gate counts the requests in flight and, once the drain began, asks clients
// to leave: by Connection: close, which HTTP/2 turns into GOAWAY.
func (s *Server) gate() http.Handler {
	draining := s.Draining()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.inFlight.Add(1)
		defer s.inFlight.Add(-1)
		select {
		case <-draining:
			w.Header().Set("Connection", "close")
		default:
		}
		s.Handler.ServeHTTP(w, r)
	})
}

// drain stops accepting and lets requests that arrived on an accepted
// connection finish, within the time there is. The error counts those cut.
func (s *Server) drain(api *side) error {
	s.conns.begin()
	close(s.draining)
	api.listener.stop()
	<-api.done

	limit := cmp.Or(s.DrainTimeout, 25*time.Second)
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	s.conns.settle(ctx)
	err := api.server.Shutdown(ctx)
	if left := s.inFlight.Load(); err != nil && left > 0 {
		return fmt.Errorf("draining %s: %d requests cut after %s", api.listener.Addr(), left, limit)
	}
	return nil
}

// connections knows which ones a request may still arrive on.
type connections struct {
	mu       sync.Mutex
	open     int
	fresh    map[net.Conn]struct{} // accepted, nothing read yet
	draining bool
	lastIdle time.Time // when a connection last fell idle, kept during the drain
}

// track is a http.Server.ConnState hook.
func (c *connections) track(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.fresh, conn)
	switch state {
	case http.StateNew:
		c.open++
		if c.fresh == nil {
			c.fresh = make(map[net.Conn]struct{})
		}
		c.fresh[conn] = struct{}{}
	case http.StateIdle:
		if c.draining {
			c.lastIdle = time.Now()
		}
	case http.StateClosed, http.StateHijacked:
		c.open--
	}
}

func (c *connections) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.draining = true
}

// settle returns once no client is likely to be about to send: those that
// were have been answered with Connection: close, and the rest are quiet.
func (c *connections) settle(ctx context.Context) {
	tick := time.NewTicker(drainPoll)
	defer tick.Stop()
	for since := time.Now(); !c.settled(since); {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (c *connections) settled(since time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	waited := time.Since(since)
	if waited > freshGrace {
		for conn := range c.fresh {
			conn.Close()
		}
	}
	quiet := min(waited, time.Since(c.lastIdle))
	return c.open == 0 || len(c.fresh) == 0 && quiet >= idleGrace
}
