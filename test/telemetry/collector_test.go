package telemetry_test

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// span is one as the collector was told of it.
type span struct {
	service, name     string
	trace, id, parent string // hex
	kind              trace.Span_SpanKind
	failed            bool
	attributes        map[string]*common.AnyValue
}

// collector takes what is told over OTLP/HTTP.
type collector struct {
	url string

	mu      sync.Mutex
	changed chan struct{} // closed, and another made, when something was told
	spans   []span
	metrics map[string][]map[string]string // by name, the attributes of their points
	bodies  bytes.Buffer                   // all that came
	headers []string                       // Authorization of each
}

func newCollector(t *testing.T) *collector {
	c := &collector{changed: make(chan struct{}), metrics: map[string][]map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/traces", func(w http.ResponseWriter, r *http.Request) {
		var told collectortrace.ExportTraceServiceRequest
		if c.read(t, r, &told) {
			c.noteSpans(&told)
		}
		answerWith(w, &collectortrace.ExportTraceServiceResponse{})
	})
	mux.HandleFunc("POST /v1/metrics", func(w http.ResponseWriter, r *http.Request) {
		var told collectormetrics.ExportMetricsServiceRequest
		if c.read(t, r, &told) {
			c.noteMetrics(&told)
		}
		answerWith(w, &collectormetrics.ExportMetricsServiceResponse{})
	})
	c.url = "http://" + serve(t, mux)
	return c
}

func answerWith(w http.ResponseWriter, m proto.Message) {
	b, err := proto.Marshal(m)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
	w.Write(b)
}

// read decodes a request.
func (c *collector) read(t *testing.T, r *http.Request, into proto.Message) bool {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Error(err)
			return false
		}
		body = unzipped
	}
	b, err := io.ReadAll(body)
	if err == nil {
		err = proto.Unmarshal(b, into)
	}
	if err != nil {
		t.Error("what was told cannot be read:", err)
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bodies.Write(b)
	c.headers = append(c.headers, r.Header.Get("Authorization"))
	return true
}

func (c *collector) noteSpans(told *collectortrace.ExportTraceServiceRequest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range told.ResourceSpans {
		of := attributes(resource.Resource.Attributes)
		for _, scope := range resource.ScopeSpans {
			for _, s := range scope.Spans {
				c.spans = append(c.spans, span{
					service: of["service.name"].GetStringValue() + "/" + of["deployment.environment.name"].GetStringValue(), name: s.Name,
					trace: hex.EncodeToString(s.TraceId), id: hex.EncodeToString(s.SpanId), parent: hex.EncodeToString(s.ParentSpanId),
					kind: s.Kind, failed: s.Status.GetCode() == trace.Status_STATUS_CODE_ERROR, attributes: attributes(s.Attributes),
				})
			}
		}
	}
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *collector) noteMetrics(told *collectormetrics.ExportMetricsServiceRequest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range told.ResourceMetrics {
		for _, scope := range resource.ScopeMetrics {
			for _, m := range scope.Metrics {
				for _, point := range m.GetHistogram().GetDataPoints() {
					of := map[string]string{}
					for name, value := range attributes(point.Attributes) {
						of[name] = value.GetStringValue()
					}
					c.metrics[m.Name] = append(c.metrics[m.Name], of)
				}
			}
		}
	}
	close(c.changed)
	c.changed = make(chan struct{})
}

func attributes(all []*common.KeyValue) map[string]*common.AnyValue {
	m := map[string]*common.AnyValue{}
	for _, a := range all {
		m[a.Key] = a.Value
	}
	return m
}

// told are the settings of a process that is to tell it.
func (c *collector) told() []string {
	return []string{
		"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.url, "OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer hunter2-collector",
		"OTEL_BSP_SCHEDULE_DELAY=100", "OTEL_METRIC_EXPORT_INTERVAL=1000", "OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=test",
		"TODO_LOG_LEVEL=debug",
	}
}

// until waits until what was told is enough.
func (c *collector) until(t *testing.T, what string, enough func() bool) {
	t.Helper()
	for limit := time.After(patience); ; {
		c.mu.Lock()
		changed, done := c.changed, enough()
		c.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-limit:
			t.Fatal("the collector was never told of ", what)
		}
	}
}

// of returns the spans of a trace, waiting until they have the names.
func (c *collector) of(t *testing.T, id string, names ...string) (found []span) {
	t.Helper()
	for _, name := range names {
		c.until(t, name+" in "+id, func() bool {
			return slices.ContainsFunc(c.spans, func(s span) bool { return s.trace == id && s.name == name })
		})
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.spans {
		if s.trace == id {
			found = append(found, s)
		}
	}
	return found
}

// sink takes events.
type sink struct {
	url    string
	events chan http.Header
}

func newSink(t *testing.T) *sink {
	s := &sink{events: make(chan http.Header, 10)}
	s.url = "http://" + serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.events <- r.Header })) + "/?key=hunter2-sink"
	return s
}

// next returns the headers of the next event.
func (s *sink) next(t *testing.T) http.Header {
	t.Helper()
	select {
	case h := <-s.events:
		return h
	case <-time.After(patience):
		t.Fatal("no event came")
	}
	return nil
}
