package kube

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// Job is as much of a Job as is needed here.
type Job struct {
	Metadata struct {
		Name              string
		UID               string
		ResourceVersion   string
		Labels            map[string]string
		CreationTimestamp time.Time
		OwnerReferences   []struct{ Kind, Name string }
	}
	Status struct{ Conditions []Condition }
}

// CronJob returns which CronJob made it, "" if none did.
func (j Job) CronJob() string {
	for _, owner := range j.Metadata.OwnerReferences {
		if owner.Kind == "CronJob" {
			return owner.Name
		}
	}
	return ""
}

// Failure returns why it has failed for good; ok is false if it has not.
func (j Job) Failure() (why string, ok bool) {
	for _, c := range j.Status.Conditions {
		if c.Type == "Failed" && c.Status == "True" {
			return c.Reason, true
		}
	}
	return "", false
}

// spent reports whether a Job may go: it has failed, and the CronJob that made
// it makes the next.
func (j Job) spent() bool {
	_, failed := j.Failure()
	return failed && j.CronJob() != "" && j.Metadata.Labels["app.kubernetes.io/part-of"] == "todo-app"
}

// FailedJobs returns this application's Jobs that have failed and that a
// CronJob made.
func (c *Client) FailedJobs(ctx context.Context, namespace string) ([]Job, error) {
	all, err := list[Job](ctx, c, "/apis/batch/v1", namespace, "jobs", url.Values{"labelSelector": {partOf}})
	return slices.DeleteFunc(all, func(j Job) bool { return !j.spent() }), err
}

// ErrNotSpent says that a Job is not one that FailedJobs returns.
var ErrNotSpent = errors.New("it is no Job of a CronJob of this application that has failed, so it stays")

// deleteOptions are those of the request to delete an object.
type deleteOptions struct {
	APIVersion        string `json:"apiVersion"`
	Kind              string `json:"kind"`
	PropagationPolicy string `json:"propagationPolicy"`
	Preconditions     struct {
		UID             string `json:"uid"`
		ResourceVersion string `json:"resourceVersion"`
	} `json:"preconditions"`
}

// DeleteFailedJob removes a Job with its pods. It looks at it first, and removes
// just what it looked at: ErrNotSpent if that may not go, a *StatusError if
// there is none or it has changed meanwhile.
func (c *Client) DeleteFailedJob(ctx context.Context, namespace, name string) error {
	path := "/apis/batch/v1/namespaces/" + url.PathEscape(namespace) + "/jobs/" + url.PathEscape(name)
	var job Job
	if err := c.do(ctx, http.MethodGet, path, "", nil, &job); err != nil {
		return fmt.Errorf("looking at the job %s: %w", name, err)
	}
	if !job.spent() {
		return ErrNotSpent
	}
	options := deleteOptions{APIVersion: "v1", Kind: "DeleteOptions", PropagationPolicy: "Background"}
	options.Preconditions.UID, options.Preconditions.ResourceVersion = job.Metadata.UID, job.Metadata.ResourceVersion
	if err := c.do(ctx, http.MethodDelete, path, "application/json", options, nil); err != nil {
		return fmt.Errorf("deleting the job %s: %w", name, err)
	}
	return nil
}
