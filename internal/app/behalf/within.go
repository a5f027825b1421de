package behalf

import (
	"context"
	"errors"
	"io"
	"net/http"

	"todo-app/internal/httpapi"
)

// Within returns a client of endpoints in this process that asks on behalf of a
// request, and in the zone named, unless that is "". Key names the
// Idempotency-Key of each POST, "" for none.
func Within(endpoints http.Handler, outer *http.Request, zone string, key func() string) *httpapi.Client {
	return &httpapi.Client{
		Base: "http://" + outer.Host,
		HTTP: &http.Client{Transport: inner{endpoints, outer, key}},
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
	key     func() string
}

// passed are the headers that say who asks, from where, and as part of what.
var passed = []string{"Authorization", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Request-Id", "Traceparent"}

// errCutShort says that the handler gave up in the middle of its answer.
var errCutShort = errors.New("the answer broke off")

// RoundTrip implements http.RoundTripper.
func (i inner) RoundTrip(r *http.Request) (response *http.Response, err error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	ctx, cancel := i.lasting(r)
	defer cancel()
	seen := r.Clone(httpapi.Within(ctx))
	seen.Host, seen.RemoteAddr, seen.TLS, seen.RequestURI = i.outer.Host, i.outer.RemoteAddr, i.outer.TLS, r.URL.RequestURI()
	if seen.Body == nil {
		seen.Body = http.NoBody
	}
	for _, name := range passed {
		if values, ok := i.outer.Header[name]; ok {
			seen.Header[name] = values
		}
	}
	if r.Method == http.MethodPost {
		if key := i.key(); key != "" {
			seen.Header["Idempotency-Key"] = []string{key}
		}
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

// lasting returns how long a request lasts. A read ends with the request on whose
// behalf it is. A change that has begun is carried out within its time although
// nobody waits for it any more: it could not be said else whether it was.
func (i inner) lasting(r *http.Request) (context.Context, context.CancelFunc) {
	if r.Method == http.MethodGet {
		ctx, cancel := context.WithCancel(r.Context())
		stop := context.AfterFunc(i.outer.Context(), cancel)
		return ctx, func() { stop(); cancel() }
	}
	ctx := context.WithoutCancel(r.Context())
	if deadline, ok := r.Context().Deadline(); ok {
		return context.WithDeadline(ctx, deadline)
	}
	return ctx, func() {}
}

func responseOf(held *httpapi.Held, r *http.Request) *http.Response {
	return &http.Response{
		Status: http.StatusText(held.Status), StatusCode: held.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: held.Header(), Body: io.NopCloser(&held.Body), ContentLength: int64(held.Body.Len()), Request: r,
	}
}
