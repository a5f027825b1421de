package httpapi

import (
	"net/http"
	"time"
)

// Page returns the endpoint of something that any handler answers to a GET,
// and that belongs to no owner.
func Page(path string, h http.Handler) Endpoint {
	return Endpoint{Method: http.MethodGet, Path: path, open: true, handle: func(w http.ResponseWriter, r *request) error {
		h.ServeHTTP(w, r.Request)
		return nil
	}}
}

// Limit returns how long a request to the endpoint may take.
func (e Endpoint) Limit() time.Duration {
	switch {
	case e.limit != 0:
		return e.limit
	case e.bulky:
		return bulkTime
	}
	return requestTime
}

// Longest returns how long a request to any of the endpoints may take.
func Longest(endpoints []Endpoint) (limit time.Duration) {
	for _, e := range endpoints {
		limit = max(limit, e.Limit())
	}
	return limit
}

// Elsewhere returns the endpoint as one that another process answers: forward
// passes a request on, under the ids that it has here, and sees to its
// deadline. An error of forward is answered as those of endpoints are; once
// the answer has begun it ends the connection.
func (e Endpoint) Elsewhere(forward func(http.ResponseWriter, *http.Request) error) Endpoint {
	handle := func(w http.ResponseWriter, r *request) error {
		r.Header["X-Request-Id"] = []string{r.id}
		r.Header["Traceparent"] = []string{r.trace}
		return forward(w, r.Request)
	}
	return Endpoint{Method: e.Method, Path: e.Path, limit: e.limit, handle: handle, open: true, elsewhere: true}
}
