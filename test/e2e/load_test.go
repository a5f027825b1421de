//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

// load asks the service through its front door, as many clients at once, and
// repeats nothing that fails. Every client creates a task, reads it, changes
// it and looks for it in the list; beside them uploads trickle in and one
// client follows the feed of changes, so that there are requests that last at
// any time.
type load struct {
	cancel context.CancelFunc
	all    sync.WaitGroup
	since  string // where the feed has been followed to

	mu       sync.Mutex
	took     []time.Duration
	failures []failure
	acked    map[task.ID]string // every task whose creation was acknowledged, with its title
	told     map[task.ID]int    // how often the feed told of a task's creation
}

// loadClients ask at once, and loadStreams trickle.
const (
	loadClients = 4
	loadStreams = 3
	streamTime  = 3 * time.Second // of the ten that a function gives a request: the machine may be busy
	followTime  = 20 * time.Second
)

func startLoad(t testing.TB) *load {
	ctx, cancel := context.WithCancel(context.Background())
	l := &load{cancel: cancel, acked: map[task.ID]string{}, told: map[task.ID]int{}}
	t.Cleanup(func() { cancel(); l.all.Wait() })
	eventually(t, "the feed says where it is", func() bool {
		present, err := client("web").Changes(ctx, "", 0)
		l.since = present.Next
		return err == nil
	})
	l.all.Go(func() {
		for ctx.Err() == nil {
			l.follow(ctx)
		}
	})
	for i := range loadClients {
		l.all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				l.life(fmt.Sprintf("client %d, task %d", i, n))
			}
		})
	}
	for i := range loadStreams {
		l.all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				l.trickle(fmt.Sprintf("stream %d, task %d", i, n))
			}
		})
	}
	return l
}

// stop ends the load; what is under way ends first.
func (l *load) stop() {
	l.cancel()
	l.all.Wait()
}

// life walks one task through create, read, update and list.
func (l *load) life(title string) {
	ctx := context.Background()
	c, w := witnessed("web")
	var made httpapi.Task
	if !l.timed("create", w, func() (err error) {
		made, err = c.Create(ctx, task.Patch{Title: task.Value(title)})
		return err
	}) {
		time.Sleep(50 * time.Millisecond) // what fails fast must not become a flood
		return
	}
	l.mu.Lock()
	l.acked[made.ID] = title
	l.mu.Unlock()
	l.timed("get", w, func() error {
		got, err := c.Get(ctx, made.ID)
		return right(err, got.Title == title && !got.Completed(), got)
	})
	l.timed("complete", w, func() error {
		got, err := c.Complete(ctx, made.ID, false)
		return right(err, got.Completed(), got)
	})
	l.timed("list", w, func() error {
		page, err := c.List(ctx, url.Values{"sort": {"-created"}, "limit": {"100"}, "status": {"completed"}}, "")
		read := len(page.Tasks)
		// If this client was held up, the others have made a page full since.
		for err == nil && page.Next != "" && page.Tasks[len(page.Tasks)-1].CreatedAt.After(made.CreatedAt) {
			page, err = c.Next(ctx, page)
			read += len(page.Tasks)
		}
		found := slices.ContainsFunc(page.Tasks, func(t httpapi.Task) bool { return t.ID == made.ID })
		return right(err, found, fmt.Sprintf("it is not among the %d newest", read))
	})
}

func right(err error, ok bool, got any) error {
	if err == nil && !ok {
		return fmt.Errorf("a wrong answer: %+v", got)
	}
	return err
}

// failure is a request that went wrong, with the answer as it was: a client's
// error tells less of it, and it may be that of a proxy.
type failure struct {
	at     time.Time
	what   string
	took   time.Duration
	err    error
	answer *answer // nil where there was none, or it was none of an error
}

// String says when, so that logs can be searched for it.
func (f failure) String() string {
	s := fmt.Sprintf("%s %s after %v: %v", f.at.UTC().Format("15:04:05.000"), f.what, f.took.Round(time.Millisecond), f.err)
	switch a := f.answer; {
	case a == nil:
		return s
	case a.ours():
		return s + fmt.Sprintf("; the service answered %d %.300q %v", a.status, a.body, a.header)
	default:
		return s + fmt.Sprintf("; something before the service answered %d %.300q %v", a.status, a.body, a.header)
	}
}

// answer is one that says that something went wrong.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// ours reports whether it is the service's, not that of an ingress or of
// Knative on the way to it.
func (a *answer) ours() bool {
	return a.header.Get("Content-Type") == "application/problem+json"
}

// refused reports whether it is the service's "not now".
func (a *answer) refused() bool {
	return a != nil && a.ours() && a.status == http.StatusServiceUnavailable
}

// witness keeps the last answer that is an error.
type witness struct {
	next http.RoundTripper
	seen *answer
}

// witnessed returns a client as client does, and its witness.
func witnessed(function string) (*httpapi.Client, *witness) {
	c := client(function)
	w := &witness{next: c.HTTP.Transport}
	c.HTTP.Transport = w
	return c, w
}

// RoundTrip implements http.RoundTripper.
func (w *witness) RoundTrip(r *http.Request) (*http.Response, error) {
	w.seen = nil
	response, err := w.next.RoundTrip(r)
	if err != nil || response.StatusCode < 400 {
		return response, err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(body))
	w.seen = &answer{response.StatusCode, response.Header, body}
	return response, err
}

// timed notes how a request went.
func (l *load) timed(what string, w *witness, do func() error) bool {
	began := time.Now()
	err := do()
	took := time.Since(began)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.took = append(l.took, took)
	if err != nil {
		l.failures = append(l.failures, failure{began, what, took, err, w.seen})
	}
	return err == nil
}

// trickle creates a task whose request takes seconds to arrive.
func (l *load) trickle(title string) {
	began := time.Now()
	c, w := witnessed("web")
	body, in := io.Pipe()
	go func() {
		defer in.Close()
		fmt.Fprintf(in, `{"title":%q,"description":"`, title)
		for range 30 {
			time.Sleep(streamTime / 30)
			io.WriteString(in, "a word ")
		}
		io.WriteString(in, `"}`)
	}()
	err := func() error {
		request, err := http.NewRequest(http.MethodPost, c.Base+"/api/v1/tasks", body)
		if err != nil {
			return err
		}
		request.Header.Set("Content-Type", "application/json")
		response, err := c.HTTP.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		answer, err := io.ReadAll(response.Body)
		if err == nil && response.StatusCode != http.StatusCreated {
			err = errors.New(response.Status)
		}
		var made httpapi.Task
		if err == nil {
			err = made.UnmarshalJSON(answer)
		}
		if err == nil {
			l.mu.Lock()
			l.acked[made.ID] = title
			l.mu.Unlock()
		}
		return err
	}()
	if err != nil {
		l.mu.Lock()
		l.failures = append(l.failures, failure{began, "a stream", time.Since(began), err, w.seen})
		l.mu.Unlock()
		time.Sleep(50 * time.Millisecond)
	}
}

// follow waits for what changes next, until the load ends.
func (l *load) follow(ctx context.Context) {
	began := time.Now()
	c, w := witnessed("web")
	changes, err := c.Changes(ctx, l.since, followTime)
	if ctx.Err() != nil {
		return
	}
	if err == nil {
		l.note(changes)
		return
	}
	l.mu.Lock()
	l.failures = append(l.failures, failure{began, "following the feed", time.Since(began), err, w.seen})
	l.mu.Unlock()
	time.Sleep(50 * time.Millisecond)
}

// note keeps what the feed has told; one goroutine at a time reads it.
func (l *load) note(changes httpapi.Changes) {
	l.since = changes.Next
	for _, change := range changes.Changes {
		if change.Change == task.Created {
			l.told[change.Task.ID]++
		}
	}
}

// followed checks that the feed, read to its end, has told of every
// acknowledged creation once.
func (l *load) followed(t testing.TB) {
	t.Helper()
	for more := true; more; {
		changes, err := client("web").Changes(t.Context(), l.since, 0)
		if err != nil {
			t.Fatal("the rest of the feed: ", err)
		}
		l.note(changes)
		more = changes.More
	}
	missed, repeated := 0, 0
	for id := range l.acked {
		if l.told[id] == 0 {
			missed++
		}
	}
	for _, times := range l.told {
		repeated += times - 1
	}
	if missed > 0 || repeated > 0 {
		t.Errorf("of %d acknowledged creations the feed missed %d, and it repeated %d", len(l.acked), missed, repeated)
	}
}

// figures are the number of requests, the failures and percentiles of a load.
func (l *load) figures() (requests, failures int, p50, p95, p99 time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	took := slices.Sorted(slices.Values(l.took))
	at := func(share float64) time.Duration {
		if len(took) == 0 {
			return 0
		}
		return took[min(len(took)-1, int(share*float64(len(took))))]
	}
	return len(took), len(l.failures), at(.50), at(.95), at(.99)
}

// spotless checks that not one request failed.
func (l *load) spotless(t testing.TB) {
	t.Helper()
	requests, failures, _, _, _ := l.figures()
	if failures > 0 {
		var said strings.Builder
		for _, f := range l.failures[:min(10, failures)] {
			fmt.Fprintf(&said, "\n%v", f)
		}
		t.Errorf("%d of %d requests failed:%s", failures, requests, &said)
	}
	if requests < 50 {
		t.Errorf("only %d requests were made", requests)
	}
}

// kept checks that every acknowledged task is there, and returns how many are
// not.
func (l *load) kept(t testing.TB) (missing int) {
	t.Helper()
	l.mu.Lock()
	acked := maps.Clone(l.acked)
	l.mu.Unlock()
	missing = len(acked)
	for id, title := range everything(t) {
		if acked[id] == title {
			missing--
		}
	}
	if missing > 0 {
		t.Errorf("%d of %d acknowledged tasks are gone", missing, len(acked))
	}
	return missing
}

// everything reads all tasks, page by page.
func everything(t testing.TB) map[task.ID]string {
	t.Helper()
	c, found := client("list"), map[task.ID]string{}
	page, err := c.List(t.Context(), url.Values{"limit": {"500"}}, "")
	for {
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range page.Tasks {
			found[one.ID] = one.Title
		}
		if page.Next == "" {
			return found
		}
		page, err = c.Next(t.Context(), page)
	}
}
