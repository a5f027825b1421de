package httpapi

import (
	"net/http"
	"sync/atomic"
	"time"
)

// Load is what a process has served since it started. Probes are no part of
// it.
type Load struct {
	Requests int64
	Failed   int64         // answered with 5xx
	Busiest  int           // the most at once
	Cold     time.Duration // from the start of the process to its first request; 0 before that
}

// load counts towards a Load.
type load struct {
	requests, failed, now, busiest, cold atomic.Int64
}

// Load returns what the process has served so far.
func (a *API) Load() Load {
	return Load{
		Requests: a.load.requests.Load(), Failed: a.load.failed.Load(), Busiest: int(a.load.busiest.Load()), Cold: time.Duration(a.load.cold.Load()),
	}
}

// begin counts a request that begins, and returns how long the process ran
// before its first, 0 with every later one: on Knative that request is the one
// that woke the pod.
func (a *API) begin(now time.Time) (cold time.Duration) {
	l := &a.load
	n := l.now.Add(1)
	for most := l.busiest.Load(); n > most && !l.busiest.CompareAndSwap(most, n); most = l.busiest.Load() {
	}
	if l.requests.Add(1) == 1 {
		cold = max(1, now.Sub(a.Started))
		l.cold.Store(int64(cold))
	}
	return cold
}

// end counts its answer.
func (a *API) end(status int) {
	a.load.now.Add(-1)
	if status >= http.StatusInternalServerError {
		a.load.failed.Add(1)
	}
}
