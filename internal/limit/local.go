package limit

import (
	"sync"
	"time"
)

// local is the allowances of owners in this process.
type local struct {
	mu  sync.Mutex
	due map[string]time.Time // as in Rate.take
}

// maxOwners bounds what is remembered. Those who have asked for nothing lately
// are forgotten first, which loses nothing: their allowance is full.
const maxOwners = 10_000

func (l *local) take(owner string, r Rate, now time.Time) Allowance {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.due[owner]; !known && len(l.due) >= maxOwners {
		l.forget(now)
	}
	if l.due == nil {
		l.due = map[string]time.Time{}
	}
	a, due := r.take(l.due[owner], now)
	l.due[owner] = due
	return a
}

// forget drops the owners whose allowance is full, or all if none is: with so
// many at once each is held to a bound by the others already.
func (l *local) forget(now time.Time) {
	for owner, due := range l.due {
		if !due.After(now) {
			delete(l.due, owner)
		}
	}
	if len(l.due) >= maxOwners {
		clear(l.due)
	}
}
