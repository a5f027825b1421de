// Package telemetry tells an OpenTelemetry collector what became of requests:
// spans and metrics, over OTLP. It is in programs built with the tag otel only,
// because it doubles their size; without the tag every function here hands back
// what it was given. docs/adr/0019-opentelemetry-by-a-build-tag.md says why.
package telemetry

import (
	"os"
	"slices"
	"strings"

	"go.uber.org/zap"
)

// Settings are the variables that OpenTelemetry's specification names, as far
// as they have to be understood here.
type Settings struct {
	named []string // the variables that are set
	parsed
}

// Read reads the settings of the process, and what is wrong with them.
func Read() (Settings, []error) {
	var s Settings
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "OTEL_") && value != "" {
			s.named = append(s.named, name)
		}
	}
	slices.Sort(s.named)
	faults := s.parse()
	return s, faults
}

// disabled reports whether all of OpenTelemetry is to be off.
func disabled() bool { return strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") }

// unheard says that variables are set which change nothing, and why.
func (s Settings) unheard(log *zap.Logger, why string) {
	if len(s.named) > 0 && !disabled() {
		log.Warn("nothing is told to OpenTelemetry: "+why, zap.Strings("variables", s.named))
	}
}
