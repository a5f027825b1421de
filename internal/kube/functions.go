package kube

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"todo-app/internal/scaling"
)

// Functions returns the functions of the same release as own, which is one of
// them, as they are deployed.
func (c *Client) Functions(ctx context.Context, namespace, own string) ([]scaling.Deployed, error) {
	var services []Service
	var scalers []Autoscaler
	var events []Event
	found := make([]error, 3)
	var all sync.WaitGroup
	all.Go(func() { services, found[0] = c.Services(ctx, namespace) })
	all.Go(func() { scalers, found[1] = c.Autoscalers(ctx, namespace) })
	all.Go(func() { events, found[2] = c.ScaleEvents(ctx, namespace) })
	all.Wait()
	if err := errors.Join(found...); err != nil {
		return nil, err
	}
	release := ""
	for _, s := range services {
		if s.Metadata.Name == own {
			release = s.Metadata.Labels[instanceLabel]
		}
	}
	var functions []scaling.Deployed
	for _, s := range services {
		if s.Metadata.Labels[instanceLabel] == release {
			functions = append(functions, s.function(scalers, events))
		}
	}
	return functions, nil
}

// The labels by which the chart tells releases and functions apart, and Knative
// the revisions of a Service.
const (
	instanceLabel  = "app.kubernetes.io/instance"
	componentLabel = "app.kubernetes.io/component"
	serviceLabel   = "serving.knative.dev/service"
	autoscaling    = "autoscaling.knative.dev/"
)

// valuesAnnotation is where a Service says which of the chart's values set it.
const valuesAnnotation = "todo-app/values"

// function returns what a Service is, with those of the rest that are of it.
func (s Service) function(scalers []Autoscaler, events []Event) scaling.Deployed {
	name, ready := s.Metadata.Name, condition(s.Status.Conditions, "Ready")
	d := scaling.Deployed{
		Function: cmp.Or(s.Metadata.Labels[componentLabel], name), Service: name, Values: s.Metadata.Annotations[valuesAnnotation],
		Revision: s.Status.LatestReadyRevisionName, Ready: cmp.Or(ready.Status, "Unknown"), Reason: strings.TrimSpace(ready.Reason + " " + ready.Message),
		Revisions: []scaling.Revision{}, Scale: s.scale(),
	}
	if all := s.Spec.Template.Spec.Containers; len(all) > 0 {
		d.Resources, d.Connections = all[0].resources(), all[0].connections()
	}
	traffic := map[string]int{}
	for _, t := range s.Status.Traffic {
		traffic[t.RevisionName] += t.Percent
	}
	own := map[string]bool{}
	for _, a := range scalers {
		if a.Metadata.Labels[serviceLabel] == name {
			own[a.Metadata.Name] = true
			d.Add(a.revision(traffic[a.Metadata.Name]))
		}
	}
	d.Tell(scalings(events, own))
	return d
}

// scale reads what a Service says of its scale; what it does not say is the
// cluster's own setting, and shown as 0 or as Knative's default class.
func (s Service) scale() scaling.Scale {
	a := s.Spec.Template.Metadata.Annotations
	class, _, _ := strings.Cut(a[autoscaling+"class"], ".")
	delay, _ := time.ParseDuration(a[autoscaling+"scale-down-delay"])
	return scaling.Scale{
		Class: cmp.Or(class, "kpa"), Metric: cmp.Or(a[autoscaling+"metric"], "concurrency"), Target: number(a[autoscaling+"target"]),
		Min: number(a[autoscaling+"min-scale"]), Max: number(a[autoscaling+"max-scale"]),
		Concurrency: s.Spec.Template.Spec.ContainerConcurrency, Delay: int(delay / time.Second),
	}
}

func (c Container) resources() scaling.Resources {
	r := c.Resources
	return scaling.Resources{
		CPURequest: scaling.Milli(r.Requests["cpu"]), CPULimit: scaling.Milli(r.Limits["cpu"]),
		MemoryRequest: scaling.Bytes(r.Requests["memory"]), MemoryLimit: scaling.Bytes(r.Limits["memory"]),
	}
}

// connections returns how many to the database one pod may hold.
func (c Container) connections() int {
	for _, e := range c.Env {
		if e.Name == "TODO_DATABASE_CONNS" {
			return number(e.Value)
		}
	}
	return 0
}

func (a Autoscaler) revision(traffic int) scaling.Revision {
	active := condition(a.Status.Conditions, "Active")
	r := scaling.Revision{Name: a.Metadata.Name, Traffic: traffic, Active: active.Status == "True"}
	if !r.Active {
		r.Reason = active.Reason
	}
	if n := a.Status.DesiredScale; n != nil {
		r.Wanted = max(0, *n) // -1 while it does not know
	}
	if n := a.Status.ActualScale; n != nil {
		r.Running = *n
	}
	return r
}

func condition(all []Condition, kind string) Condition {
	for _, c := range all {
		if c.Type == kind {
			return c
		}
	}
	return Condition{}
}

// deploymentSuffix ends the name of the Deployment of a revision.
const deploymentSuffix = "-deployment"

// scalings returns those events that are of some revisions.
func scalings(events []Event, of map[string]bool) []scaling.Event {
	found := []scaling.Event{}
	for _, e := range events {
		if name, ok := strings.CutSuffix(e.InvolvedObject.Name, deploymentSuffix); ok && of[name] {
			found = append(found, scaling.Event{At: e.At(), Revision: name, Text: e.Message})
		}
	}
	return found
}

// number reads a whole number; 0 if it is none.
func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
