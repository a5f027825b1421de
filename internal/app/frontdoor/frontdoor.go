// Package frontdoor joins the web function: one origin before all functions,
// which link what it never does.
package frontdoor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"go.uber.org/zap"

	"todo-app/internal/app/function"
	"todo-app/internal/httpapi"
	"todo-app/internal/serve"
	"todo-app/internal/telemetry"
	"todo-app/internal/web"
)

// startTime is how long a function may take to start: longer than Knative
// takes for a pod on a node that has its image.
const startTime = time.Minute

// Frontdoor is the parts, joined as the settings say.
type Frontdoor struct {
	settings Settings
	log      *zap.Logger
	metrics  *serve.Metrics
	door     *web.Door
	api      *httpapi.API

	telemetry *telemetry.Telemetry
}

// New joins the parts. It connects to nothing.
func New(s Settings, log *zap.Logger) (*Frontdoor, error) {
	told, err := telemetry.Start(s.Telemetry, cmp.Or(s.Service, string(function.Web)), function.Version, log)
	if err != nil {
		return nil, err
	}
	f := &Frontdoor{settings: s, log: log, metrics: serve.NewMetrics(), telemetry: told}
	f.door = &web.Door{URL: s.ClientURL, Trusts: s.Trusts, StartTime: startTime, Concurrency: s.Concurrency, Around: told.Transport}
	f.api = &httpapi.API{
		URL:     s.ClientURL,
		Log:     log,
		Request: serve.WithRequest,
		Observe: func(method, pattern string) func(int, time.Duration) {
			return f.metrics.Endpoint(method, pattern).Observe
		},
		Around:  told.Endpoint,
		Version: function.Version,
		Started: time.Now(),
		Ready:   func(context.Context) error { return nil },
	}
	f.metrics.Add(func(w io.Writer) { function.WriteLoad(w, f.api.Load()) })
	f.metrics.Add(told.Write)
	return f, nil
}

// Run is the main of the web function.
func Run() {
	function.Main(function.Web, func() (function.Settings, function.Program, error) {
		s, err := ReadSettings()
		return s.Settings, func(ctx context.Context, log *zap.Logger) error { return run(ctx, s, log) }, err
	})
}

func run(ctx context.Context, s Settings, log *zap.Logger) error {
	f, err := New(s, log)
	if err != nil {
		return err
	}
	return f.Serve(ctx)
}

// Serve serves until ctx ends, and drains.
func (f *Frontdoor) Serve(ctx context.Context) error {
	defer f.telemetry.Close()
	defer f.door.Close()
	f.door.Ending = ctx.Done()
	var longest time.Duration
	for _, name := range function.Names() {
		longest = max(longest, httpapi.Longest(function.Endpoints(f.api, name)))
	}
	return f.settings.Serve(ctx, f.Handler(), startTime+longest, f.metrics, f.log, nil)
}

// Handler serves the door's own endpoints, and passes on to each function
// what it answers. Events are sent to the functions' own hosts.
func (f *Frontdoor) Handler() http.Handler {
	endpoints := slices.Concat(f.api.Probes(), f.api.Document(), Pages(f.settings.SignIn, f.settings.Off...))
	own := len(endpoints)
	for _, name := range function.Names() {
		forward := f.forward(name)
		for _, e := range function.Endpoints(f.api, name) {
			if !slices.ContainsFunc(endpoints[:own], func(o httpapi.Endpoint) bool { return o.Method == e.Method && o.Path == e.Path }) {
				endpoints = append(endpoints, e.Elsewhere(forward(e.Limit())))
			}
		}
	}
	return f.api.Handler(endpoints...)
}

// forward returns what answers the requests to a function, each within its
// limit. Of one that is not deployed nobody is asked.
func (f *Frontdoor) forward(name function.Name) func(time.Duration) func(http.ResponseWriter, *http.Request) error {
	if slices.Contains(f.settings.Off, name) {
		off := &httpapi.Problem{Status: http.StatusNotFound, Detail: fmt.Sprintf("the function %s, which does this, is not deployed here", name)}
		return func(time.Duration) func(http.ResponseWriter, *http.Request) error {
			return func(http.ResponseWriter, *http.Request) error { return off }
		}
	}
	to := f.door.To(f.settings.FunctionURL(name))
	return func(limit time.Duration) func(http.ResponseWriter, *http.Request) error {
		return answered(to.Within(limit))
	}
}

// Pages returns the endpoints of what a browser may look at. They offer nothing
// of the functions that are off.
func Pages(s function.SignIn, off ...function.Name) []httpapi.Endpoint {
	var endpoints []httpapi.Endpoint
	names := make([]string, len(off))
	for i, name := range off {
		names[i] = string(name)
	}
	for _, p := range web.Pages(web.SignIn(s), function.Version, names...) {
		endpoints = append(endpoints, httpapi.Page(p.Path, p.Handler))
	}
	return endpoints
}

// problems says how clients are told what became of a request. Only those
// that certainly had no effect are 503, which asks to try again.
var problems = []struct {
	is      error
	problem httpapi.Problem
}{
	{web.ErrBusy, httpapi.Problem{Status: http.StatusServiceUnavailable, Detail: "too many requests at once; this one was not carried out"}},
	{web.ErrAbsent, httpapi.Problem{Status: http.StatusServiceUnavailable,
		Detail: "the function that does this is not deployed, or not yet; the request was not carried out"}},
	{web.ErrUnreachable, httpapi.Problem{Status: http.StatusServiceUnavailable,
		Detail: "the function that does this cannot be reached at the moment; the request was not carried out"}},
	{web.ErrTimeout, httpapi.Problem{Status: http.StatusGatewayTimeout,
		Detail: "the function that does this did not answer in time; whether the request was carried out is not known"}},
	{web.ErrBroken, httpapi.Problem{Status: http.StatusBadGateway,
		Detail: "the function that does this did not answer properly; whether the request was carried out is not known"}},
	{web.ErrCutShort, httpapi.Problem{Status: http.StatusBadRequest, Detail: "the body did not arrive whole"}},
}

// answered gives the errors of forward their status.
func answered(forward func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		err := forward(w, r)
		for i := range problems {
			if errors.Is(err, problems[i].is) {
				return fmt.Errorf("%w: %w", &problems[i].problem, err)
			}
		}
		return err
	}
}
