//go:build !otel

package telemetry

import (
	"context"
	"io"
	"net/http"

	"go.uber.org/zap"
)

// Built says whether this program has OpenTelemetry in it.
const Built = false

type parsed struct{}

func (*parsed) parse() []error { return nil }

// Telemetry is what a process tells; here nothing.
type Telemetry struct{}

// Start returns the telemetry of a process. Variables that ask for some are
// named in the log.
func Start(s Settings, _, _ string, log *zap.Logger) (*Telemetry, error) {
	s.unheard(log, "this program is built without the tag otel")
	return nil, nil
}

// Endpoint returns what answers the requests to an endpoint.
func (*Telemetry) Endpoint(_, _ string, h http.Handler) http.Handler { return h }

// Transport returns what carries requests to other functions.
func (*Telemetry) Transport(inner http.RoundTripper) http.RoundTripper { return inner }

// Span begins a span of what nobody asked for by HTTP.
func (*Telemetry) Span(ctx context.Context, _ string) (_ context.Context, end func(error)) {
	return ctx, func(error) {}
}

// Deliveries returns what carries events.
func (*Telemetry) Deliveries(inner http.RoundTripper) http.RoundTripper { return inner }

// Write writes what is counted of the telemetry itself.
func (*Telemetry) Write(io.Writer) {}

// Close tells what has not been told yet.
func (*Telemetry) Close() {}
