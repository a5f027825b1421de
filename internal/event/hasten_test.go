package event_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"

	"todo-app/internal/event"
)

func TestHastenedEventsArriveInOrder(t *testing.T) {
	arrived := make(chan string, 3)
	r := listen(t, func(e cloudevents.Event, _ int) int {
		arrived <- e.ID()
		return 200
	})
	events := changes("ann", 0, 3)
	o := newOutbox(append(events, change("bob", 9))...)
	d := deliverer(t, o, event.Settings{Sink: r.url})
	d.Hasten("ann")
	for _, want := range ids(events) {
		equal(t, <-arrived, want)
	}
	if err := d.Close(t.Context()); err != nil {
		t.Error(err)
	}
	equal(t, o.left(), 1) // bob's, for whom nobody asked
}

func TestHasteningIsBoundedAndNeverBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutbox()
		gate := make(chan struct{})
		d := deliverer(t, o, event.Settings{Sink: "http://sink", Transport: transport(func(*http.Request) (*http.Response, error) {
			<-gate
			return respond(200), nil
		})})
		for i := range 1000 {
			owner := fmt.Sprint("owner", i)
			o.waiting[owner] = changes(owner, i, 1)
		}
		begun := time.Now()
		d.Hasten("owner0")
		d.Hasten("owner1")
		synctest.Wait() // both are being delivered
		for i := range 998 {
			for range 3 { // repetitions take no room
				d.Hasten(fmt.Sprint("owner", 2+i))
			}
		}
		equal(t, time.Since(begun), 0)
		equal(t, d.Stats().Dropped, 3*(998-256))
		close(gate)
		synctest.Wait()
		equal(t, d.Stats().Delivered, 258)
		d.Hasten("owner999")
		synctest.Wait()
		equal(t, d.Stats().Delivered, 259)
	})
}

func TestAWriteDuringADeliveryIsDeliveredToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutbox(change("ann", 0))
		gate := make(chan struct{})
		d := deliverer(t, o, event.Settings{Sink: "http://sink", Transport: transport(func(*http.Request) (*http.Response, error) {
			<-gate
			return respond(200), nil
		})})
		d.Hasten("ann")
		synctest.Wait()
		o.mu.Lock()
		o.waiting["ann"] = append(o.waiting["ann"], change("ann", 1))
		o.mu.Unlock()
		d.Hasten("ann") // turned away by the claim that is held
		synctest.Wait()
		close(gate)
		synctest.Wait()
		equal(t, o.left(), 0)
	})
}

func TestEveryWriteHastensAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutbox()
		d := deliverer(t, o, event.Settings{Sink: "http://sink", Transport: transport(func(*http.Request) (*http.Response, error) {
			return respond(200), nil
		})})
		for i := range 5 {
			o.mu.Lock()
			o.waiting["ann"] = changes("ann", i, 1)
			o.mu.Unlock()
			d.Hasten("ann")
			synctest.Wait()
			equal(t, d.Stats().Delivered, uint64(1+i))
		}
	})
}

func TestASinkThatIsDownIsNotHammeredByWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutbox()
		tries := 0
		refuse := transport(func(*http.Request) (*http.Response, error) {
			tries++
			return nil, errors.New("connection refused")
		})
		d := deliverer(t, o, event.Settings{Sink: "http://sink", Transport: refuse})
		for i := range 100 {
			owner := fmt.Sprint("owner", i)
			o.mu.Lock()
			o.waiting[owner] = changes(owner, i, 1)
			o.mu.Unlock()
			d.Hasten(owner)
			synctest.Wait()
		}
		equal(t, tries, 1)
		equal(t, d.Stats(), event.Stats{Failed: 1, Dropped: 99})
		time.Sleep(time.Minute)
		d.Hasten("owner50")
		synctest.Wait()
		equal(t, tries, 2)
	})
}

func TestCloseLetsAPostFinishAndLeavesTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutbox(changes("ann", 0, 3)...)
		d := deliverer(t, o, event.Settings{Sink: "http://sink", Transport: transport(func(r *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return respond(200), r.Context().Err()
		})})
		d.Hasten("ann")
		synctest.Wait()
		if err := d.Close(t.Context()); err != nil {
			t.Error(err)
		}
		equal(t, d.Stats(), event.Stats{Delivered: 1})
		equal(t, o.left(), 2)
		d.Hasten("ann")
		synctest.Wait()
		equal(t, o.claims, 1)
	})
}

func TestCloseCutsOffWhatOutlastsItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutbox(change("ann", 0))
		d := deliverer(t, o, event.Settings{Sink: "http://sink", Transport: transport(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})})
		d.Hasten("ann")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		if err := d.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		equal(t, time.Since(begun), time.Second)
		equal(t, d.Stats(), event.Stats{})
		if _, ok, _ := o.Claim(t.Context(), "ann", 1, time.Second); !ok {
			t.Error("the claim was not released")
		}
	})
}
