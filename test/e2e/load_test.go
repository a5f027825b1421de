//go:build e2e

package e2e

import (
	"context"
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
// it and looks for it in the list; beside them uploads trickle in, so that
// there is a stream open at any time.
type load struct {
	cancel context.CancelFunc
	all    sync.WaitGroup

	mu       sync.Mutex
	took     []time.Duration
	failures []string
	acked    map[task.ID]string // every task whose creation was acknowledged, with its title
}

// loadClients ask at once, and loadStreams trickle.
const (
	loadClients = 4
	loadStreams = 2
	streamTime  = 6 * time.Second // a function gives a request ten
)

func startLoad(t testing.TB) *load {
	ctx, cancel := context.WithCancel(context.Background())
	l := &load{cancel: cancel, acked: map[task.ID]string{}}
	t.Cleanup(func() { cancel(); l.all.Wait() })
	for i := range loadClients {
		l.all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				l.life(client("web"), fmt.Sprintf("client %d, task %d", i, n))
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
func (l *load) life(c *httpapi.Client, title string) {
	ctx := context.Background()
	var made httpapi.Task
	if !l.timed("create", func() (err error) {
		made, err = c.Create(ctx, task.Patch{Title: task.Value(title)})
		return err
	}) {
		time.Sleep(50 * time.Millisecond) // what fails fast must not become a flood
		return
	}
	l.mu.Lock()
	l.acked[made.ID] = title
	l.mu.Unlock()
	l.timed("get", func() error {
		got, err := c.Get(ctx, made.ID)
		return right(err, got.Title == title && !got.Completed(), got)
	})
	l.timed("complete", func() error {
		got, err := c.Complete(ctx, made.ID, false)
		return right(err, got.Completed(), got)
	})
	l.timed("list", func() error {
		page, err := c.List(ctx, url.Values{"sort": {"-created"}, "limit": {"100"}, "status": {"completed"}}, "")
		found := slices.ContainsFunc(page.Tasks, func(t httpapi.Task) bool { return t.ID == made.ID })
		return right(err, found, len(page.Tasks))
	})
}

func right(err error, ok bool, got any) error {
	if err == nil && !ok {
		return fmt.Errorf("a wrong answer: %+v", got)
	}
	return err
}

// timed notes how a request went.
func (l *load) timed(what string, do func() error) bool {
	began := time.Now()
	err := do()
	took := time.Since(began)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.took = append(l.took, took)
	if err != nil {
		l.failures = append(l.failures, fmt.Sprintf("%s %s after %v: %v", began.Format("15:04:05.000"), what, took.Round(time.Millisecond), err))
	}
	return err == nil
}

// trickle creates a task whose request takes seconds to arrive.
func (l *load) trickle(title string) {
	began := time.Now()
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
		request, err := http.NewRequest(http.MethodPost, "http://"+host("web")+"/api/v1/tasks", body)
		if err != nil {
			return err
		}
		request.Header.Set("Content-Type", "application/json")
		response, err := httpClient().Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		answer, err := io.ReadAll(response.Body)
		if err == nil && response.StatusCode != http.StatusCreated {
			err = fmt.Errorf("%s: %s", response.Status, answer)
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
		l.failures = append(l.failures, fmt.Sprintf("%s a stream after %v: %v", began.Format("15:04:05.000"), time.Since(began).Round(time.Millisecond), err))
		l.mu.Unlock()
		time.Sleep(50 * time.Millisecond)
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
		t.Errorf("%d of %d requests failed:\n%s", failures, requests, strings.Join(l.failures[:min(10, failures)], "\n"))
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
