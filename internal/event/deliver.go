package event

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"todo-app/internal/task"
)

// The bounds of delivery. A post may begin only while perEvent and what is
// then written to storage still fit into the lease, so no delivery outlives it and no two
// processes deliver events of one owner at a time.
const (
	lease    = 30 * time.Second
	perEvent = 5 * time.Second
	perVisit = 3 * time.Second // one call of the Outbox
	perClaim = 32              // events, of some 100 kB at most

	parallel = 4 // owners that a sweep serves at a time

	// lookAgain is when a worker of a sweep that found nothing looks again,
	// while another is at work: reminders are fired meanwhile.
	lookAgain = 5 * time.Second

	// A claim repeats one post, once, between minBreath and twice that after it
	// failed, if the sink took an event before.
	minBreath = 200 * time.Millisecond

	// After a failure an owner is left alone for minPause to maxJitter longer.
	// The pause does not grow: sweeps are far apart already, and nothing here
	// outlives the process that could count attempts.
	minPause  = 10 * time.Second
	maxJitter = 10 * time.Second
	maxPause  = 5 * time.Minute // the most that a sink's Retry-After can ask for

	// maxMute is how many owners in a row may find the sink answering nobody
	// before a sweep leaves the rest to the next one.
	maxMute = 8
)

// Settings say where events go and what they look like there.
type Settings struct {
	Sink      string                                    // http(s) URL, K_SINK; "" delivers nothing
	Source    string                                    // as for NewEncoder
	Overrides Overrides                                 // K_CE_OVERRIDES
	Transport http.RoundTripper                         // nil: one of its own, with the platform's CAs and proxies
	Around    func(http.RoundTripper) http.RoundTripper // what goes around the transport; nil: nothing
	Log       *zap.Logger                               // nil: silent
}

// Deliverer takes events from the outbox to the sink: those of one owner in
// order, each at least once, under an id that stays the same.
type Deliverer struct {
	outbox Outbox
	sink   *sink // nil: nothing is delivered
	log    *zap.Logger

	delivered, refused, failed, dropped atomic.Uint64

	stopping context.Context // ends hastening, between two events
	stop     context.CancelFunc
	cut      context.Context // ends a post in flight
	cutOff   context.CancelFunc

	hastening sync.WaitGroup
	mu        sync.Mutex // guards what follows
	queue     []string
	queued    map[string]bool
	running   int
	rested    time.Time // no hastening before
}

// Stats count since the Deliverer was made.
type Stats struct {
	Delivered uint64 // events that arrived; again for each repetition
	Refused   uint64 // events set aside
	Failed    uint64 // attempts that will be repeated
	Dropped   uint64 // hastenings not done: the queue was full or the sink mute
}

// NewDeliverer returns a Deliverer. Without a sink it is valid and does
// nothing: events stay in the outbox. The error names the setting at fault.
func NewDeliverer(outbox Outbox, s Settings) (*Deliverer, error) {
	d := &Deliverer{outbox: outbox, log: s.Log, queued: map[string]bool{}}
	d.stopping, d.stop = context.WithCancel(context.Background())
	d.cut, d.cutOff = context.WithCancel(context.Background())
	if d.log == nil {
		d.log = zap.NewNop()
	}
	if s.Sink == "" {
		return d, nil
	}
	encoder, err := NewEncoder(s.Source, s.Overrides)
	if err != nil {
		return nil, err
	}
	if d.sink, err = newSink(s.Sink, encoder, s.Transport, s.Around); err != nil {
		return nil, err
	}
	return d, nil
}

// Stats returns the counts so far.
func (d *Deliverer) Stats() Stats {
	return Stats{
		Delivered: d.delivered.Load(),
		Refused:   d.refused.Load(),
		Failed:    d.failed.Load(),
		Dropped:   d.dropped.Load(),
	}
}

// Sweep delivers whatever waits in the outbox and what comes meanwhile, a few
// owners at a time, until nothing can be claimed, ctx ends or the sink answers
// nobody any more. It returns how many events arrived and were recorded as
// such. The error is storage's, that of ctx, or says that some events still
// wait and what the sink answered last. When ctx ends, posts in flight finish
// first: it may take another 8 seconds.
func (d *Deliverer) Sweep(ctx context.Context) (delivered int, err error) {
	if d.sink == nil {
		return 0, nil
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(d.cut, func() { cancel(errClosed) })()
	s := sweep{end: cancel, working: parallel}
	var workers sync.WaitGroup
	for range parallel {
		workers.Go(func() {
			for ctx.Err() == nil {
				o, err := d.drain(ctx, "")
				if err != nil {
					cancel(err)
				}
				if s.note(o); !o.claimed {
					s.rest(ctx)
				}
			}
		})
	}
	workers.Wait()
	if cause := context.Cause(ctx); cause != nil && cause != errMute && cause != errNothing {
		return s.delivered, cause
	}
	if s.last != nil {
		return s.delivered, fmt.Errorf("delivering events: some still wait: %w", s.last)
	}
	return s.delivered, nil
}

// What ends a sweep.
var (
	errMute    = errors.New("the sink answers nobody")
	errNothing = errors.New("nothing is left")
	errClosed  = errors.New("delivering events: the deliverer was closed")
)

// sweep is what the workers of one Sweep have met.
type sweep struct {
	end func(why error)

	mu        sync.Mutex
	working   int // that do not rest
	delivered int
	mute      int // claims in a row that met a mute sink
	last      error
}

func (s *sweep) note(o outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delivered += o.delivered
	if o.failure != nil {
		s.last = o.failure
		s.mute++
	}
	if o.answered {
		s.mute = 0
	}
	if s.mute >= maxMute {
		s.end(errMute)
	}
}

// rest has a worker that found nothing wait before it looks again. When all
// have found nothing the sweep ends.
func (s *sweep) rest(ctx context.Context) {
	s.work(-1)
	wait(ctx, lookAgain)
	s.work(1)
}

func (s *sweep) work(change int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.working += change; s.working == 0 {
		s.end(errNothing)
	}
}

// outcome is what became of one claim.
type outcome struct {
	claimed   bool
	delivered int
	answered  bool          // the sink said something about some event
	failure   error         // the sink's, at the event where the claim was given up
	pause     time.Duration // until the owner may be tried again
}

// drain makes one claim and delivers its events in order, up to the first that
// cannot be delivered now; one that the sink refuses is set aside and the next
// follows. The error is storage's.
func (d *Deliverer) drain(ctx context.Context, owner string) (o outcome, err error) {
	// The lease is measured by this process's own clock from before it was
	// asked for, so that storage's clock may differ.
	last := time.Now().Add(lease - perEvent - 2*perVisit)
	visit, cancel := context.WithTimeout(ctx, perVisit)
	defer cancel()
	c, ok, err := d.outbox.Claim(visit, owner, perClaim, lease)
	if err != nil {
		return o, fmt.Errorf("claiming events: %w", err)
	}
	if !ok {
		return o, nil
	}
	o.claimed = true
	var there []task.ID
	stumbled := false
	for _, ev := range c.Events {
		if ctx.Err() != nil || time.Now().After(last) {
			break
		}
		a := d.post(ctx, ev)
		if a.verdict == later && a.wait == 0 && len(there) > 0 && !stumbled {
			stumbled = true
			a = d.again(ctx, ev, a, last)
		}
		o.answered = o.answered || !a.mute
		if a.verdict == later {
			if d.cut.Err() == nil { // else we ended it, and the sink is not to blame
				o.failure, o.pause = a.err, d.putOff(c, ev, a)
			}
			break
		}
		if a.verdict == arrived {
			there = append(there, ev.ID)
		} else if err = d.setAside(ctx, c, ev, a.err); err != nil {
			break
		}
	}
	// What did arrive is recorded even when the rest went wrong.
	kept := d.settle(ctx, c, there, o.pause)
	if kept == nil {
		o.delivered = len(there)
	}
	return o, errors.Join(err, kept)
}

// again gives an event one more try, if there is time for it: the sink took
// those before, and a pause would be one for all that follow. It returns the
// first answer where there is no second.
func (d *Deliverer) again(ctx context.Context, ev task.Event, first answer, last time.Time) answer {
	if !wait(ctx, minBreath+rand.N(minBreath)) || !time.Now().Before(last) {
		return first
	}
	d.failed.Add(1)
	return d.post(ctx, ev)
}

// wait waits for so long, and reports whether ctx lasted.
func wait(ctx context.Context, long time.Duration) bool {
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// post delivers one event within perEvent. It outlives ctx, because an event
// half sent is an event sent twice.
func (d *Deliverer) post(ctx context.Context, ev task.Event) answer {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), perEvent)
	defer cancel()
	defer context.AfterFunc(d.cut, cancel)()
	a := d.sink.post(ctx, ev)
	if a.verdict == arrived {
		d.delivered.Add(1)
	}
	return a
}

// putOff counts and logs an event that has to wait, and returns how long.
func (d *Deliverer) putOff(c task.Claim, ev task.Event, a answer) time.Duration {
	d.failed.Add(1)
	pause := max(a.wait, minPause+rand.N(maxJitter))
	d.log.Warn("an event waits", zap.String("event", ev.ID.String()), zap.String("owner", c.Owner),
		zap.Error(a.err), zap.Duration("pause", pause))
	return pause
}

func (d *Deliverer) setAside(ctx context.Context, c task.Claim, ev task.Event, reason error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), perVisit)
	defer cancel()
	if err := d.outbox.Refused(ctx, c, ev.ID, reason.Error()); err != nil {
		return fmt.Errorf("setting event %s aside: %w", ev.ID, err)
	}
	d.refused.Add(1)
	d.log.Error("an event was refused and set aside", zap.String("event", ev.ID.String()),
		zap.String("change", string(ev.Change)), zap.String("owner", c.Owner), zap.Error(reason))
	return nil
}

// settle records what arrived and gives the claim back. If recording fails the
// lease is left to run out, which spares the sink an instant repetition.
func (d *Deliverer) settle(ctx context.Context, c task.Claim, there []task.ID, pause time.Duration) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), perVisit)
	defer cancel()
	if len(there) > 0 {
		if err := d.outbox.Delivered(ctx, c, there); err != nil {
			return fmt.Errorf("recording %d delivered events: %w", len(there), err)
		}
	}
	if err := d.outbox.Release(ctx, c, pause); err != nil {
		return fmt.Errorf("releasing events: %w", err)
	}
	return nil
}
