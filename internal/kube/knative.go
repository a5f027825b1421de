package kube

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Service is as much of a Knative Service as is needed here.
type Service struct {
	Metadata Metadata
	Spec     struct {
		Template struct {
			Metadata Metadata
			Spec     struct {
				ContainerConcurrency int
				Containers           []Container
			}
		}
	}
	Status struct {
		Conditions              []Condition
		LatestReadyRevisionName string
		Traffic                 []Traffic
	}
}

// Metadata names an object.
type Metadata struct {
	Name        string
	Labels      map[string]string
	Annotations map[string]string
}

// Container is a function's own, in a Service.
type Container struct {
	Env       []struct{ Name, Value string }
	Resources struct{ Requests, Limits map[string]string }
}

// Condition is what is the case with an object: True, False or Unknown.
type Condition struct{ Type, Status, Reason, Message string }

// Traffic is what part of the requests a revision gets, in percent.
type Traffic struct {
	RevisionName string
	Percent      int
}

// Autoscaler is a PodAutoscaler of Knative: what is wanted of one revision, and
// what is there.
type Autoscaler struct {
	Metadata Metadata
	Status   struct {
		Conditions   []Condition
		DesiredScale *int
		ActualScale  *int
	}
}

// Event is one that the cluster noted of an object.
type Event struct {
	InvolvedObject struct{ Kind, Name string }
	Reason         string
	Message        string
	Count          int
	FirstTimestamp *time.Time
	LastTimestamp  *time.Time
	EventTime      *time.Time
}

// At returns when it happened last.
func (e Event) At() time.Time {
	for _, t := range []*time.Time{e.LastTimestamp, e.EventTime, e.FirstTimestamp} {
		if t != nil && !t.IsZero() {
			return t.UTC()
		}
	}
	return time.Time{}
}

const (
	// page is how many objects one call asks for: no more of the largest, with
	// all that others note in them, than largest holds.
	page = 100
	// mostPages bounds how many calls follow each other: there are not so many
	// objects of one application, nor so many scalings in an hour.
	mostPages = 50
)

// partOf selects what is of this application.
const (
	partOfLabel = "app.kubernetes.io/part-of"
	application = "todo-app"
	partOf      = partOfLabel + "=" + application
)

// Services returns the Knative Services of this application.
func (c *Client) Services(ctx context.Context, namespace string) ([]Service, error) {
	return list[Service](ctx, c, "/apis/serving.knative.dev/v1", namespace, "services", url.Values{"labelSelector": {partOf}})
}

// Autoscalers returns what Knative's autoscaler makes of every revision.
func (c *Client) Autoscalers(ctx context.Context, namespace string) ([]Autoscaler, error) {
	return list[Autoscaler](ctx, c, "/apis/autoscaling.internal.knative.dev/v1alpha1", namespace, "podautoscalers", nil)
}

// ScaleEvents returns when Deployments were scaled, as long as the cluster
// remembers that: an hour, unless told otherwise.
func (c *Client) ScaleEvents(ctx context.Context, namespace string) ([]Event, error) {
	return list[Event](ctx, c, "/api/v1", namespace, "events", url.Values{"fieldSelector": {"involvedObject.kind=Deployment,reason=ScalingReplicaSet"}})
}

// list returns all objects of a kind in a namespace, page by page. More than
// mostPages is an error.
func list[T any](ctx context.Context, c *Client, group, namespace, kind string, query url.Values) ([]T, error) {
	if query == nil {
		query = url.Values{}
	}
	query.Set("limit", strconv.Itoa(page))
	var all []T
	for range mostPages {
		var found struct {
			Metadata struct{ Continue string }
			Items    []T
		}
		err := c.do(ctx, http.MethodGet, group+"/namespaces/"+url.PathEscape(namespace)+"/"+kind+"?"+query.Encode(), "", nil, &found)
		if err != nil {
			return nil, fmt.Errorf("listing %s: %w", kind, err)
		}
		all = append(all, found.Items...)
		if found.Metadata.Continue == "" {
			return all, nil
		}
		query.Set("continue", found.Metadata.Continue)
	}
	return nil, fmt.Errorf("listing %s: there are more than %d", kind, len(all))
}
