// Package web is the front door's own part: a proxy from one origin to the
// functions, the task page, and the pages about the API. In Go it knows HTTP
// but nothing of tasks; the page, in page/, is a client like any other.
package web

import (
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// Door passes requests on to functions. Set the fields before the first.
type Door struct {
	// URL returns the scheme and host under which the client sees the service.
	URL func(*http.Request) string
	// Trusts reports whether what a request says of its way here is believed.
	Trusts func(*http.Request) bool
	// StartTime is how long a function may take to start before it answers.
	StartTime time.Duration
	// Concurrency is how many requests one function is given at once.
	Concurrency int
	// Ending is closed when the process is about to end; nil: never.
	Ending <-chan struct{}
	// Around, if set, returns what goes around the transport to functions.
	Around func(http.RoundTripper) http.RoundTripper

	once      sync.Once
	transport *http.Transport
	carrier   http.RoundTripper // the transport and what goes around it
}

// The times that connecting takes at most, and how long a connection is kept
// unused: functions close theirs after two minutes, and a request must not
// meet one that is closing.
const (
	dialTime     = 5 * time.Second
	continueTime = time.Second
	idleTime     = time.Minute
)

// maxHeader is the most an answer's header may have, in bytes.
const maxHeader = 64 << 10

// carry returns what requests to functions go over.
func (d *Door) carry() http.RoundTripper {
	d.connections()
	return d.carrier
}

// connections returns what all functions are asked over. Where a kept
// connection turns out to be dead, net/http repeats a request by itself: one of
// which nothing was sent, that only reads, or that has an Idempotency-Key.
// Nothing else is ever tried twice.
func (d *Door) connections() *http.Transport {
	d.once.Do(func() {
		protocols := new(http.Protocols)
		protocols.SetHTTP1(true)
		d.transport = &http.Transport{
			DialContext:            (&net.Dialer{Timeout: dialTime}).DialContext,
			TLSHandshakeTimeout:    dialTime,
			ExpectContinueTimeout:  continueTime,
			IdleConnTimeout:        idleTime,
			MaxIdleConnsPerHost:    d.Concurrency,
			MaxResponseHeaderBytes: maxHeader,
			DisableCompression:     true, // what the client and the function agree on passes through
			Protocols:              protocols,
		}
		d.carrier = d.transport
		if d.Around != nil {
			d.carrier = d.Around(d.transport)
		}
	})
	return d.transport
}

// Close frees the connections that are kept.
func (d *Door) Close() { d.connections().CloseIdleConnections() }

// Function is one function behind the door.
type Function struct {
	door     *Door
	at       *url.URL
	inFlight atomic.Int64
}

// To returns the function at a scheme and host.
func (d *Door) To(at *url.URL) *Function { return &Function{door: d, at: at} }

// Within returns what passes a request on to the function, which may take a
// while for it once it has started. The error is one of this package's, or
// that of the request's context where the client went away. One that comes
// after the answer began means that it broke off.
func (f *Function) Within(limit time.Duration) func(http.ResponseWriter, *http.Request) error {
	limit += f.door.StartTime
	return func(w http.ResponseWriter, r *http.Request) error {
		defer f.inFlight.Add(-1)
		if f.inFlight.Add(1) > int64(f.door.Concurrency) {
			return ErrBusy
		}
		p := &passage{ResponseWriter: w, function: f, header: http.Header{}}
		return p.carry(r, limit)
	}
}
