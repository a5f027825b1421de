package client

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// transport repeats requests that failed for a while and may be repeated.
type transport struct {
	next    http.RoundTripper
	timeout time.Duration // of a request with all its repetitions
	notice  func(string)
}

const (
	dialTime = 10 * time.Second
	maxTries = 4
	firstGap = 300 * time.Millisecond
)

func newTransport(timeout time.Duration, notice func(string)) *transport {
	next := http.DefaultTransport.(*http.Transport).Clone()
	next.DialContext = (&net.Dialer{Timeout: dialTime}).DialContext
	return &transport{next: next, timeout: timeout, notice: notice}
}

// RoundTrip implements http.RoundTripper. A request is repeated after a
// failure that came before it was sent, after an answer that says that nothing
// was done, and, if doing it twice is the same as once, after any that may
// pass. Retry-After is waited for if the time-out allows that.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, tries := r.Context(), 0
	var last *http.Response
	response, err := backoff.Retry(ctx, func() (*http.Response, error) {
		if tries++; tries > 1 {
			again, err := rewound(r)
			if err != nil {
				return nil, backoff.Permanent(err)
			}
			r = again
		}
		response, err := t.next.RoundTrip(r)
		switch last = nil; {
		case err != nil && !(repeatable(r) && (safe(r) || unsent(err))):
			return nil, backoff.Permanent(err)
		case err != nil:
			return nil, err
		case response.StatusCode >= 300 && response.StatusCode < 400 && response.StatusCode != http.StatusNotModified:
			response.Body.Close()
			return nil, backoff.Permanent(fmt.Errorf("it answers that it has moved to %s", response.Header.Get("Location")))
		case tries == maxTries || !repeatable(r) || !passing(r, response):
			return response, nil
		}
		last = response
		return nil, after(response)
	}, backoff.WithMaxTries(maxTries), backoff.WithMaxElapsedTime(t.timeout), backoff.WithBackOff(gaps()), backoff.WithNotify(t.tell))
	if err != nil && last != nil && ctx.Err() == nil {
		return last, nil // it asked for more patience than there is
	}
	return response, err
}

func gaps() backoff.BackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval = firstGap
	return b
}

// patience is a wait that people should know of.
const patience = time.Second

func (t *transport) tell(err error, gap time.Duration) {
	if gap >= patience {
		t.notice(fmt.Sprintf("waiting %v for the service: %s", gap.Round(time.Second), printable(err.Error())))
	}
}

func rewound(r *http.Request) (*http.Request, error) {
	again := r.Clone(r.Context())
	if r.GetBody == nil {
		return again, nil
	}
	body, err := r.GetBody()
	again.Body = body
	return again, err
}

// repeatable reports whether there is still, or again, a body to send.
func repeatable(r *http.Request) bool {
	return r.Body == nil || r.Body == http.NoBody || r.GetBody != nil
}

// safe reports whether doing a request twice is the same as doing it once. A
// second DELETE finds nothing, and a second PATCH may undo what others did.
func safe(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodPut && r.Header.Get("If-Match") == "" || r.Header.Get("Idempotency-Key") != ""
}

// unsent reports whether an error came before anything was sent.
func unsent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// passing reports whether an answer means that the same request may succeed
// later: always with 429, and with 503 if that has a Retry-After, which says
// that nothing was done.
func passing(r *http.Request, response *http.Response) bool {
	switch response.StatusCode {
	case http.StatusTooManyRequests:
		return true
	case http.StatusServiceUnavailable:
		return safe(r) || response.Header.Get("Retry-After") != ""
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		return safe(r)
	}
	return false
}

// maxDrain is how much of an answer is read to use its connection again.
const maxDrain = 64 << 10

// after returns the error that has an answer's Retry-After waited for. The
// answer stays readable, in case there is no time for that.
func after(response *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(response.Body, maxDrain))
	response.Body.Close()
	if err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds >= 0 {
		return &waiting{&backoff.RetryAfterError{Duration: time.Duration(seconds) * time.Second}, response.Status}
	}
	return errors.New(response.Status)
}

// waiting is an answer's Retry-After.
type waiting struct {
	*backoff.RetryAfterError
	status string
}

// Error says what the service answered.
func (w *waiting) Error() string { return w.status }

// Unwrap returns what the wait is taken from.
func (w *waiting) Unwrap() error { return w.RetryAfterError }
