package httpapi

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Allowance is what a caller may still ask for.
type Allowance struct {
	OK        bool
	Remaining int           // how many requests more at once
	Full      time.Duration // until all are there again
	Retry     time.Duration // until the next is served, if this is not
}

// Bounds hold callers to what one process, and one owner, may ask of it. Its
// zero value bounds nothing.
type Bounds struct {
	// Take takes one request from an owner's allowance; nil: as many as they like.
	Take func(r *http.Request, owner string) Allowance
	// Policy is the RateLimit-Policy that Take follows.
	Policy string

	// Work and Waits say how many requests are served at once, of those that
	// work and of those that mostly wait; more are refused. An owner may have a
	// quarter of those that wait. 0: any number.
	Work, Waits int
}

// enter counts a request in, unless there are too many already. leave ends it.
func (a *API) enter(waits bool) (leave func(), err error) {
	count, most := &a.working, a.Bounds.Work
	if waits {
		count, most = &a.waiting, a.Bounds.Waits
	}
	if n := count.Add(1); most > 0 && n > int64(most) {
		count.Add(-1)
		return nil, errFull
	}
	return func() { count.Add(-1) }, nil
}

// shares counts what goes on at once, by owner, so that no owner takes all of
// what others may have too. Its zero value is ready for use.
type shares struct {
	mu  sync.Mutex
	all int
	of  map[string]int // nil until the first is asked for
}

// take counts one more of an owner's in, unless the owner has each already, or
// all owners together have most. give ends it.
func (s *shares) take(owner string, each, most int) (give func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.of[owner] >= each:
		return nil, &Problem{Status: http.StatusTooManyRequests, Detail: "as many of these as one owner may have at once are under way; this one was not carried out"}
	case s.all >= most:
		return nil, errFull
	case s.of == nil:
		s.of = map[string]int{}
	}
	s.all++
	s.of[owner]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.all--
		if s.of[owner]--; s.of[owner] == 0 {
			delete(s.of, owner)
		}
	}, nil
}

var errFull = &Problem{Status: http.StatusServiceUnavailable, Detail: "too many requests at once; this one was not carried out"}

// charge takes the request from the owner's allowance, and says in the answer
// what is left of it (draft-ietf-httpapi-ratelimit-headers-10).
func (b Bounds) charge(w http.ResponseWriter, r *http.Request, owner string) error {
	if b.Take == nil {
		return nil
	}
	a := b.Take(r, owner)
	header := w.Header()
	header["Ratelimit-Policy"] = []string{b.Policy}
	header["Ratelimit"] = []string{`"owner";r=` + strconv.Itoa(a.Remaining) + `;t=` + strconv.Itoa(seconds(a.Full))}
	if a.OK {
		return nil
	}
	header["Retry-After"] = []string{strconv.Itoa(max(1, seconds(a.Retry)))}
	return &Problem{Status: http.StatusTooManyRequests, Detail: "too many requests of one owner in a short time; this one was not carried out"}
}

// seconds rounds up, so that who waits that long has waited long enough.
func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
