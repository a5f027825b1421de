package httpapi

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"

	"go.uber.org/zap"
)

// Check looks after one component for /health.
type Check struct {
	Name      string
	Essential bool // nothing works without it
	// Run returns nil if the component works, ErrOff if it is not used, or
	// what is wrong, in words fit for anyone.
	Run func(context.Context) error
}

// ErrOff is what a check returns for a component that is not configured.
var ErrOff = &Problem{Detail: "not configured"}

// checkTime bounds one look at the components.
const checkTime = 2 * time.Second

// Health returns the endpoints of the health function.
func (a *API) Health() []Endpoint {
	endpoints := []Endpoint{
		{Method: http.MethodGet, Path: "/health", handle: health, open: true},
		{Method: http.MethodGet, Path: "/ready", handle: ready, open: true},
		{Method: http.MethodGet, Path: scalingPath, handle: getScaling, ops: true},
	}
	if a.Metrics != nil {
		endpoints = append(endpoints, Page("/metrics", a.Metrics))
	}
	return endpoints
}

//go:embed openapi.yaml
var document []byte

// Document returns the endpoint that serves the contract itself, as that of
// this version.
func (a *API) Document() []Endpoint {
	version := []byte("\n  version: " + strconv.Quote(a.Version) + "\n")
	return []Endpoint{{Method: http.MethodGet, Path: "/openapi.yaml", open: true, handle: func(w http.ResponseWriter, _ *request) error {
		write(w, http.StatusOK, "application/yaml", bytes.Replace(document, []byte("\n  version: dev\n"), version, 1))
		return nil
	}}}
}

// Probes returns what every function answers to Knative and the kubelet.
func (a *API) Probes() []Endpoint {
	var endpoints []Endpoint
	for _, path := range []string{"/health/live", "/health/liveness", "/health/startup"} {
		endpoints = append(endpoints, Endpoint{Method: http.MethodGet, Path: path, handle: alive, open: true, probe: true})
	}
	for _, path := range []string{"/health/ready", "/health/readiness"} {
		endpoints = append(endpoints, Endpoint{Method: http.MethodGet, Path: path, handle: usable, open: true, probe: true})
	}
	return endpoints
}

// alive answers that the process runs. It depends on nothing: restarting it
// would not mend Postgres.
func alive(w http.ResponseWriter, _ *request) error {
	write(w, http.StatusOK, jsonType, []byte(`{"status":"alive"}`))
	return nil
}

// usable is the readiness probe. It fails only while Postgres answers and has
// a schema that this build cannot use. With Postgres out of reach the function
// is ready, and answers requests with 503: taken out of service it would leave
// them waiting instead.
func usable(w http.ResponseWriter, r *request) error {
	if err := r.api.Ready(r.Context()); err != nil {
		return &Problem{Status: http.StatusServiceUnavailable, Detail: err.Error()}
	}
	write(w, http.StatusOK, jsonType, []byte(`{"status":"ready"}`))
	return nil
}

// component is one component's state in /health.
type component struct {
	Status string `json:"status"` // up, down or off
	Detail string `json:"detail,omitempty"`
}

// Health is the answer of /health.
type Health struct {
	Status     string               `json:"status"` // healthy, degraded or unhealthy
	Version    string               `json:"version"`
	Components map[string]component `json:"components"`
}

// health reports how the service and each of its components are.
func health(w http.ResponseWriter, r *request) error {
	h := r.api.look(r)
	status := http.StatusOK
	if h.Status == "unhealthy" {
		status = http.StatusServiceUnavailable
	}
	body, err := json.Marshal(h)
	if err == nil {
		w.Header().Set("Cache-Control", "no-store")
		write(w, status, jsonType, body)
	}
	return err
}

// ready answers whether the service can do its work now.
func ready(w http.ResponseWriter, r *request) error {
	if h := r.api.look(r); h.Status == "unhealthy" {
		return &Problem{Status: http.StatusServiceUnavailable, Detail: "a component that nothing works without is down: see /health"}
	}
	write(w, http.StatusOK, jsonType, []byte(`{"status":"ready"}`))
	return nil
}

// lookEvery is how often, at most, the components are looked at, however often
// anybody asks.
const lookEvery = time.Second

// lastLook is what was found when the components were last looked at.
type lastLook struct {
	lock sync.Mutex
	at   time.Time
	Health
}

// look returns how the components are, or were a moment ago.
func (a *API) look(r *request) Health {
	last := &a.lastLook
	last.lock.Lock()
	defer last.lock.Unlock()
	if last.at.IsZero() || time.Since(last.at) >= lookEvery {
		last.Health = a.lookNow(r)
		last.at = time.Now()
	}
	return last.Health
}

// lookNow runs all checks at once. What they find is for others too, so the
// caller's going away does not end them.
func (a *API) lookNow(r *request) Health {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), checkTime)
	defer cancel()
	found := make([]error, len(a.Checks))
	var all sync.WaitGroup
	for i, check := range a.Checks {
		all.Go(func() { found[i] = check.Run(ctx) })
	}
	all.Wait()
	h := Health{Status: "healthy", Version: a.Version, Components: map[string]component{}}
	for i, check := range a.Checks {
		c := component{Status: "up"}
		switch err := found[i]; {
		case err == ErrOff:
			c = component{"off", ErrOff.Detail}
		case err != nil:
			c = component{"down", problemOf(err).Detail}
			a.logger(r).Warn("component down", zap.String("component", check.Name), zap.Error(err))
			if check.Essential {
				h.Status = "unhealthy"
			} else if h.Status == "healthy" {
				h.Status = "degraded"
			}
		}
		h.Components[check.Name] = c
	}
	return h
}
