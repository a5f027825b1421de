//go:build otel

package telemetry

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// parsed is what the variables mean. The SDK and its exporters read the others
// by themselves, and go on with a default where one is wrong; here all are
// looked at first, so that a wrong one keeps a process from starting, as any
// other setting does.
type parsed struct {
	spans, metrics bool // are told
	sampler        sdktrace.Sampler
}

// parse finds out what is to be told.
func (s *parsed) parse() (faults []error) {
	if disabled() {
		return nil
	}
	fault := func(name, format string, args ...any) {
		faults = append(faults, fmt.Errorf("%s %w", name, fmt.Errorf(format, args...)))
	}
	oneOf(fault, "OTEL_SDK_DISABLED", "true", "false")
	for _, name := range []string{"OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"} {
		oneOf(fault, name, "http/protobuf")
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"} {
		if err := checkEndpoint(os.Getenv(name)); err != nil {
			fault(name, "%w", err)
		}
	}
	for name := range strings.SplitSeq(os.Getenv("OTEL_PROPAGATORS"), ",") {
		if !slices.Contains([]string{"", "tracecontext", "baggage"}, strings.TrimSpace(name)) {
			fault("OTEL_PROPAGATORS", "must be tracecontext, or tracecontext,baggage, not %q", name)
		}
	}
	for _, name := range numbers {
		if n, err := strconv.Atoi(os.Getenv(name)); os.Getenv(name) != "" && (err != nil || n < 1 || n > largest) {
			fault(name, "must be a whole number from 1 to %d, not %q", largest, os.Getenv(name))
		}
	}
	s.spans, s.metrics = asked(fault, "TRACES"), asked(fault, "METRICS")
	sampler, name, err := readSampler()
	if err != nil {
		fault(name, "%w", err)
	}
	s.sampler = sampler
	return faults
}

// numbers are the variables that bound queues and times; a queue keeps a few
// hundred bytes for each span.
var numbers = []string{
	"OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_EXPORT_TIMEOUT", "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
	"OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
	"OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT",
}

const largest = 600_000

// asked reports whether a part is told: to an endpoint that is named, or where
// an exporter is, to the one that the specification has by default.
func asked(fault func(string, string, ...any), part string) bool {
	exporter := "OTEL_" + part + "_EXPORTER"
	oneOf(fault, exporter, "otlp", "none")
	switch os.Getenv(exporter) {
	case "otlp":
		return true
	case "none":
		return false
	}
	return os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || os.Getenv("OTEL_EXPORTER_OTLP_"+part+"_ENDPOINT") != ""
}

// oneOf notes a value that is none of those allowed; absent is allowed, too.
func oneOf(fault func(string, string, ...any), name string, allowed ...string) {
	if value := os.Getenv(name); value != "" && !slices.Contains(allowed, value) {
		fault(name, "must be %s, not %q", strings.Join(allowed, " or "), value)
	}
}

// checkEndpoint refuses what cannot be told to. What is wrong with it is not
// repeated: it may hold a password.
func checkEndpoint(s string) error {
	u, err := url.Parse(s)
	if s != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Fragment != "") {
		return errors.New("must be an http or https URL without credentials, such as http://collector:4318")
	}
	return nil
}

// readSampler returns what decides which traces are told: by default all, but
// for those of which a caller has decided otherwise.
func readSampler() (sampler sdktrace.Sampler, name string, err error) {
	ratio := 1.0
	if arg := os.Getenv("OTEL_TRACES_SAMPLER_ARG"); arg != "" {
		if ratio, err = strconv.ParseFloat(arg, 64); err != nil || !(ratio >= 0 && ratio <= 1) {
			return nil, "OTEL_TRACES_SAMPLER_ARG", fmt.Errorf("must be a number from 0 to 1, not %q", arg)
		}
	}
	samplers := map[string]sdktrace.Sampler{
		"":                         sdktrace.ParentBased(sdktrace.AlwaysSample()),
		"always_on":                sdktrace.AlwaysSample(),
		"always_off":               sdktrace.NeverSample(),
		"traceidratio":             sdktrace.TraceIDRatioBased(ratio),
		"parentbased_always_on":    sdktrace.ParentBased(sdktrace.AlwaysSample()),
		"parentbased_always_off":   sdktrace.ParentBased(sdktrace.NeverSample()),
		"parentbased_traceidratio": sdktrace.ParentBased(sdktrace.TraceIDRatioBased(ratio)),
	}
	sampler, ok := samplers[os.Getenv("OTEL_TRACES_SAMPLER")]
	if !ok {
		return nil, "OTEL_TRACES_SAMPLER", fmt.Errorf("must be always_on, always_off, traceidratio, or one of these after parentbased_, not %q", os.Getenv("OTEL_TRACES_SAMPLER"))
	}
	return sampler, "", nil
}
