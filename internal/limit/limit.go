// Package limit bounds how often each owner may ask, over all processes by
// Redis and, where that cannot be asked, in each process by itself.
package limit

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Rate is how often something may happen: Burst times at once, and from then
// on once every Interval.
type Rate struct {
	Burst    int
	Interval time.Duration
}

// The bounds of a Rate. Redis counts in microseconds, as whole numbers that a
// double holds.
const (
	maxBurst   = 1_000_000
	maxPerTime = 1_000_000
)

// ParseRate reads a rate such as 50/s+250: fifty a second (or /m, or /h), and
// 250 at once. Without a burst it is what a time brings.
func ParseRate(s string) (Rate, error) {
	bad := fmt.Errorf("must be a rate such as 50/s, 600/m or 50/s+250, of at most %d at once, not %q", maxBurst, s)
	rate, more, hasBurst := strings.Cut(s, "+")
	count, unit, _ := strings.Cut(rate, "/")
	per := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[unit]
	n, err := strconv.Atoi(count)
	if err != nil || n < 1 || n > maxPerTime || per == 0 {
		return Rate{}, bad
	}
	r := Rate{Burst: n, Interval: max(per/time.Duration(n), time.Microsecond)}
	if hasBurst {
		if r.Burst, err = strconv.Atoi(more); err != nil || r.Burst < 1 || r.Burst > maxBurst {
			return Rate{}, bad
		}
	}
	return r, nil
}

// Allowance is what an owner has left.
type Allowance struct {
	OK        bool
	Remaining int           // how often more at once
	Full      time.Duration // until everything is there again
	Retry     time.Duration // until the next one is allowed, if this is not
}

// whole returns the time in which an empty allowance fills.
func (r Rate) whole() time.Duration { return time.Duration(r.Burst) * r.Interval }

// take is the generic cell rate algorithm (ATM Forum, Traffic Management 4.0,
// in its form for a token bucket): all there is to know of an owner is the
// moment, due, when the allowance will be full again.
func (r Rate) take(due, now time.Time) (Allowance, time.Time) {
	if due.Before(now) {
		due = now
	}
	next := due.Add(r.Interval)
	if over := next.Sub(now) - r.whole(); over > 0 {
		return Allowance{Retry: over, Full: due.Sub(now)}, due
	}
	return Allowance{OK: true, Remaining: int((r.whole() - next.Sub(now)) / r.Interval), Full: next.Sub(now)}, next
}

// Limiter holds owners to a rate.
type Limiter struct {
	Rate   Rate
	Shared Shared // nil: each process by itself
	Now    func() time.Time

	local local
}

// Shared takes from an owner's allowance over all processes. An error means
// that it could not be asked.
type Shared interface {
	Take(ctx context.Context, owner string, r Rate) (Allowance, error)
}

// Take takes one from an owner's allowance.
func (l *Limiter) Take(ctx context.Context, owner string) Allowance {
	if l.Shared != nil {
		if a, err := l.Shared.Take(ctx, owner, l.Rate); err == nil {
			return a
		}
	}
	return l.local.take(owner, l.Rate, l.Now())
}
