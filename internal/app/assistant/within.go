package assistant

import (
	"context"
	"errors"
	"io"
	"net/http"

	"todo-app/internal/httpapi"
)

// within returns a client of endpoints in this process that asks on behalf of a
// request, and in the zone named, unless that is "".
func within(endpoints http.Handler, outer *http.Request, zone string) *httpapi.Client {
	return &httpapi.Client{
		Base: "http://" + outer.Host,
		HTTP: &http.Client{Transport: inner{endpoints, outer}},
		Prepare: func(r *http.Request) {
			if zone != "" {
				query := r.URL.Query()
				query.Set("tz", zone)
				r.URL.RawQuery = query.Encode()
			}
		},
	}
}

// inner carries requests to a handler in this process, as if they had come the
// way that another came.
type inner struct {
	handler http.Handler
	outer   *http.Request
}

// passed are the headers that say who asks, from where, and as part of what.
var passed = []string{"Authorization", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Request-Id", "Traceparent"}

// errCutShort says that the handler gave up in the middle of its answer.
var errCutShort = errors.New("the answer broke off")

// RoundTrip implements http.RoundTripper. The request ends with the one on
// whose behalf it is.
func (i inner) RoundTrip(r *http.Request) (response *http.Response, err error) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(i.outer.Context(), cancel)()
	seen := r.Clone(ctx)
	seen.Host, seen.RemoteAddr, seen.TLS, seen.RequestURI = i.outer.Host, i.outer.RemoteAddr, i.outer.TLS, r.URL.RequestURI()
	if seen.Body == nil {
		seen.Body = http.NoBody
	}
	for _, name := range passed {
		if values, ok := i.outer.Header[name]; ok {
			seen.Header[name] = values
		}
	}
	if key, ok := i.outer.Header["Idempotency-Key"]; ok && r.Method == http.MethodPost {
		seen.Header["Idempotency-Key"] = key
	}
	held := httpapi.NewHeld()
	defer func() {
		if p := recover(); p == http.ErrAbortHandler {
			response, err = nil, errCutShort
		} else if p != nil {
			panic(p)
		}
	}()
	i.handler.ServeHTTP(held, seen)
	return responseOf(held, r), nil
}

func responseOf(held *httpapi.Held, r *http.Request) *http.Response {
	return &http.Response{
		Status: http.StatusText(held.Status), StatusCode: held.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: held.Header(), Body: io.NopCloser(&held.Body), ContentLength: int64(held.Body.Len()), Request: r,
	}
}
