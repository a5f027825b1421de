package kube_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"todo-app/internal/kube"
	"todo-app/internal/scaling"
)

// knative is an API server that has two releases in one namespace, and a
// function with two revisions that share its traffic.
func knative(t *testing.T, refuse string) *kube.Client {
	t.Helper()
	service := func(name, release, component string) string {
		return fmt.Sprintf(`{"metadata":{"name":%q,"labels":{"app.kubernetes.io/instance":%q,"app.kubernetes.io/component":%q},"annotations":{"todo-app/values":"functions.%[3]s"}},
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
	found, err := knative(t, "").Functions(t.Context(), "ns", "health")
	if err != nil || len(found) != 2 {
		t.Fatal(found, err)
	}
	at := func(minute int) time.Time { return time.Date(2026, 11, 27, 9, minute, 0, 0, time.UTC) }
	want := scaling.Deployed{
		Function: "list", Service: "list", Values: "functions.list", Connections: 4, Revision: "list-00002", Ready: "False", Reason: "RevisionFailed no image", Wanted: 1, Running: 1,
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
		if _, err := knative(t, kind).Functions(t.Context(), "ns", "health"); err == nil || !strings.Contains(err.Error(), "listing "+kind) {
			t.Errorf("%s refused: %v", kind, err)
		}
	}
}
