package kube_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
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
		"GET /apis/serving.knative.dev/v1/namespaces/ns/services labelSelector=app.kubernetes.io%2Fpart-of%3Dtodo-app&limit=100",
		"GET /apis/autoscaling.internal.knative.dev/v1alpha1/namespaces/n/s/podautoscalers limit=100",
		"GET /api/v1/namespaces/ns/events fieldSelector=involvedObject.kind%3DDeployment%2Creason%3DScalingReplicaSet&limit=100",
	}, *asked); diff != "" {
		t.Error(diff)
	}
}

func TestWhatDoesNotFitOnAPageIsListedToo(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if q.Get("limit") != "100" || q.Get("labelSelector") == "" {
			t.Errorf("asked is %s", r.URL)
		}
		switch from := q.Get("continue"); {
		case r.URL.Path == "/apis/serving.knative.dev/v1/namespaces/endless/services":
			fmt.Fprint(w, `{"metadata":{"continue":"on"},"items":[{}]}`)
		case from == "":
			fmt.Fprint(w, `{"metadata":{"continue":"a&b"},"items":[{"metadata":{"name":"one"}},{"metadata":{"name":"two"}}]}`)
		case from == "a&b":
			fmt.Fprint(w, `{"metadata":{},"items":[{"metadata":{"name":"three"}}]}`)
		}
	}))
	defer server.Close()
	c := &kube.Client{Base: server.URL, HTTP: server.Client(), Token: func() (string, error) { return "token", nil }}
	services, err := c.Services(t.Context(), "ns")
	var names []string
	for _, s := range services {
		names = append(names, s.Metadata.Name)
	}
	if diff := cmp.Diff([]string{"one", "two", "three"}, names); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if _, err := c.Services(t.Context(), "endless"); err == nil || !strings.Contains(err.Error(), "more than 50") {
		t.Errorf("without an end: %v", err)
	}
}

func TestAnAnswerThatIsTooLargeIsRefusedAndNotCut(t *testing.T) {
	c, _ := answering(t, 200, `{"items":[]}`+strings.Repeat(" ", 4<<20))
	if _, err := c.Services(t.Context(), "ns"); err == nil || !strings.Contains(err.Error(), "answers more than 4 MiB") {
		t.Error(err)
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
