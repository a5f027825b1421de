package serve

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics holds what one process tells Prometheus, in a registry of its own.
// It is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec

	mu        sync.Mutex
	endpoints map[endpointKey]*EndpointMetrics
}

// NewMetrics returns the request metrics beside those of the process and the
// Go runtime. process_uptime_seconds counts from this call.
func NewMetrics() *Metrics {
	started := time.Now()
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "todo_api_requests_total",
			Help: "Requests answered, by method, path pattern and status.",
		}, []string{"method", "endpoint", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "todo_api_request_duration_seconds",
			Help:    "Time from a request's header to the end of its answer.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "endpoint"}),
		endpoints: make(map[endpointKey]*EndpointMetrics),
	}
	m.registry.MustRegister(
		m.requests,
		m.duration,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "process_memory_bytes",
			Help: "Resident set of the process.",
		}, residentBytes),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "process_uptime_seconds",
			Help: "Time since the process began to serve.",
		}, func() float64 { return time.Since(started).Seconds() }),
	)
	return m
}

// Register adds a collector. The error says that one of its metrics is
// registered already, or is inconsistent.
func (m *Metrics) Register(collector prometheus.Collector) error {
	if err := m.registry.Register(collector); err != nil {
		return fmt.Errorf("registering a metric: %w", err)
	}
	return nil
}

// Handler answers with every metric in the text format, or in OpenMetrics
// where the scraper asks for it. One collector's error leaves the others'
// metrics in the answer.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorHandling:     promhttp.ContinueOnError,
		EnableOpenMetrics: true,
	})
}

// residentBytes reads the resident set from /proc, and where there is none
// answers with all memory that the Go runtime has mapped.
func residentBytes() float64 {
	var size, resident float64
	if statm, err := os.ReadFile("/proc/self/statm"); err == nil {
		if _, err := fmt.Fscan(bytes.NewReader(statm), &size, &resident); err == nil {
			return resident * float64(os.Getpagesize())
		}
	}
	mapped := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(mapped)
	return float64(mapped[0].Value.Uint64())
}
