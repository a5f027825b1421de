package serve

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// The statuses that HTTP defines; any other is counted under "other".
const (
	lowestStatus  = 100
	highestStatus = 599
)

// buckets are the upper bounds that durations are counted by.
var buckets = [...]time.Duration{
	500 * time.Microsecond, time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond,
	10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond,
	250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2500 * time.Millisecond,
	5 * time.Second, 10 * time.Second,
}

type endpointKey struct{ pattern, method string }

// EndpointMetrics counts and times the requests of one method and pattern.
// It is safe for concurrent use and never allocates.
type EndpointMetrics struct {
	byStatus [highestStatus - lowestStatus + 2]atomic.Uint64 // the last is "other"
	byTime   [len(buckets) + 1]atomic.Uint64                 // each its own, the last beyond all bounds
	total    atomic.Int64                                    // nanoseconds
}

// Endpoint returns the metrics of a method and a path pattern such as
// /api/v1/tasks/{id}; a second call returns the same. Each pattern becomes
// series that are kept for good, so it must never be a path a client sent. A
// method that HTTP does not define counts as "other" for the same reason.
func (m *Metrics) Endpoint(method, pattern string) *EndpointMetrics {
	key := endpointKey{pattern, knownMethod(method)}
	m.mu.Lock()
	defer m.mu.Unlock()
	endpoint := m.endpoints[key]
	if endpoint == nil {
		endpoint = new(EndpointMetrics)
		m.endpoints[key] = endpoint
	}
	return endpoint
}

// Observe records one answered request.
func (e *EndpointMetrics) Observe(status int, took time.Duration) {
	slot := status - lowestStatus
	if status < lowestStatus || status > highestStatus {
		slot = len(e.byStatus) - 1
	}
	e.byStatus[slot].Add(1)
	slot, _ = slices.BinarySearch(buckets[:], took)
	e.byTime[slot].Add(1)
	e.total.Add(int64(took))
}

// writeEndpoints writes every endpoint's metrics, family by family as the
// text format wants them.
func (m *Metrics) writeEndpoints(w io.Writer) {
	m.mu.Lock()
	keys := make([]endpointKey, 0, len(m.endpoints))
	endpoints := make(map[endpointKey]*EndpointMetrics, len(m.endpoints))
	for key, e := range m.endpoints {
		keys = append(keys, key)
		endpoints[key] = e
	}
	m.mu.Unlock()
	slices.SortFunc(keys, func(a, b endpointKey) int {
		return cmp.Or(cmp.Compare(a.pattern, b.pattern), cmp.Compare(a.method, b.method))
	})
	metrics.WriteMetadataIfNeeded(w, requestsName, "counter")
	for _, key := range keys {
		endpoints[key].writeRequests(w, key.labels())
	}
	metrics.WriteMetadataIfNeeded(w, durationName, "histogram")
	for _, key := range keys {
		endpoints[key].writeDuration(w, key.labels())
	}
}

const (
	requestsName = "todo_api_requests_total"
	durationName = "todo_api_request_duration_seconds"
)

func (k endpointKey) labels() string {
	return fmt.Sprintf("endpoint=%q,method=%q", k.pattern, k.method)
}

func (e *EndpointMetrics) writeRequests(w io.Writer, labels string) {
	for i := range e.byStatus {
		status := strconv.Itoa(lowestStatus + i)
		if i == len(e.byStatus)-1 {
			status = "other"
		}
		if n := e.byStatus[i].Load(); n > 0 {
			fmt.Fprintf(w, "%s{%s,status=%q} %d\n", requestsName, labels, status, n)
		}
	}
}

// writeDuration writes the histogram, in which each bucket counts those below
// it too.
func (e *EndpointMetrics) writeDuration(w io.Writer, labels string) {
	var n uint64
	for i, bound := range buckets {
		n += e.byTime[i].Load()
		fmt.Fprintf(w, "%s_bucket{%s,le=\"%g\"} %d\n", durationName, labels, bound.Seconds(), n)
	}
	n += e.byTime[len(buckets)].Load()
	fmt.Fprintf(w, "%s_bucket{%s,le=\"+Inf\"} %d\n", durationName, labels, n)
	fmt.Fprintf(w, "%s_sum{%s} %g\n", durationName, labels, time.Duration(e.total.Load()).Seconds())
	fmt.Fprintf(w, "%s_count{%s} %d\n", durationName, labels, n)
}

func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return method
	}
	return "other"
}
