package httpapi

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"
)

// Load is what a process has served since it started. Probes are no part of
// it, nor is what a request asks within it.
type Load struct {
	Requests int64
	Failed   int64         // answered with 5xx
	Busiest  int           // the most at once
	Cold     time.Duration // from the start of the process to its first request; 0 before that
}

// load counts towards a Load.
type load struct {
	requests, failed, now, busiest, recent, cold atomic.Int64
}

// Load returns what the process has served so far.
func (a *API) Load() Load {
	return Load{
		Requests: a.load.requests.Load(), Failed: a.load.failed.Load(), Busiest: int(a.load.busiest.Load()), Cold: time.Duration(a.load.cold.Load()),
	}
}

// Busiest returns the most requests at once since it was last called, those
// that had begun before and went on included. Only one caller is told the whole.
func (a *API) Busiest() int {
	most := a.load.recent.Swap(0)
	raise(&a.load.recent, a.load.now.Load())
	return int(most)
}

type withinKey struct{}

// Within marks what a request asks in its own process, which is no load beside it.
func Within(ctx context.Context) context.Context { return context.WithValue(ctx, withinKey{}, true) }

func isWithin(ctx context.Context) bool { return ctx.Value(withinKey{}) != nil }

// raise sees to it that a count is no less than n.
func raise(count *atomic.Int64, n int64) {
	for most := count.Load(); n > most && !count.CompareAndSwap(most, n); most = count.Load() {
	}
}

// begin counts a request that begins, and returns how long the process ran
// before its first, 0 with every later one: on Knative that request is the one
// that woke the pod.
func (a *API) begin(now time.Time) (cold time.Duration) {
	l := &a.load
	n := l.now.Add(1)
	raise(&l.busiest, n)
	raise(&l.recent, n)
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
