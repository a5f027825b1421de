package kube_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"todo-app/internal/kube"
)

// answering is an API server that answers every request with a text, and notes
// what was asked.
func answering(t *testing.T, status int, text string) (*kube.Client, *[]string) {
	t.Helper()
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.URL.Path+" "+r.URL.Query().Encode())
		w.WriteHeader(status)
		fmt.Fprint(w, text)
	}))
	t.Cleanup(server.Close)
	return &kube.Client{Base: server.URL, HTTP: server.Client(), Token: func() (string, error) { return "token", nil }}, &asked
}

func TestWhatKnativeHasIsListedWithinBounds(t *testing.T) {
	c, asked := answering(t, 200, `{"kind":"List","items":[{"metadata":{"name":"one","labels":{"a":"b"}},"involvedObject":{"kind":"Deployment","name":"list-00001-deployment"},
		"status":{"desiredScale":-1,"actualScale":0,"latestReadyRevisionName":"one-00001"},"lastTimestamp":"2026-11-27T09:30:00Z","message":"Scaled"}]}`)
	services, err := c.Services(t.Context(), "ns")
	if err != nil || len(services) != 1 || services[0].Metadata.Name != "one" || services[0].Status.LatestReadyRevisionName != "one-00001" {
		t.Errorf("%+v, %v", services, err)
	}
	scalers, err := c.Autoscalers(t.Context(), "n/s")
	if err != nil || len(scalers) != 1 || *scalers[0].Status.DesiredScale != -1 {
		t.Errorf("%+v, %v", scalers, err)
	}
	events, err := c.ScaleEvents(t.Context(), "ns")
	if err != nil || len(events) != 1 || !events[0].At().Equal(time.Date(2026, 11, 27, 9, 30, 0, 0, time.UTC)) || events[0].InvolvedObject.Name != "list-00001-deployment" {
		t.Errorf("%+v, %v", events, err)
	}
	if diff := cmp.Diff([]string{
		"GET /apis/serving.knative.dev/v1/namespaces/ns/services labelSelector=app.kubernetes.io%2Fpart-of%3Dtodo-app&limit=500",
		"GET /apis/autoscaling.internal.knative.dev/v1alpha1/namespaces/n/s/podautoscalers limit=500",
		"GET /api/v1/namespaces/ns/events fieldSelector=involvedObject.kind%3DDeployment%2Creason%3DScalingReplicaSet&limit=500",
	}, *asked); diff != "" {
		t.Error(diff)
	}
}

func TestWhatCannotBeListedIsSaid(t *testing.T) {
	for text, status := range map[string]int{
		`{"kind":"Status","message":"services.serving.knative.dev is forbidden"}`: 403,
		`no JSON at all`: 200,
	} {
		c, _ := answering(t, status, text)
		_, err := c.Services(t.Context(), "ns")
		var answer *kube.StatusError
		if err == nil || errors.As(err, &answer) != (status == 403) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestAnEventThatSaysNoTimeHasNone(t *testing.T) {
	at := time.Date(2026, 11, 27, 9, 30, 0, 0, time.UTC)
	if got := (kube.Event{EventTime: &at, LastTimestamp: &time.Time{}}).At(); !got.Equal(at) {
		t.Error(got)
	}
	if got := (kube.Event{}).At(); !got.IsZero() {
		t.Error(got)
	}
}
