package event

import (
	"net/http"
	"time"
)

// CloudEvent is an event of CloudEvents 1.0 whose data is JSON. It is a type of
// our own because importing the SDK's makes a function's binary outgrow its
// bound: docs/adr/0003-cloudevents-without-the-sdk-in-functions.md.
type CloudEvent struct {
	ID         string
	Source     string // URI reference
	Type       string
	Subject    string
	Time       time.Time
	DataSchema string            // absolute URI
	Extensions map[string]string // names of lower-case letters and digits
	Data       []byte
}

// Header returns the head of a request that carries the event in binary mode,
// its body being the data. Values are percent-encoded as the HTTP binding
// (section 3.1.3.2) has it; the SDK's own writer leaves them as they are,
// which is no valid header for an owner outside ASCII.
func (e CloudEvent) Header() http.Header {
	h := http.Header{"Content-Type": {"application/json"}}
	set := func(name, value string) { h.Set("Ce-"+name, percentEncode(value)) }
	set("specversion", "1.0")
	set("id", e.ID)
	set("source", e.Source)
	set("type", e.Type)
	set("subject", e.Subject)
	set("time", e.Time.UTC().Format(time.RFC3339Nano))
	set("dataschema", e.DataSchema)
	for name, value := range e.Extensions {
		set(name, value)
	}
	// The transport's own trace context goes on from the same request.
	if trace := e.Extensions["traceparent"]; isTrace(trace) {
		h.Set("Traceparent", trace)
	}
	return h
}

func percentEncode(s string) string {
	const digits = "0123456789ABCDEF"
	b := make([]byte, 0, len(s))
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' || c == '"' || c == '%' {
			b = append(b, '%', digits[c>>4], digits[c&15])
		} else {
			b = append(b, c)
		}
	}
	return string(b)
}
