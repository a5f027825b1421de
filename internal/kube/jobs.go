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
		Annotations       map[string]string
		CreationTimestamp time.Time
		OwnerReferences   []struct{ Kind, Name string }
	}
	Status struct{ Conditions []Condition }
}

// CronJob returns which CronJob it was made of, "" if of none.
func (j Job) CronJob() string {
	for _, owner := range j.Metadata.OwnerReferences {
		if owner.Kind == "CronJob" {
			return owner.Name
		}
	}
	return ""
}

// manual reports whether somebody made it of a CronJob by hand, as
// `kubectl create job --from` does: no schedule makes the next.
func (j Job) manual() bool {
	return j.Metadata.Annotations["cronjob.kubernetes.io/instantiate"] == "manual"
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

// Jobs are those of one release of this application: there may be others in
// the same namespace.
type Jobs struct {
	Client             *Client
	Namespace, Release string
}

// spent reports whether a Job may go: it is of the release and has failed, and
// the CronJob whose schedule made it makes the next.
func (j Jobs) spent(one Job) bool {
	_, failed := one.Failure()
	labels := one.Metadata.Labels
	return failed && one.CronJob() != "" && !one.manual() && labels[partOfLabel] == application && labels[instanceLabel] == j.Release && j.Release != ""
}

// Failed returns those that have failed and that a CronJob's schedule made.
func (j Jobs) Failed(ctx context.Context) ([]Job, error) {
	all, err := list[Job](ctx, j.Client, "/apis/batch/v1", j.Namespace, "jobs", url.Values{"labelSelector": {partOf + "," + instanceLabel + "=" + j.Release}})
	return slices.DeleteFunc(all, func(one Job) bool { return !j.spent(one) }), err
}

// ErrNotSpent says that a Job is not one that Failed returns.
var ErrNotSpent = errors.New("it is no failed Job that the schedule of a CronJob of this release made, so it stays")

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

// Delete removes a Job with its pods. It looks at it first, and removes just
// what it looked at: ErrNotSpent if that may not go, a *StatusError if there is
// none or it has changed meanwhile.
func (j Jobs) Delete(ctx context.Context, name string) error {
	path := "/apis/batch/v1/namespaces/" + url.PathEscape(j.Namespace) + "/jobs/" + url.PathEscape(name)
	var job Job
	if err := j.Client.do(ctx, http.MethodGet, path, "", nil, &job); err != nil {
		return fmt.Errorf("looking at the job %s: %w", name, err)
	}
	if !j.spent(job) {
		return ErrNotSpent
	}
	options := deleteOptions{APIVersion: "v1", Kind: "DeleteOptions", PropagationPolicy: "Background"}
	options.Preconditions.UID, options.Preconditions.ResourceVersion = job.Metadata.UID, job.Metadata.ResourceVersion
	if err := j.Client.do(ctx, http.MethodDelete, path, "application/json", options, nil); err != nil {
		return fmt.Errorf("deleting the job %s: %w", name, err)
	}
	return nil
}
