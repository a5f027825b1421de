package event

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"todo-app/internal/task"
)

// sink is where events go.
type sink struct {
	url     string
	client  *http.Client
	encoder *Encoder
}

func newSink(address string, e *Encoder, transport http.RoundTripper, around func(http.RoundTripper) http.RoundTripper) (*sink, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("reading K_SINK: it must be an http or https URL")
	}
	if transport == nil {
		own := http.DefaultTransport.(*http.Transport).Clone()
		own.MaxIdleConnsPerHost = parallel + hasteners
		own.MaxResponseHeaderBytes = maxAnswer
		transport = own
	}
	if around != nil {
		transport = around(transport)
	}
	return &sink{url: address, encoder: e, client: &http.Client{
		Transport: transport,
		// Following would turn the POST into a GET without the event.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// verdict is what became of one delivery.
type verdict int8

const (
	arrived verdict = iota
	later           // not now: a further attempt may succeed
	never           // the sink will not take this event
)

// answer is the sink's reply to one event. wait is how long it asked to be
// left alone, 0 if it did not. mute means that it spoke of no event in
// particular, so that the next would fare no better.
type answer struct {
	verdict verdict
	wait    time.Duration
	mute    bool
	err     error // why the event did not arrive
}

const maxAnswer = 64 << 10 // bytes of an answer's head, and of its body, worth reading

// post delivers one event, in binary mode so that brokers can filter it
// without reading the body.
func (s *sink) post(ctx context.Context, ev task.Event) answer {
	e, err := s.encoder.Encode(ev)
	if err != nil {
		return answer{verdict: never, err: err}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(e.Data))
	if err != nil {
		return answer{verdict: never, err: fmt.Errorf("encoding event %s: %w", ev.ID, err)}
	}
	r.Header = e.Header()
	r.Header.Set("User-Agent", "todo-app")
	response, err := s.client.Do(r)
	if err != nil {
		var of *url.Error
		if errors.As(err, &of) { // its text would repeat the address, whose query may be secret
			err = of.Err
		}
		return answer{verdict: later, mute: true, err: fmt.Errorf("posting to the sink: %w", err)}
	}
	defer response.Body.Close()
	// Read so that the connection can serve again; what it says is of no use.
	_, _ = io.CopyN(io.Discard, response.Body, maxAnswer)
	return judge(response.StatusCode, response.Header)
}

// judge reads a status as the Knative Eventing data plane contract does, and
// takes 401, 403, 407 and 425 as temporary too: they speak of the sender or
// the moment, and setting every event aside over an expired credential would
// lose them. A redirect is a sink misconfigured, for an operator to mend.
func judge(status int, h http.Header) answer {
	a := answer{verdict: later, err: fmt.Errorf("posting to the sink: it answered %d %s", status, http.StatusText(status))}
	switch {
	case status >= 200 && status < 300:
		return answer{verdict: arrived}
	case status >= 300 && status < 400:
		a.err = fmt.Errorf("%w, and redirects are not followed; K_SINK must name the final address", a.err)
	}
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusProxyAuthRequired,
		http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		a.mute = true
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly:
	default:
		if status >= 400 && status < 500 {
			a.verdict = never
		}
		a.mute = status < 400
	}
	a.wait = retryAfter(h.Get("Retry-After"), time.Now())
	return a
}

// retryAfter reads either form of the header, at most maxPause; 0 for none.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, maxPause)
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return max(0, min(at.Sub(now), maxPause))
}
