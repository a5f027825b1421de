package serve

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// The statuses that HTTP defines; any other is counted under "other".
const (
	lowestStatus  = 100
	highestStatus = 599
)

type endpointKey struct{ method, pattern string }

// EndpointMetrics counts and times the requests of one method and pattern.
// It is safe for concurrent use.
type EndpointMetrics struct {
	requests *prometheus.CounterVec // method and endpoint bound, status open
	duration prometheus.Observer
	byStatus [highestStatus - lowestStatus + 2]atomic.Pointer[prometheus.Counter]
}

// Endpoint returns the metrics of a method and a path pattern such as
// /api/v1/tasks/{id}; a second call returns the same. Each pattern becomes
// series that are kept for good, so it must never be a path a client sent. A
// method that HTTP does not define counts as "other" for the same reason.
func (m *Metrics) Endpoint(method, pattern string) *EndpointMetrics {
	key := endpointKey{knownMethod(method), pattern}
	m.mu.Lock()
	defer m.mu.Unlock()
	if found, ok := m.endpoints[key]; ok {
		return found
	}
	labels := prometheus.Labels{"method": key.method, "endpoint": key.pattern}
	endpoint := &EndpointMetrics{
		requests: m.requests.MustCurryWith(labels),
		duration: m.duration.With(labels),
	}
	m.endpoints[key] = endpoint
	return endpoint
}

// Observe records one answered request. Only the first of each status
// allocates.
func (e *EndpointMetrics) Observe(status int, took time.Duration) {
	e.counter(status).Inc()
	e.duration.Observe(took.Seconds())
}

func (e *EndpointMetrics) counter(status int) prometheus.Counter {
	slot, label := status-lowestStatus, ""
	if status < lowestStatus || status > highestStatus {
		slot, label = len(e.byStatus)-1, "other"
	}
	if cached := e.byStatus[slot].Load(); cached != nil {
		return *cached
	}
	if label == "" {
		label = strconv.Itoa(status)
	}
	// Two first requests may both come here; the vector gives them one counter.
	counter := e.requests.WithLabelValues(label)
	e.byStatus[slot].Store(&counter)
	return counter
}

func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return method
	}
	return "other"
}
