package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"todo-app/internal/app"
	"todo-app/internal/kube"
	"todo-app/internal/postgres"
	"todo-app/internal/scaling"
)

// knative is an API server that has two releases in one namespace, and a
// function with two revisions that share its traffic.
func knative(t *testing.T, refuse string) *kube.Client {
	t.Helper()
	service := func(name, release, component string) string {
		return fmt.Sprintf(`{"metadata":{"name":%q,"labels":{"app.kubernetes.io/instance":%q,"app.kubernetes.io/component":%q}},
			"spec":{"template":{"metadata":{"annotations":{"autoscaling.knative.dev/class":"kpa.autoscaling.knative.dev","autoscaling.knative.dev/metric":"concurrency",
				"autoscaling.knative.dev/target":"20","autoscaling.knative.dev/min-scale":"0","autoscaling.knative.dev/max-scale":"3","autoscaling.knative.dev/scale-down-delay":"120s"}},
			"spec":{"containerConcurrency":40,"containers":[{"env":[{"name":"TODO_DATABASE_CONNS","value":"4"},{"name":"DATABASE_PASSWORD","valueFrom":{}}],
				"resources":{"requests":{"cpu":"20m","memory":"32Mi"},"limits":{"cpu":"1","memory":"1Gi"}}}]}}},
			"status":{"latestReadyRevisionName":"%[1]s-00002","conditions":[{"type":"Ready","status":"False","reason":"RevisionFailed","message":"no image"}],
			"traffic":[{"revisionName":"%[1]s-00001","percent":10},{"revisionName":"%[1]s-00002","percent":85,"latestRevision":true},{"revisionName":"%[1]s-00002","percent":5,"tag":"now"}]}}`, name, release, component)
	}
	scaler := func(name, service, status string) string {
		return fmt.Sprintf(`{"metadata":{"name":%q,"labels":{"serving.knative.dev/service":%q}},"status":%s}`, name, service, status)
	}
	event := func(deployment, at, text string) string {
		return fmt.Sprintf(`{"involvedObject":{"kind":"Deployment","name":%q},"reason":"ScalingReplicaSet","message":%q,"lastTimestamp":%q}`, deployment, text, at)
	}
	items := map[string][]string{
		"services": {service("b-list", "b", "list"), service("list", "todo-app", "list"), service("health", "todo-app", "health")},
		"podautoscalers": {
			scaler("list-00001", "list", `{"desiredScale":1,"actualScale":1,"conditions":[{"type":"Active","status":"True"}]}`),
			scaler("list-00002", "list", `{"desiredScale":-1,"actualScale":0,"conditions":[{"type":"Active","status":"False","reason":"NoTraffic"}]}`),
			scaler("list-00000", "list", `{"desiredScale":0,"actualScale":0}`), // long gone
			scaler("health-00002", "health", `{}`),
		},
		"events": {
			event("list-00001-deployment", "2026-11-27T09:30:00Z", "Scaled up"), event("b-list-00001-deployment", "2026-11-27T09:31:00Z", "another's"),
			event("list-00002-deployment", "2026-11-27T09:32:00Z", "Scaled down"), event("postgres", "2026-11-27T09:33:00Z", "none of ours"),
		},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		if kind == refuse {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"message":"no"}`)
			return
		}
		fmt.Fprintf(w, `{"items":[%s]}`, strings.Join(items[kind], ","))
	}))
	t.Cleanup(server.Close)
	return &kube.Client{Base: server.URL, HTTP: server.Client(), Token: func() (string, error) { return "token", nil }}
}

func TestFunctionsAreToldAsTheClusterHasThemAndThoseOfAnotherReleaseAreNot(t *testing.T) {
	found, err := app.DeployedIn(t.Context(), knative(t, ""), "ns", "health")
	if err != nil || len(found) != 2 {
		t.Fatal(found, err)
	}
	at := func(minute int) time.Time { return time.Date(2026, 11, 27, 9, minute, 0, 0, time.UTC) }
	want := scaling.Deployed{
		Function: "list", Service: "list", Connections: 4, Revision: "list-00002", Ready: "False", Reason: "RevisionFailed no image", Wanted: 1, Running: 1,
		Revisions: []scaling.Revision{
			{Name: "list-00001", Traffic: 10, Wanted: 1, Running: 1, Active: true},
			{Name: "list-00002", Traffic: 90, Reason: "NoTraffic"},
		},
		Scale:     scaling.Scale{Class: "kpa", Metric: "concurrency", Target: 20, Max: 3, Concurrency: 40, Delay: 120},
		Resources: scaling.Resources{CPURequest: 20, CPULimit: 1000, MemoryRequest: 32 << 20, MemoryLimit: 1 << 30},
		Events:    []scaling.Event{{At: at(32), Revision: "list-00002", Text: "Scaled down"}, {At: at(30), Revision: "list-00001", Text: "Scaled up"}},
	}
	if diff := cmp.Diff(want, found[0]); diff != "" {
		t.Error(diff)
	}
	for _, kind := range []string{"services", "podautoscalers", "events"} {
		if _, err := app.DeployedIn(t.Context(), knative(t, kind), "ns", "health"); err == nil || !strings.Contains(err.Error(), "listing "+kind) {
			t.Errorf("%s refused: %v", kind, err)
		}
	}
}

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
	if r.Cluster.Known || !strings.Contains(r.Cluster.Detail, "no pod of a cluster") || !r.Storage.Known || len(r.Functions) != 1 {
		t.Fatalf("told is %+v", r)
	}
	o := r.Functions[0].Observed
	if r.Functions[0].Service != "b-list" || o.Requests != 3 || o.Pods != 1 || o.Cold.Starts != 1 || o.Cold.Mean <= 0 || o.Memory < 1<<20 || o.CPU <= 0 {
		t.Errorf("observed is %+v of %+v", o, r.Functions[0])
	}
}

func TestFactsAreAskedForOnceHoweverManyAsk(t *testing.T) {
	db := server.New(t)
	_, h := joined(t, app.Settings{DatabaseURL: db.URL(postgres.AppRole)})
	if first, second := told(t, h), told(t, h); !first.At.Equal(second.At) {
		t.Errorf("told anew: %v, %v", first.At, second.At)
	}
}

func TestWithoutADatabaseTheRestIsTold(t *testing.T) {
	_, h := joined(t, app.Settings{DatabaseURL: "postgres://todo_app@127.0.0.1:1/none?sslmode=disable"})
	if r := told(t, h); r.Storage.Known || r.Storage.Detail != "the database cannot be reached" || r.Connections != nil {
		t.Errorf("told is %+v", r)
	}
}
