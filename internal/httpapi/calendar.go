package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"todo-app/internal/task"
)

const (
	calendarPath = "/api/v1/calendar"
	feedRoot     = "/calendar/"
	feedPath     = feedRoot + "{feed}"
	feedSuffix   = ".ics"
)

// The bounds of a calendar as it is read at its address, in events and in
// bytes: what phones still take.
const (
	maxEvents = 5000
	maxFeed   = 4 << 20
)

// feedRefresh is how often a calendar asks to be read anew.
const feedRefresh = time.Hour

// Calendar is the state of the caller's calendar.
type Calendar struct {
	CreatedAt *time.Time `json:"created_at"` // of its address; nil: it has none
	URL       *string    `json:"url"`        // when it has just been made, and never again
}

// createCalendar gives the caller's calendar an address. What is kept for a
// replay has none: it is shown once.
func createCalendar(w http.ResponseWriter, r *request) error {
	if err := both(r.query().err(), r.noBody()); err != nil {
		return err
	}
	secret, open := r.api.Tasks.OpenCalendar()
	address := r.call.URL + feedRoot + secret + feedSuffix
	return r.answerWrite(w, func(c task.Call) (task.Result, error) {
		return open(r.Context(), c)
	}, func(result task.Result) answer {
		at := &result.View.Now
		return madeWithSecret(Calendar{CreatedAt: at, URL: &address}, Calendar{CreatedAt: at})
	})
}

// getCalendar answers with whether the caller's calendar has an address.
func getCalendar(w http.ResponseWriter, r *request) error {
	if err := r.query().err(); err != nil {
		return err
	}
	c, err := r.api.Tasks.Calendar(r.Context(), r.call)
	if err != nil {
		return err
	}
	body, err := json.Marshal(Calendar{CreatedAt: orNull(c.CreatedAt)})
	if err == nil {
		w.Header()["Cache-Control"] = []string{"no-store"}
		write(w, http.StatusOK, jsonType, body)
	}
	return err
}

// deleteCalendar has the address of the caller's calendar lead nowhere.
func deleteCalendar(w http.ResponseWriter, r *request) error {
	if err := r.query().err(); err != nil {
		return err
	}
	return r.answerWrite(w, func(c task.Call) (task.Result, error) {
		return r.api.Tasks.CloseCalendar(r.Context(), c)
	}, func(task.Result) answer {
		return answer{Status: http.StatusNoContent}
	})
}

// readFeed answers with a calendar to whoever knows its address. It is open to
// anyone and work all the same, so that it counts as that.
func readFeed(w http.ResponseWriter, r *request) error {
	leave, err := r.api.enter(false)
	if err != nil {
		return err
	}
	defer leave()
	p := r.query("component")
	component, given := read(p, "component", oneOf("vtodo", "vevent"))
	if err := p.err(); err != nil {
		return err
	}
	o := FileOptions{Format: FileCalendar, Events: !given || component == "vevent", Name: "Tasks", Refresh: feedRefresh}
	secret, ok := strings.CutSuffix(r.PathValue("feed"), feedSuffix)
	if !ok {
		return task.ErrNoCalendar
	}
	f, err := r.api.Tasks.FindFeed(r.Context(), secret)
	if err != nil {
		return err
	}
	if err := r.api.Bounds.charge(w, r.Request, f.Owner); err != nil {
		return err
	}
	r.call.URL = r.api.URL(r.Request)
	etag := f.ETag + "-" + component
	tags := entityTags(r.Request, "If-None-Match", true)
	if slices.Contains(tags, etag) || slices.Contains(tags, "*") {
		writeRead(w, task.Rendered{ETag: etag, NotModified: true})
		return nil
	}
	var b bytes.Buffer
	file := r.api.WriteFile(&b, o)
	if err := r.api.Tasks.WriteFeed(r.Context(), r.call, f, maxEvents, &fitting{file, &b}); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	header := w.Header()
	header["Etag"] = []string{quote(etag)}
	header["Cache-Control"] = revalidate
	header["Referrer-Policy"] = []string{"no-referrer"} // the address is the credential
	write(w, http.StatusOK, mediaTypes[FileCalendar], b.Bytes())
	return nil
}

// fitting is a file that is full at so many bytes.
type fitting struct {
	FileWriter
	written *bytes.Buffer
}

// Task implements task.File.
func (f *fitting) Task(t *task.Task) error {
	if f.written.Len() > maxFeed {
		return task.ErrFull
	}
	return f.FileWriter.Task(t)
}

// unsecret returns a path as it may be written down: the address of a calendar
// is a credential.
func unsecret(path string) string {
	if strings.HasPrefix(path, feedRoot) {
		return feedRoot + "…"
	}
	return path
}

// CreateCalendar gives the caller's calendar an address, told this once; the
// one before leads nowhere from then on.
func (c *Client) CreateCalendar(ctx context.Context) (made Calendar, err error) {
	_, err = c.do(ctx, http.MethodPost, calendarPath, nil, "", &made)
	return made, err
}

// Calendar returns whether the caller's calendar has an address.
func (c *Client) Calendar(ctx context.Context) (found Calendar, err error) {
	_, err = c.do(ctx, http.MethodGet, calendarPath, nil, "", &found)
	return found, err
}

// RevokeCalendar has the address of the caller's calendar lead nowhere.
func (c *Client) RevokeCalendar(ctx context.Context) error {
	_, err := c.do(ctx, http.MethodDelete, calendarPath, nil, "", nil)
	return err
}
