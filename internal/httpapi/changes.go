package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"todo-app/internal/task"
)

const changesPath = "/api/v1/changes"

// maxWait is how long a call may wait for changes: less than the minute after
// which proxies give up on a silent connection.
const maxWait = 25 * time.Second

// Watch returns the endpoints that wait for changes. They hold a pod without
// giving it anything to do, so they run apart from those of List.
func (a *API) Watch() []Endpoint {
	return []Endpoint{
		{Method: http.MethodGet, Path: changesPath, handle: getChanges, limit: maxWait + requestTime, waits: true},
		{Method: http.MethodGet, Path: streamPath, handle: streamChanges, limit: streamTime + requestTime, waits: true},
	}
}

// getChanges answers with what has changed since a sync token, waiting for it
// if asked to.
func getChanges(w http.ResponseWriter, r *request) error {
	p := r.query("since", "wait")
	since, given := read(p, "since", task.ParsePlace)
	wait, _ := read(p, "wait", parseWait)
	if err := p.err(); err != nil {
		return err
	}
	place := &since
	if !given {
		place = nil
	}
	enough, stop := r.api.enough(wait)
	defer stop()
	changes, err := r.api.Tasks.Changes(r.Context(), r.call, place, enough)
	if err != nil {
		return err
	}
	w.Header()["Cache-Control"] = []string{"no-store"}
	write(w, http.StatusOK, jsonType, changes.AppendJSON(nil))
	return nil
}

// enough returns what is closed after a while, or when the process is about to
// end, whichever comes first.
func (a *API) enough(wait time.Duration) (done <-chan struct{}, stop func()) {
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	go func() {
		select {
		case <-a.Ending:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx.Done(), cancel
}

func parseWait(s string) (time.Duration, error) {
	n, err := strconv.Atoi(s)
	if most := int(maxWait / time.Second); err != nil || n < 0 || n > most || strconv.Itoa(n) != s {
		return 0, fmt.Errorf("must be a number of seconds from 0 to %d", most)
	}
	return time.Duration(n) * time.Second, nil
}

// getHistory answers with the changes of one task, oldest first.
func getHistory(w http.ResponseWriter, r *request) error {
	id, err := r.taskID()
	if err != nil {
		return err
	}
	p := r.query("cursor")
	after, _ := read(p, "cursor", task.ParsePlace)
	if err := p.err(); err != nil {
		return err
	}
	history, err := r.api.Tasks.History(r.Context(), r.call, id, after)
	if err != nil {
		return err
	}
	if history.More {
		w.Header()["Link"] = []string{nextLink(r.Request, r.call.URL, history.Through.String())}
	}
	w.Header()["Cache-Control"] = []string{"no-store"}
	write(w, http.StatusOK, jsonType, history.AppendHistory(nil))
	return nil
}
