package serve

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// timestampLayout is ISO 8601 with milliseconds; a time in UTC ends in Z.
const timestampLayout = "2006-01-02T15:04:05.000Z07:00"

// NewLogger returns a logger that writes one JSON object a line to w, or to
// standard output when w is nil. Each line holds timestamp, level, service,
// version, message, trace_id and request_id, once each; the ids are empty
// until WithRequest sets them. DPanic logs at CRITICAL without ending the
// process.
func NewLogger(w zapcore.WriteSyncer, service, version string, level zapcore.LevelEnabler) *zap.Logger {
	if w == nil {
		w = os.Stdout
	}
	encoder := zapcore.NewJSONEncoder(zapcore.EncoderConfig{
		TimeKey:        "timestamp",
		LevelKey:       "level",
		MessageKey:     "message",
		EncodeTime:     encodeTime,
		EncodeLevel:    encodeLevel,
		EncodeDuration: zapcore.StringDurationEncoder,
	})
	inner := zapcore.NewCore(encoder, zapcore.Lock(w), level).With([]zapcore.Field{
		zap.String("service", service),
		zap.String("version", version),
	})
	return zap.New(&lineCore{Core: inner, bound: requestFields("", "")})
}

// WithRequest returns log with the ids of one request on every line, in place
// of any set before. It changes only loggers that come from NewLogger; others
// gain the ids as ordinary fields.
func WithRequest(log *zap.Logger, traceID, requestID string) *zap.Logger {
	ids := requestFields(traceID, requestID)
	return log.WithOptions(zap.WrapCore(func(core zapcore.Core) zapcore.Core {
		line, ok := core.(*lineCore)
		if !ok {
			return core.With(ids)
		}
		return &lineCore{Core: line.Core, bound: slices.Concat(ids, line.bound[len(ids):])}
	}))
}

func requestFields(traceID, requestID string) []zapcore.Field {
	return []zapcore.Field{zap.String("trace_id", traceID), zap.String("request_id", requestID)}
}

// lineCore encodes what is bound to a logger when a line is written, not when
// it is bound: a JSON encoder can only append, so ids encoded early could
// never be replaced.
type lineCore struct {
	zapcore.Core
	bound []zapcore.Field // the two ids, then what With added
}

// Level reports the lowest level written.
func (c *lineCore) Level() zapcore.Level { return zapcore.LevelOf(c.Core) }

// With adds fields to every later line.
func (c *lineCore) With(fields []zapcore.Field) zapcore.Core {
	return &lineCore{Core: c.Core, bound: join(c.bound, fields)}
}

// Check adds the core to lines at or above its level.
func (c *lineCore) Check(entry zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.Enabled(entry.Level) {
		return checked.AddCore(entry, c)
	}
	return checked
}

// Write writes one line.
func (c *lineCore) Write(entry zapcore.Entry, fields []zapcore.Field) error {
	return c.Core.Write(entry, join(c.bound, fields))
}

// join returns bound and fields in a new slice, renaming those of fields that
// would repeat a key of the line itself.
func join(bound, fields []zapcore.Field) []zapcore.Field {
	all := slices.Concat(bound, fields)
	for i := len(bound); i < len(all); i++ {
		switch all[i].Key {
		case "timestamp", "level", "service", "version", "message", "trace_id", "request_id":
			all[i].Key = "field_" + all[i].Key
		}
	}
	return all
}

func encodeTime(t time.Time, out zapcore.PrimitiveArrayEncoder) {
	zapcore.TimeEncoderOfLayout(timestampLayout)(t.UTC(), out)
}

func encodeLevel(level zapcore.Level, out zapcore.PrimitiveArrayEncoder) {
	switch {
	case level <= zapcore.DebugLevel:
		out.AppendString("DEBUG")
	case level == zapcore.InfoLevel:
		out.AppendString("INFO")
	case level == zapcore.WarnLevel:
		out.AppendString("WARNING")
	case level == zapcore.ErrorLevel:
		out.AppendString("ERROR")
	default:
		out.AppendString("CRITICAL")
	}
}

// ParseLevel returns the level named by word, in either case: debug, info,
// warning, error or critical. The error names the word and those allowed.
func ParseLevel(word string) (zapcore.Level, error) {
	switch strings.ToLower(word) {
	case "debug":
		return zapcore.DebugLevel, nil
	case "info":
		return zapcore.InfoLevel, nil
	case "warning":
		return zapcore.WarnLevel, nil
	case "error":
		return zapcore.ErrorLevel, nil
	case "critical":
		return zapcore.DPanicLevel, nil
	}
	return zapcore.InfoLevel, fmt.Errorf("must be debug, info, warning, error or critical, not %q", word)
}
