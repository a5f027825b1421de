package app

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"

	"todo-app/internal/kube"
	"todo-app/internal/scaling"
)

const (
	// scalingEvery is how often, at most, the cluster and the database are
	// asked, however often anybody asks here.
	scalingEvery = 5 * time.Second
	// scalingTime bounds one round of that.
	scalingTime = 5 * time.Second
)

// scalingFacts keeps the last report for some seconds.
type scalingFacts struct {
	app  *App
	lock sync.Mutex
	at   time.Time
	last scaling.Report
}

// report returns how the functions scale, or did a moment ago. Whoever comes
// while others ask waits for what these find.
func (f *scalingFacts) report(ctx context.Context) scaling.Report {
	f.lock.Lock()
	defer f.lock.Unlock()
	if f.at.IsZero() || time.Since(f.at) >= scalingEvery {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), scalingTime)
		defer cancel()
		f.last = f.gather(ctx).Report()
		f.at = time.Now()
	}
	return f.last
}

// gather asks the cluster and the database at once. What cannot be asked is
// said to be unknown, and why.
func (f *scalingFacts) gather(ctx context.Context) scaling.Facts {
	facts := scaling.Facts{Now: time.Now().UTC().Truncate(time.Second), Cluster: scaling.Source{Known: true}, Storage: scaling.Source{Known: true}}
	var both sync.WaitGroup
	both.Go(func() {
		var err error
		if facts.Deployed, err = deployed(ctx, f.app.settings.Service); err != nil {
			facts.Cluster = unknown(err)
		}
	})
	both.Go(func() {
		var err error
		if facts.Use, facts.Connections, err = f.stored(ctx, facts.Now); err != nil {
			f.app.log.Warn("reading what functions did", zap.Error(err))
			facts.Storage = scaling.Source{Detail: "the database cannot be reached"}
		}
	})
	both.Wait()
	return facts
}

func (f *scalingFacts) stored(ctx context.Context, now time.Time) ([]scaling.Use, *scaling.Connections, error) {
	use, err := f.app.store.Use(ctx, now.Add(-scaling.Life).Truncate(time.Hour))
	if err != nil {
		return nil, nil, err
	}
	c, err := f.app.store.Connections(ctx)
	if err != nil {
		return nil, nil, err
	}
	return use, &c, nil
}

// longestDetail bounds what is told of an error, in bytes.
const longestDetail = 300

func unknown(err error) scaling.Source {
	detail := strings.ToValidUTF8(err.Error(), "")
	if len(detail) > longestDetail {
		detail = strings.ToValidUTF8(detail[:longestDetail], "") + "…"
	}
	return scaling.Source{Detail: detail}
}

// deployed asks the API server of the cluster that this runs in for the
// functions of the same release as own, which is one of them.
func deployed(ctx context.Context, own string) ([]scaling.Deployed, error) {
	cluster, err := kube.InCluster()
	if err != nil {
		return nil, err
	}
	namespace, err := kube.Namespace()
	if err != nil {
		return nil, err
	}
	return deployedIn(ctx, cluster, namespace, own)
}

func deployedIn(ctx context.Context, cluster *kube.Client, namespace, own string) ([]scaling.Deployed, error) {
	var services []kube.Service
	var scalers []kube.Autoscaler
	var events []kube.Event
	found := make([]error, 3)
	var all sync.WaitGroup
	all.Go(func() { services, found[0] = cluster.Services(ctx, namespace) })
	all.Go(func() { scalers, found[1] = cluster.Autoscalers(ctx, namespace) })
	all.Go(func() { events, found[2] = cluster.ScaleEvents(ctx, namespace) })
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
			functions = append(functions, deployment(s, scalers, events))
		}
	}
	return functions, nil
}

// The labels by which the chart tells releases and functions apart, and
// Knative the revisions of a Service.
const (
	instanceLabel  = "app.kubernetes.io/instance"
	componentLabel = "app.kubernetes.io/component"
	serviceLabel   = "serving.knative.dev/service"
	autoscaling    = "autoscaling.knative.dev/"
)

func deployment(s kube.Service, scalers []kube.Autoscaler, events []kube.Event) scaling.Deployed {
	name := s.Metadata.Name
	ready := condition(s.Status.Conditions, "Ready")
	d := scaling.Deployed{
		Function: cmp.Or(s.Metadata.Labels[componentLabel], name), Service: name, Revision: s.Status.LatestReadyRevisionName,
		Ready: cmp.Or(ready.Status, "Unknown"), Reason: strings.TrimSpace(ready.Reason + " " + ready.Message),
		Revisions: []scaling.Revision{}, Scale: scaleOf(s), Events: []scaling.Event{},
	}
	if len(s.Spec.Template.Spec.Containers) > 0 {
		c := s.Spec.Template.Spec.Containers[0]
		d.Resources = scaling.Resources{
			CPURequest: milliCPU(c.Resources.Requests["cpu"]), CPULimit: milliCPU(c.Resources.Limits["cpu"]),
			MemoryRequest: bytesOf(c.Resources.Requests["memory"]), MemoryLimit: bytesOf(c.Resources.Limits["memory"]),
		}
		for _, e := range c.Env {
			if e.Name == "TODO_DATABASE_CONNS" {
				d.Connections = number(e.Value)
			}
		}
	}
	traffic := map[string]int{}
	for _, t := range s.Status.Traffic {
		traffic[t.RevisionName] += t.Percent
	}
	for _, a := range scalers {
		if a.Metadata.Labels[serviceLabel] != name {
			continue
		}
		r := revision(a, traffic[a.Metadata.Name])
		if r.Traffic > 0 || r.Wanted > 0 || r.Running > 0 {
			d.Revisions = append(d.Revisions, r)
			d.Wanted += r.Wanted
			d.Running += r.Running
		}
	}
	slices.SortFunc(d.Revisions, func(a, b scaling.Revision) int { return cmp.Compare(a.Name, b.Name) })
	d.Events = eventsOf(name, scalers, events)
	return d
}

func revision(a kube.Autoscaler, traffic int) scaling.Revision {
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

func condition(all []kube.Condition, kind string) kube.Condition {
	for _, c := range all {
		if c.Type == kind {
			return c
		}
	}
	return kube.Condition{}
}

// mostEvents is how many of a function's are told.
const mostEvents = 10

// deploymentSuffix ends the name of the Deployment of a revision.
const deploymentSuffix = "-deployment"

// eventsOf returns the newest of a service's.
func eventsOf(service string, scalers []kube.Autoscaler, events []kube.Event) []scaling.Event {
	of := map[string]bool{}
	for _, a := range scalers {
		of[a.Metadata.Name] = a.Metadata.Labels[serviceLabel] == service
	}
	found := []scaling.Event{}
	for _, e := range events {
		if name, ok := strings.CutSuffix(e.InvolvedObject.Name, deploymentSuffix); ok && of[name] {
			found = append(found, scaling.Event{At: e.At(), Revision: name, Text: e.Message})
		}
	}
	slices.SortStableFunc(found, func(a, b scaling.Event) int { return b.At.Compare(a.At) })
	return found[:min(len(found), mostEvents)]
}

// scaleOf reads what a Service says of its scale; what it does not say is the
// cluster's own setting, and shown as 0 or as Knative's default class.
func scaleOf(s kube.Service) scaling.Scale {
	a := s.Spec.Template.Metadata.Annotations
	class, _, _ := strings.Cut(a[autoscaling+"class"], ".")
	delay, _ := time.ParseDuration(a[autoscaling+"scale-down-delay"])
	return scaling.Scale{
		Class: cmp.Or(class, "kpa"), Metric: cmp.Or(a[autoscaling+"metric"], "concurrency"), Target: number(a[autoscaling+"target"]),
		Min: number(a[autoscaling+"min-scale"]), Max: number(a[autoscaling+"max-scale"]),
		Concurrency: s.Spec.Template.Spec.ContainerConcurrency, Delay: int(delay / time.Second),
	}
}

// number reads a whole number; 0 if it is none.
func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// milliCPU reads a quantity of CPU, as the chart admits them and Kubernetes
// writes them, in thousandths; 0 if it says none.
func milliCPU(s string) int {
	if thousandths, ok := strings.CutSuffix(s, "m"); ok {
		return number(thousandths)
	}
	cpus, _ := strconv.ParseFloat(s, 64)
	return int(1000 * cpus)
}

// bytesOf reads a quantity of memory likewise, in bytes.
func bytesOf(s string) int64 {
	for suffix, unit := range map[string]int64{"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30} {
		if n, ok := strings.CutSuffix(s, suffix); ok {
			return int64(number(n)) * unit
		}
	}
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}
