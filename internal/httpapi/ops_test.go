package httpapi_test

import (
	"context"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"todo-app/internal/httpapi"
	"todo-app/internal/scaling"
	"todo-app/internal/task"
)

// facts are those of a site that has one function, at rest.
var facts = scaling.Facts{
	Now:     time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC),
	Cluster: scaling.Source{Known: true}, Storage: scaling.Source{Known: true},
	Deployed: []scaling.Deployed{{
		Function: "list", Service: "list", Values: "functions.list", Connections: 4, Revision: "list-00002", Ready: "True",
		Revisions: []scaling.Revision{{Name: "list-00002", Traffic: 100, Reason: "NoTraffic"}},
		Scale:     scaling.Scale{Class: "kpa", Metric: "concurrency", Target: 20, Max: 3, Concurrency: 40},
		Resources: scaling.Resources{CPURequest: 20, CPULimit: 500, MemoryRequest: 32 << 20, MemoryLimit: 128 << 20},
		Events:    []scaling.Event{{At: time.Date(2026, 3, 1, 8, 31, 0, 0, time.UTC), Revision: "list-00002", Text: "Scaled down replica set list-00002-deployment-5c9f to 0 from 1"}},
	}},
	Use: []scaling.Use{{
		Hour: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), Service: "list", Revision: "list-00002", Pods: 9, Running: 20 * time.Minute,
		Requests: 120, Busiest: 3, ColdStarts: 9, Cold: 1100 * time.Millisecond, Coldest: 300 * time.Millisecond, CPU: 3 * time.Second, Memory: 18 << 20,
	}},
	Began:       map[string]time.Time{"list": time.Date(2026, 2, 26, 8, 0, 0, 0, time.UTC)},
	Connections: &scaling.Connections{Most: 130, Used: 7, Holds: map[string]int{"list": 1}},
}

func TestOperatorsAloneAreToldHowFunctionsScaleAndWhatIsForThemOpensNothingElse(t *testing.T) {
	t.Parallel()
	s := start(t, asking)
	told, err := bearing(s.client, "ops").Scaling(t.Context())
	if diff := cmp.Diff(facts.Report(), told, cmp.FilterPath(func(p cmp.Path) bool {
		return p.String() == "Functions.Deployed.Function" || p.String() == "Functions.Deployed.Service" || p.String() == "Functions.Deployed.Values" || p.String() == "Functions.Deployed.Connections"
	}, cmp.Ignore())); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for _, credential := range []string{"read", "write"} {
		got := s.ask(t, "GET", "/api/v1/ops/scaling", "", "Authorization: Bearer "+credential)
		if got.Status != http.StatusForbidden || got.Header.Get("WWW-Authenticate") != `Bearer error="insufficient_scope", scope="ops"` {
			t.Errorf("%s: %d %s", credential, got.Status, got.Body)
		}
	}
	for _, e := range everything(s.api) {
		path := strings.NewReplacer("{id}", "0190b6a0-5f3c-7000-8000-5b5e2f0c7a11", "{$}", "", "{name}", "x", "{token}", "x", "{feed}", "x").Replace(e.Path)
		if !strings.HasPrefix(path, "/api/") && path != "/" || path == "/api/v1/ops/scaling" {
			continue
		}
		// Were it let in, it would be told that the parameter is none, and not wait for events.
		if got := s.ask(t, e.Method, path+"?none=1", "", "Authorization: Bearer ops"); got.Status != http.StatusForbidden {
			t.Errorf("%s %s: %d %s", e.Method, path, got.Status, got.Body)
		}
	}
	_, err = bearing(s.client, "write").CreateKey(t.Context(), "more", task.ScopeOps, time.Time{})
	if statusOf(err) != http.StatusUnprocessableEntity && statusOf(err) != http.StatusBadRequest {
		t.Errorf("somebody makes themselves an operator: %v", err)
	}
	if got := s.ask(t, "GET", "/api/v1/ops/scaling?deep=1", "", "Authorization: Bearer ops"); got.Status != http.StatusBadRequest {
		t.Errorf("a parameter that is none: %d %s", got.Status, got.Body)
	}
}

func TestWhatAProcessServesIsCountedAndItsProbesAreNot(t *testing.T) {
	t.Parallel()
	inside, goOn := make(chan struct{}), make(chan struct{})
	s := start(t, func(a *httpapi.API) {
		a.Scaling = func(context.Context) scaling.Report {
			inside <- struct{}{}
			<-goOn
			return scaling.Facts{}.Report()
		}
		a.Identify = func(r *http.Request) (task.Caller, error) {
			if r.URL.Path == "/api/v1/tasks" {
				return task.Caller{}, task.ErrUnavailable
			}
			return task.Caller{Operator: true}, nil
		}
	})
	s.ask(t, "GET", "/health/ready", "")
	if l := s.api.Load(); l != (httpapi.Load{}) {
		t.Errorf("after a probe: %+v", l)
	}
	var three sync.WaitGroup
	for range 3 {
		three.Go(func() { s.ask(t, "GET", "/api/v1/ops/scaling", "") })
	}
	for range 3 {
		<-inside
	}
	close(goOn)
	three.Wait()
	s.ask(t, "GET", "/api/v1/tasks", "")
	l := s.api.Load()
	if l.Cold <= 0 {
		t.Errorf("the first request says %v", l.Cold)
	}
	if l.Cold = 0; l != (httpapi.Load{Requests: 4, Failed: 1, Busiest: 3}) {
		t.Errorf("counted %+v", l)
	}
}

func TestTheMostAtOnceIsThatSinceItWasLastAskedFor(t *testing.T) {
	t.Parallel()
	inside, goOn := make(chan struct{}), make(chan struct{})
	s := start(t, func(a *httpapi.API) {
		a.Scaling = func(context.Context) scaling.Report {
			inside <- struct{}{}
			<-goOn
			return scaling.Facts{}.Report()
		}
		a.Identify = func(*http.Request) (task.Caller, error) { return task.Caller{Operator: true}, nil }
	})
	equal(t, s.api.Busiest(), 0)
	var three sync.WaitGroup
	for range 3 {
		three.Go(func() { s.ask(t, "GET", "/api/v1/ops/scaling", "") })
	}
	for range 3 {
		<-inside
	}
	equal(t, s.api.Busiest(), 3)
	equal(t, s.api.Busiest(), 3) // they go on
	close(goOn)
	three.Wait()
	for s.api.Busiest() > 0 { // whoever has an answer may be a little ahead
		runtime.Gosched()
	}
	three.Go(func() { s.ask(t, "GET", "/api/v1/ops/scaling", "") })
	<-inside
	three.Wait()
	equal(t, s.api.Busiest(), 1)
	equal(t, s.api.Load().Busiest, 3)
}
