package serve

import (
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// Metrics holds what one process tells Prometheus, in a registry of its own.
// It is safe for concurrent use.
type Metrics struct {
	set *metrics.Set

	mu        sync.Mutex
	endpoints map[endpointKey]*EndpointMetrics
}

// The library leaves out the types of metrics unless told otherwise, for the
// whole process.
func init() { metrics.ExposeMetadata(true) }

// NewMetrics returns the request metrics beside those of the process and the
// Go runtime. process_uptime_seconds counts from this call.
func NewMetrics() *Metrics {
	started := time.Now()
	m := &Metrics{set: metrics.NewSet(), endpoints: make(map[endpointKey]*EndpointMetrics)}
	m.Add(m.writeEndpoints)
	m.Add(metrics.WriteProcessMetrics)
	m.Add(metrics.WriteFDMetrics)
	m.Add(func(w io.Writer) {
		metrics.WriteGaugeUint64(w, "process_memory_bytes", residentBytes())
		metrics.WriteGaugeFloat64(w, "process_uptime_seconds", time.Since(started).Seconds())
	})
	return m
}

// Add has every answer include what write appends, in the text format.
func (m *Metrics) Add(write func(io.Writer)) { m.set.RegisterMetricsWriter(write) }

// Handler answers with every metric in Prometheus' text format.
func (m *Metrics) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		m.set.WritePrometheus(w)
	})
}
