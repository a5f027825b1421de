package httpapi

import (
	"errors"
	"net/http"
	"time"

	"todo-app/internal/task"
)

const streamPath = "/api/v1/events"

const (
	// streamTime is how long a stream lasts: less than Knative gives the longest
	// request. Who reads it comes back, and is told what came meanwhile.
	streamTime = 8 * time.Minute
	// beat is how often a stream shows that it is there: often enough for
	// proxies, which give up on a connection silent for a minute.
	beat = 15 * time.Second
)

// streamChanges answers with the changes after a sync token as they come, as
// Server-Sent Events (HTML standard, section 9.2).
func streamChanges(w http.ResponseWriter, r *request) error {
	place, err := r.streamFrom()
	if err != nil {
		return err
	}
	changes, err := r.api.Tasks.Changes(r.Context(), r.call, place, closed)
	if err != nil {
		return err
	}
	x := r.exchange(w)
	x.begin = func(h http.Header) {
		h["Content-Type"] = []string{"text/event-stream"}
		h["Cache-Control"] = []string{"no-store"}
		h["X-Accel-Buffering"] = []string{"no"} // nginx would hold it back
	}
	if r.Method == http.MethodHead {
		_, err := x.Write(nil)
		return err
	}
	over, stop := r.api.enough(streamTime)
	defer stop()
	return r.stream(x, changes, over)
}

// closed is a wait that is over.
var closed = func() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// streamFrom returns where a stream begins: where the one before broke off,
// else where the request says; nil is the present.
func (r *request) streamFrom() (*task.Place, error) {
	p := r.query("since")
	since, given := read(p, "since", task.ParsePlace)
	if last := r.Header.Get("Last-Event-Id"); last != "" {
		place, err := task.ParsePlace(last)
		if err != nil {
			return nil, both(p.err(), &Problem{Status: http.StatusBadRequest, Detail: "the Last-Event-ID " + err.Error()})
		}
		since, given = place, true
	}
	if err := p.err(); err != nil || !given {
		return nil, err
	}
	return &since, nil
}

// stream tells changes, and what comes after them, until it is over or the
// client does not read.
func (r *request) stream(x *exchange, changes task.Changes, over <-chan struct{}) error {
	for told := (task.Place{}); ; {
		text := []byte(":\n\n") // still there
		if len(changes.Records) > 0 || changes.Through != told {
			text = appendEvents(nil, changes)
		}
		if err := x.send(text); err != nil {
			if errors.Is(err, errEnding) {
				return nil // as good a place as any
			}
			return err
		}
		told = changes.Through
		select {
		case <-over:
			return nil
		default:
		}
		enough, stop := until(over, beat)
		next, err := r.api.Tasks.Changes(r.Context(), r.call, &told, enough)
		stop()
		if errors.Is(err, task.ErrTokenExpired) {
			return x.send([]byte("event: expired\ndata: {}\n\n"))
		} else if err != nil {
			return err
		}
		changes = next
	}
}

// until returns what is closed after a while, or when a wait is over,
// whichever comes first.
func until(over <-chan struct{}, wait time.Duration) (done <-chan struct{}, stop func()) {
	both, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(both)
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-over:
		case <-timer.C:
		case <-stopped:
		}
	}()
	return both, func() { close(stopped) }
}

// appendEvents appends each change as an event whose id is its token, and where
// it goes on from then as an event without data, which no page is told of.
func appendEvents(b []byte, c task.Changes) []byte {
	for _, record := range c.Records {
		b = append(b, "id: "+record.Place.String()+"\nevent: change\ndata: "...)
		b = append(record.AppendJSON(b, c.View), "\n\n"...)
	}
	if !c.More {
		b = append(b, "id: "+c.Through.String()+"\n\n"...)
	}
	return b
}
