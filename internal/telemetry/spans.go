//go:build otel

package telemetry

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync/atomic"

	"github.com/VictoriaMetrics/metrics"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// kept are the attributes that leave the process. Libraries make many more, with
// paths, addresses, statements and whatever the next version thinks of: what is
// not named here could be somebody's.
var kept = []attribute.Key{
	"cloudevents.event_id", "cloudevents.event_type",
	"db.collection.name", "db.namespace", "db.operation.name", "db.redis.num_cmd", "db.system", "db.system.name",
	"error.type",
	"http.request.body.size", "http.request.method", "http.response.body.size", "http.response.status_code", "http.route",
	"network.protocol.version",
	"pgx.operation.type", "pgx.rows_affected", "pgx.sql_state",
	"server.address", "server.port", "url.scheme",
}

func keeps(a attribute.KeyValue) bool { return slices.Contains(kept, a.Key) }

// keptOfMetrics tells the attributes of which each value makes a series.
var keptOfMetrics = attribute.NewAllowKeysFilter(
	"db.operation.name", "db.system.name", "error.type", "http.request.method", "http.response.status_code", "http.route", "pgx.operation.type",
	"server.address",
)

// cleaner exports spans without what could be somebody's: attributes beside
// those kept, and the words of errors, which quote what they are about.
type cleaner struct {
	sdktrace.SpanExporter
	told *tally
}

// ExportSpans implements sdktrace.SpanExporter.
func (c cleaner) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	cleaned := make([]sdktrace.ReadOnlySpan, len(spans))
	for i, s := range spans {
		cleaned[i] = clean{s}
	}
	err := c.SpanExporter.ExportSpans(ctx, cleaned)
	if err == nil {
		c.told.exported.Add(uint64(len(spans)))
	}
	return err
}

// clean is a span as it is told.
type clean struct{ sdktrace.ReadOnlySpan }

// Attributes returns those that are kept.
func (c clean) Attributes() []attribute.KeyValue {
	all := c.ReadOnlySpan.Attributes()
	some := make([]attribute.KeyValue, 0, len(all))
	for _, a := range all {
		if keeps(a) {
			some = append(some, a)
		}
	}
	return some
}

// Events returns none: libraries make them of errors.
func (clean) Events() []sdktrace.Event { return nil }

// Status returns whether it failed, without the words.
func (c clean) Status() sdktrace.Status { return sdktrace.Status{Code: c.ReadOnlySpan.Status().Code} }

// Span begins a span of what nobody asked for by HTTP. The context is of it; end
// ends it, failed if there is an error.
func (t *Telemetry) Span(ctx context.Context, name string) (_ context.Context, end func(error)) {
	if t == nil {
		return ctx, func(error) {}
	}
	ctx, span := t.tracers.Tracer(scope).Start(ctx, name)
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

// within leaves out the spans of clients that are part of no trace: what a
// process does for itself, such as connecting, would each be a trace of its own.
type within struct{ sdktrace.Sampler }

// ShouldSample implements sdktrace.Sampler.
func (w within) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	if p.Kind == trace.SpanKindClient && !trace.SpanContextFromContext(p.ParentContext).IsValid() {
		return sdktrace.SamplingResult{Decision: sdktrace.Drop}
	}
	return w.Sampler.ShouldSample(p)
}

// tally counts spans; it is a sdktrace.SpanProcessor.
type tally struct{ ended, exported atomic.Uint64 }

// OnStart implements sdktrace.SpanProcessor.
func (*tally) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// OnEnd implements sdktrace.SpanProcessor.
func (t *tally) OnEnd(s sdktrace.ReadOnlySpan) {
	if s.SpanContext().IsSampled() {
		t.ended.Add(1)
	}
}

// Shutdown implements sdktrace.SpanProcessor.
func (*tally) Shutdown(context.Context) error { return nil }

// ForceFlush implements sdktrace.SpanProcessor.
func (*tally) ForceFlush(context.Context) error { return nil }

// Write writes, in Prometheus' text format, how many spans there were and how
// many of them the collector has. The rest waits or is lost.
func (t *Telemetry) Write(w io.Writer) {
	if t == nil {
		return
	}
	metrics.WriteMetadataIfNeeded(w, "todo_spans_total", "counter")
	fmt.Fprintf(w, "todo_spans_total{state=\"ended\"} %d\ntodo_spans_total{state=\"told\"} %d\n", t.told.ended.Load(), t.told.exported.Load())
}
