package httpapi

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"go.uber.org/zap"
)

// recorder notes the status of an answer, and says in its header what the
// answer cost.
type recorder struct {
	http.ResponseWriter
	started time.Time
	cold    time.Duration
	code    int

	elsewhere bool // another process answers, and has said what it cost there
}

// WriteHeader implements http.ResponseWriter.
func (w *recorder) WriteHeader(code int) {
	if w.code == 0 {
		w.code = code
		w.Header()["Server-Timing"] = append(w.Header()["Server-Timing"], w.timing())
	}
	w.ResponseWriter.WriteHeader(code)
}

// Write implements http.ResponseWriter.
func (w *recorder) Write(b []byte) (int, error) {
	if w.code == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *recorder) status() int {
	if w.code == 0 {
		return http.StatusOK
	}
	return w.code
}

// timing is the Server-Timing header (W3C): milliseconds spent here, and for
// the first request how long before it the process started.
func (w *recorder) timing() string {
	b := make([]byte, 0, 48)
	app, cold := "app;dur=", ", cold;dur="
	if w.elsewhere {
		app, cold = "web;dur=", ", web-cold;dur="
	}
	b = append(b, app...)
	b = strconv.AppendFloat(b, float64(time.Since(w.started).Microseconds())/1000, 'f', -1, 64)
	if w.cold > 0 {
		b = append(b, cold...)
		b = strconv.AppendFloat(b, float64(w.cold.Microseconds())/1000, 'f', -1, 64)
	}
	return string(b)
}

// identify gives the request its ids: the caller's if they are sane, so that
// traces join up, else new ones.
func (r *request) identify(w http.ResponseWriter) {
	header := w.Header()
	if r.id = r.Header.Get("X-Request-Id"); !saneID(r.id) {
		r.id = randomHex(16)
	}
	header["X-Request-Id"] = []string{r.id}
	header["X-Content-Type-Options"] = noSniff
	if r.trace = r.Header.Get("Traceparent"); validTrace(r.trace) {
		header["Traceparent"] = []string{r.trace}
	} else {
		r.trace = "00-" + randomHex(16) + "-" + randomHex(8) + "-00"
	}
}

var noSniff = []string{"nosniff"}

// traceID returns the part of the traceparent that all of a trace share.
func (r *request) traceID() string {
	if len(r.trace) < 35 {
		return ""
	}
	return r.trace[3:35]
}

// saneID reports whether an id can go into headers and logs as it is.
func saneID(s string) bool {
	if s == "" || len(s) > 128 {
		return false
	}
	for _, c := range []byte(s) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-') {
			return false
		}
	}
	return true
}

// validTrace checks the form of a traceparent (W3C Trace Context, section
// 3.2): version, trace id, parent id, flags; ids of zeros name nothing.
func validTrace(s string) bool {
	if len(s) != 55 || s[:3] != "00-" || s[35] != '-' || s[52] != '-' {
		return false
	}
	return hexID(s[3:35]) && hexID(s[36:52]) && (hexID(s[53:]) || s[53:] == "00")
}

// hexID reports whether s is lower-case hex and not all zeros.
func hexID(s string) bool {
	some := false
	for _, c := range []byte(s) {
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f') {
			return false
		}
		some = some || c != '0'
	}
	return some
}

// randomHex returns n random bytes in hex. The ids it makes are told apart,
// not kept secret.
func randomHex(n int) string {
	const digits = "0123456789abcdef"
	b := make([]byte, 2*n)
	for i := 0; i < len(b); i += 16 {
		bits := rand.Uint64()
		for j := i; j < min(i+16, len(b)); j++ {
			b[j] = digits[bits&15]
			bits >>= 4
		}
	}
	return string(b)
}

// recoverPanic answers a request whose endpoint panicked; the process and its
// other requests go on.
func (a *API) recoverPanic(w *recorder, r *request) {
	p := recover()
	switch {
	case p == nil:
	case p == http.ErrAbortHandler:
		panic(p)
	default:
		a.logger(r).Error("an endpoint panicked", zap.Any("panic", p), zap.ByteString("stack", debug.Stack()))
		if w.code == 0 {
			a.fail(w, r, errors.New("recovered from a panic"))
		}
	}
}

func (a *API) logger(r *request) *zap.Logger { return a.Request(a.Log, r.traceID(), r.id) }
