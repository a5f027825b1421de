package event

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"
)

const (
	hasteners = 2   // goroutines, alive only while there is something to hasten
	maxQueued = 256 // owners
)

// Hasten has an owner's events delivered soon, after a write of theirs was
// answered. It never blocks and promises nothing: with the queue full, after
// the sink answered nobody, or after Close, it does nothing, and a sweep
// delivers. An owner already queued is not queued twice.
func (d *Deliverer) Hasten(owner string) {
	if d.sink == nil || owner == "" { // "" would claim anybody's
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopping.Err() != nil || d.queued[owner] {
		return
	}
	if len(d.queue) >= maxQueued || time.Now().Before(d.rested) {
		d.dropped.Add(1)
		return
	}
	d.queued[owner] = true
	d.queue = append(d.queue, owner)
	if d.running < hasteners {
		d.running++
		d.hastening.Go(d.hasten)
	}
}

// hasten works off the queue and ends with it.
func (d *Deliverer) hasten() {
	for {
		owner, ok := d.next()
		if !ok {
			return
		}
		// Claim again until nothing is left: a write that committed while this
		// claim was held had its own hastening turned away by it.
		for more := true; more && d.stopping.Err() == nil; {
			o, err := d.drain(d.stopping, owner)
			if err != nil && d.stopping.Err() == nil {
				d.log.Warn("hastening events", zap.String("owner", owner), zap.Error(err))
			}
			if o.failure != nil && !o.answered {
				d.rest(o.pause)
			}
			more = o.claimed && o.failure == nil && err == nil
		}
	}
}

// next takes an owner off the queue before serving them, so that a write from
// now on queues them again.
func (d *Deliverer) next() (owner string, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.queue) == 0 {
		d.running--
		return "", false
	}
	owner, d.queue = d.queue[0], d.queue[1:]
	delete(d.queued, owner)
	return owner, true
}

// rest stops hastening for a while, so that the writes of many owners do not
// hammer a sink that is down.
func (d *Deliverer) rest(pause time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rested = time.Now().Add(pause)
	d.dropped.Add(uint64(len(d.queue)))
	d.queue = nil
	clear(d.queued)
}

// Close ends hastening: posts in flight finish, what is queued is left to a
// sweep, and Hasten does nothing any more. If ctx ends first the posts are cut
// off, which the error says; recording that may take some seconds more. A Sweep
// ends by its own context, or with an error when the Deliverer is closed.
func (d *Deliverer) Close(ctx context.Context) error {
	d.mu.Lock()
	d.stop() // under the lock: no goroutine may start once they are waited for
	d.queue = nil
	clear(d.queued)
	d.mu.Unlock()
	done := make(chan struct{})
	go func() {
		d.hastening.Wait()
		close(done)
	}()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = fmt.Errorf("finishing deliveries: %w", ctx.Err())
		d.cutOff()
		<-done
	}
	d.cutOff()
	if d.sink != nil {
		d.sink.client.CloseIdleConnections()
	}
	return err
}
