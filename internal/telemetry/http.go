//go:build otel

package telemetry

import (
	"cmp"
	"net/http"
	"slices"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// options are those of everything that speaks HTTP.
func (t *Telemetry) options(more ...otelhttp.Option) []otelhttp.Option {
	return append(more, otelhttp.WithTracerProvider(t.tracers), otelhttp.WithMeterProvider(t.meters), otelhttp.WithPropagators(propagator))
}

// Endpoint returns a handler whose requests are spans, named after the method
// and the pattern of the path. What it calls finds the span in the request's
// traceparent, so that logs and events are of the same trace.
func (t *Telemetry) Endpoint(method, pattern string, h http.Handler) http.Handler {
	if t == nil {
		return h
	}
	name := cmp.Or(method, "HTTP") + " " + pattern
	within := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		propagator.Inject(r.Context(), propagation.HeaderCarrier(r.Header))
		h.ServeHTTP(w, r)
	})
	return otelhttp.NewHandler(within, pattern, t.options(
		otelhttp.WithServerName(t.service), // else the Host that a client names
		otelhttp.WithSpanNameFormatter(func(string, *http.Request) string { return name }),
	)...)
}

// methods are those that a span may be named after: clients send any.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}

// Transport returns one whose requests are spans, and say so to whom they are
// sent.
func (t *Telemetry) Transport(inner http.RoundTripper) http.RoundTripper {
	if t == nil {
		return inner
	}
	return otelhttp.NewTransport(inner, t.options(otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string {
		if r.Pattern != "" { // of the endpoint that passes the request on
			return r.Pattern
		} else if slices.Contains(methods, r.Method) {
			return r.Method
		}
		return "HTTP"
	}))...)
}

// Deliveries returns a transport whose requests are CloudEvents: each is a span
// of the trace that the event is of, whenever it is delivered.
func (t *Telemetry) Deliveries(inner http.RoundTripper) http.RoundTripper {
	if t == nil {
		return inner
	}
	return deliveries{inner, t.tracers.Tracer(scope)}
}

type deliveries struct {
	inner  http.RoundTripper
	tracer trace.Tracer
}

// CloseIdleConnections does so within, for http.Client.
func (d deliveries) CloseIdleConnections() {
	if within, ok := d.inner.(interface{ CloseIdleConnections() }); ok {
		within.CloseIdleConnections()
	}
}

// RoundTrip implements http.RoundTripper. The event keeps the trace context of
// what made it (ce-traceparent); the request has that of its delivery.
func (d deliveries) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := propagator.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	kind := r.Header.Get("Ce-Type")
	ctx, span := d.tracer.Start(ctx, "deliver "+kind, trace.WithSpanKind(trace.SpanKindProducer), trace.WithAttributes(
		attribute.String("cloudevents.event_type", kind), attribute.String("cloudevents.event_id", r.Header.Get("Ce-Id"))))
	defer span.End()
	r = r.Clone(ctx)
	propagator.Inject(ctx, propagation.HeaderCarrier(r.Header))
	answer, err := d.inner.RoundTrip(r)
	if err != nil {
		span.SetStatus(codes.Error, "")
		return nil, err
	}
	span.SetAttributes(attribute.Int("http.response.status_code", answer.StatusCode))
	if answer.StatusCode >= http.StatusMultipleChoices {
		span.SetStatus(codes.Error, "")
	}
	return answer, nil
}
