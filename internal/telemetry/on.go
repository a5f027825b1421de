//go:build otel

package telemetry

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr/funcr"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"
)

// Built says whether this program has OpenTelemetry in it.
const Built = true

// Telemetry is what a process tells a collector. It never waits for one: what
// the collector does not take in time is dropped, counted and said in the log.
// nil tells nothing.
type Telemetry struct {
	log     *zap.Logger
	service string
	tracers trace.TracerProvider
	meters  metric.MeterProvider
	close   []func(context.Context) error
	told    tally
}

// flushTime is how long telling the rest may take when a process ends.
const flushTime = 2 * time.Second

// scope names the instrumentation that makes the spans which no library does.
const scope = "todo-app/internal/telemetry"

// propagator reads and writes W3C Trace Context.
var propagator = propagation.TraceContext{}

// Start returns the telemetry of a process, nil where the settings ask for
// none. It connects to nothing yet. Service and version are what the process is
// called where OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES do not say.
func Start(s Settings, service, version string, log *zap.Logger) (*Telemetry, error) {
	if !s.spans && !s.metrics {
		s.unheard(log, "OTEL_EXPORTER_OTLP_ENDPOINT is not set")
		return nil, nil
	}
	of, err := resource.New(context.Background(),
		resource.WithAttributes(attribute.String("service.name", service), attribute.String("service.version", version)),
		resource.WithTelemetrySDK(),
		resource.WithFromEnv(),
	)
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	t := &Telemetry{log: log, service: service, tracers: tracenoop.NewTracerProvider(), meters: metricnoop.NewMeterProvider()}
	listen(log)
	if s.spans {
		err = t.tellSpans(of, s.sampler)
	}
	if s.metrics {
		err = errors.Join(err, t.tellMetrics(of))
	}
	if err != nil {
		return nil, fmt.Errorf("telling OpenTelemetry: %w", err)
	}
	log.Info("telling OpenTelemetry", zap.Bool("spans", s.spans), zap.Bool("metrics", s.metrics), zap.String("sampler", s.sampler.Description()))
	return t, nil
}

// tellSpans sends spans from a queue that is bounded (OTEL_BSP_*).
func (t *Telemetry) tellSpans(of *resource.Resource, sampler sdktrace.Sampler) error {
	client, err := otlptracehttp.New(context.Background())
	if err != nil {
		return err
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithResource(of),
		sdktrace.WithSampler(within{sampler}),
		sdktrace.WithSpanProcessor(&t.told),
		sdktrace.WithBatcher(cleaner{client, &t.told}),
	)
	t.tracers = provider
	t.close = append(t.close, provider.Shutdown)
	return nil
}

// tellMetrics sends metrics every so often (OTEL_METRIC_EXPORT_INTERVAL).
func (t *Telemetry) tellMetrics(of *resource.Resource) error {
	client, err := otlpmetrichttp.New(context.Background())
	if err != nil {
		return err
	}
	provider := sdkmetric.NewMeterProvider(
		sdkmetric.WithResource(of),
		sdkmetric.WithReader(sdkmetric.NewPeriodicReader(client)),
		sdkmetric.WithView(
			sdkmetric.NewView(sdkmetric.Instrument{Name: "http.*.body.size"}, sdkmetric.Stream{Aggregation: sdkmetric.AggregationDrop{}}),
			sdkmetric.NewView(sdkmetric.Instrument{Name: "*.duration"}, sdkmetric.Stream{AttributeFilter: keptOfMetrics}),
		),
	)
	t.meters = provider
	t.close = append(t.close, provider.Shutdown)
	return nil
}

// Tracers returns what makes spans; t must not be nil.
func (t *Telemetry) Tracers() trace.TracerProvider { return t.tracers }

// Meters returns what makes instruments; t must not be nil.
func (t *Telemetry) Meters() metric.MeterProvider { return t.meters }

// Close tells what has not been told yet, within 2 seconds. Call it last: what
// happens afterwards is told to nobody.
func (t *Telemetry) Close() {
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushTime)
	defer cancel()
	var err error
	for _, shut := range t.close {
		err = errors.Join(err, shut(ctx))
	}
	if err != nil {
		t.log.Warn("some of what there was to tell OpenTelemetry is lost", zap.Error(err))
	}
}

// quiet is how long the log is spared after a line about telemetry: a collector
// that is away fails every few seconds.
const quiet = time.Minute

// listen has the log say what the SDK complains about. It has one listener for
// the whole process.
func listen(log *zap.Logger) {
	var last, silent atomic.Int64
	say := func(complaint string) {
		now := time.Now().UnixNano()
		before := last.Load()
		if now-before < int64(quiet) && before != 0 || !last.CompareAndSwap(before, now) {
			silent.Add(1)
			return
		}
		log.Warn("telling OpenTelemetry", zap.String("error", complaint[:min(len(complaint), 500)]), zap.Int64("unsaid", silent.Swap(0)))
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { say(err.Error()) }))
	otel.SetLogger(funcr.New(func(_, args string) { say(args) }, funcr.Options{}))
}
