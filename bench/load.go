package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// load is a closed loop: each client sends its next request when it has the
// answer to the last.
type load struct {
	addr    string
	clients int
	status  int // the only one that counts; any other ends the run
	// next writes the i-th request of one client into b.
	next func(b []byte, client, i int) []byte
}

// same sends one request again and again.
func same(request []byte) func([]byte, int, int) []byte {
	return func(b []byte, _, _ int) []byte { return append(b, request...) }
}

// figures are what a turn measured.
type figures struct {
	rate     float64 // per second
	p50, p99 float64 // milliseconds
	requests int     // all of them, warm or not
	cpu      float64 // microseconds of every process for one request; see metered
}

// nothing reports that not one request fitted into the turn: the machine was
// busy elsewhere.
func (f figures) nothing() bool { return f.rate == 0 && math.IsNaN(f.p50) }

// warm is the part of a turn, at its beginning, that does not count.
const warm = 0.15

// run loads for a while.
func (l load) run(ctx context.Context, while time.Duration) (figures, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	began := time.Now()
	from := began.Add(time.Duration(warm * float64(while)))
	until := began.Add(while)
	took := make([][]time.Duration, l.clients)
	var requests atomic.Int64
	errs := make([]error, l.clients)
	var all sync.WaitGroup
	for i := range l.clients {
		all.Go(func() {
			if took[i], errs[i] = l.loop(ctx, i, from, until, &requests); errs[i] != nil {
				cancel()
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return figures{}, err
		}
	}
	f := summary(slices.Concat(took...), until.Sub(from))
	f.requests = int(requests.Load())
	return f, context.Cause(ctx)
}

// loop is one client's; it returns what the requests took that began and
// ended between from and until.
func (l load) loop(ctx context.Context, number int, from, until time.Time, requests *atomic.Int64) ([]time.Duration, error) {
	c, err := dial(l.addr)
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	if err := c.conn.SetDeadline(until.Add(exchangeTime)); err != nil {
		return nil, err
	}
	took := make([]time.Duration, 0, 1<<15)
	var b []byte
	for i := 0; ctx.Err() == nil; i++ {
		b = l.next(b[:0], number, i)
		sent := time.Now()
		status, err := c.do(b)
		if err != nil {
			return nil, fmt.Errorf("asking %s: %w", l.addr, err)
		}
		if status != l.status {
			return nil, fmt.Errorf("%s answered %d, not %d, to %q", l.addr, status, l.status, b[:min(len(b), 200)])
		}
		requests.Add(1)
		now := time.Now()
		if now.After(until) {
			break
		}
		if sent.After(from) {
			took = append(took, now.Sub(sent))
		}
	}
	return took, nil
}

func summary(took []time.Duration, during time.Duration) figures {
	if len(took) == 0 {
		return figures{p50: math.NaN(), p99: math.NaN()}
	}
	slices.Sort(took)
	at := func(q float64) float64 {
		return took[min(len(took)-1, int(q*float64(len(took))))].Seconds() * 1000
	}
	return figures{rate: float64(len(took)) / during.Seconds(), p50: at(0.50), p99: at(0.99)}
}

// turn is one contender's go.
type turn func(context.Context) (figures, error)

// inTurns gives every contender its rounds, one after another and every other
// time backwards, so that none has the quieter half of a minute.
func inTurns(ctx context.Context, rounds int, contenders ...turn) ([]results, error) {
	found := make([]results, len(contenders))
	for round := range rounds {
		for i := range contenders {
			if round%2 == 1 {
				i = len(contenders) - 1 - i
			}
			f, err := contenders[i](ctx)
			for again := 2; again > 0 && err == nil && f.nothing(); again-- {
				f, err = contenders[i](ctx)
			}
			if err != nil {
				return nil, err
			}
			found[i] = append(found[i], f)
		}
	}
	return found, nil
}

// results are one contender's, by round.
type results []figures

func (r results) rates() []float64 { return r.pick(func(f figures) float64 { return f.rate }) }
func (r results) p50s() []float64  { return r.pick(func(f figures) float64 { return f.p50 }) }
func (r results) p99s() []float64  { return r.pick(func(f figures) float64 { return f.p99 }) }

func (r results) cpus() []float64 { return r.pick(func(f figures) float64 { return f.cpu }) }

func (r results) pick(one func(figures) float64) []float64 {
	values := make([]float64, len(r))
	for i, f := range r {
		values[i] = one(f)
	}
	return values
}

// loading is the turn of a load.
func loading(l load, while time.Duration) turn {
	return func(ctx context.Context) (figures, error) { return l.run(ctx, while) }
}
