package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"todo-app/internal/app"
	"todo-app/internal/postgres"
	"todo-app/internal/scaling"
)

// told asks for the facts.
func told(t *testing.T, h http.Handler) (r scaling.Report) {
	t.Helper()
	w := do(h, "GET", "/api/v1/ops/scaling", "")
	if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return r
}

func TestWhatAProcessDidIsKnownWhenItHasEnded(t *testing.T) {
	db := server.New(t)
	cmd, url := started(t, app.List, "DATABASE_URL="+db.URL(postgres.AppRole), "TODO_AUTH=none", "K_SERVICE=b-list", "K_REVISION=b-list-00007")
	for range 3 {
		response, err := http.Get(url + "/api/v1/tasks")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
	}
	_, h := joined(t, app.Settings{DatabaseURL: db.URL(postgres.AppRole)})
	if held := told(t, h).Functions; len(held) != 0 {
		t.Errorf("before it ended: %+v", held)
	}
	cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	_, h = joined(t, app.Settings{DatabaseURL: db.URL(postgres.AppRole)}) // another remembers nothing
	r := told(t, h)
	if r.Cluster.Known || !strings.Contains(r.Cluster.Detail, "does not ask the cluster") || !r.Storage.Known || len(r.Functions) != 1 {
		t.Fatalf("told is %+v", r)
	}
	o := r.Functions[0].Observed
	if r.Functions[0].Service != "b-list" || o.Requests != 3 || o.Pods != 1 || o.Cold.Starts != 1 || o.Cold.Mean <= 0 || o.Memory < 1<<20 || o.CPU <= 0 {
		t.Errorf("observed is %+v of %+v", o, r.Functions[0])
	}
}

func TestWhatCouldNotBeNotedIsNotedLaterAsItWasAndInOrder(t *testing.T) {
	var requests int64
	var tried []scaling.Note
	fail := errors.New("nobody knows what became of it")
	note := app.Noting(func() scaling.Reading {
		requests += 10
		return scaling.Reading{Requests: requests, Busiest: int(requests)}
	}, func(_ context.Context, n scaling.Note) error {
		tried = append(tried, n)
		return fail
	})
	note(t.Context())
	note(t.Context())
	fail = nil
	note(t.Context())
	one := func(sequence int64) scaling.Note {
		n := scaling.Note{Sequence: sequence, Use: scaling.Use{Requests: 10, Busiest: int(10 * sequence)}}
		if sequence == 1 {
			n.Pods = 1
		}
		return n
	}
	if diff := cmp.Diff([]scaling.Note{one(1), one(1), one(1), one(2), one(3)}, tried); diff != "" {
		t.Error(diff)
	}
}

func TestFactsAreAskedForOnceInSomeSecondsHoweverManyAsk(t *testing.T) {
	now, asked := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC), 0
	report := app.Reports(func() time.Time { return now }, func(ctx context.Context) scaling.Facts {
		if _, ends := ctx.Deadline(); !ends || ctx.Err() != nil {
			t.Error("it may take for ever, or no time at all")
		}
		asked++
		return scaling.Facts{Now: now}
	})
	gone, cancel := context.WithCancel(t.Context())
	cancel() // whoever asked has left; others wait for the same
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {0, 1}, {4900 * time.Millisecond, 1}, {100 * time.Millisecond, 2}, {time.Second, 2}} {
		now = now.Add(step.after)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { report(gone) })
		}
		all.Wait()
		if asked != step.want {
			t.Errorf("%v later it was asked for the %d. time, not the %d.", step.after, asked, step.want)
		}
	}
}

func TestWithoutADatabaseTheRestIsTold(t *testing.T) {
	_, h := joined(t, app.Settings{DatabaseURL: "postgres://todo_app@127.0.0.1:1/none?sslmode=disable"})
	if r := told(t, h); r.Storage.Known || r.Storage.Detail != "the database cannot be reached" || r.Connections != nil {
		t.Errorf("told is %+v", r)
	}
}
