package serve

import (
	stdlog "log"
	"strings"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// noise is what net/http reports about clients rather than about us; at
// WARNING anybody could fill the log.
var noise = []string{
	"http: TLS handshake error",
	"http: URL query contains semicolon",
	"http2: ",
}

// errorLog carries net/http's own reports to log: a panic of a handler at
// ERROR with its stack, a client's mistakes at DEBUG, the rest at WARNING.
func errorLog(log *zap.Logger) *stdlog.Logger {
	return stdlog.New(errorWriter{log}, "", 0)
}

type errorWriter struct{ log *zap.Logger }

func (w errorWriter) Write(line []byte) (int, error) {
	message, rest, _ := strings.Cut(strings.TrimRight(string(line), "\n"), "\n")
	switch {
	case strings.Contains(message, "panic serving"):
		w.log.Error(message, zap.String("stack", rest))
	case isNoise(message):
		w.log.Debug(message)
	default:
		w.log.Log(zapcore.WarnLevel, message)
	}
	return len(line), nil
}

func isNoise(message string) bool {
	for _, prefix := range noise {
		if strings.HasPrefix(message, prefix) {
			return true
		}
	}
	return false
}
