package web

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"strings"
)

// own are the headers of an answer that are the door's to say: the ids are
// the same in both, and a client should see each once.
var own = map[string]bool{"X-Request-Id": true, "X-Content-Type-Options": true, "Traceparent": true}

// rewrite makes the request to the function of the client's.
func (p *passage) rewrite(pr *httputil.ProxyRequest) {
	in, out, to := pr.In, pr.Out, p.function.at
	out.URL.Scheme, out.URL.Host, out.Host = to.Scheme, to.Host, to.Host
	out.URL.RawQuery = in.URL.RawQuery // one that cannot be read is the function's to refuse
	for name := range out.Header {
		if strings.HasPrefix(name, "X-Forwarded-") {
			out.Header.Del(name)
		}
	}
	// net/http repeats what has such a key when a kept connection turns out to be
	// dead. Functions keep them for POST only.
	out.Header.Del("X-Idempotency-Key")
	if in.Method != http.MethodPost {
		out.Header.Del("Idempotency-Key")
	}
	door := p.function.door
	if door.Trusts(in) {
		out.Header["X-Forwarded-For"] = in.Header["X-Forwarded-For"]
	}
	pr.SetXForwarded()
	scheme, host, _ := strings.Cut(door.URL(in), "://")
	out.Header["X-Forwarded-Proto"] = []string{scheme}
	out.Header["X-Forwarded-Host"] = []string{host}
	// An ingress on the way overwrites those two; this it leaves alone.
	out.Header["Forwarded"] = []string{fmt.Sprintf("host=%q;proto=%s", host, scheme)}
}

// check refuses what no function answers, though something on the way to it
// may, and watches the body of what one does.
func (p *passage) check(answer *http.Response) error {
	media, _, _ := strings.Cut(answer.Header.Get("Content-Type"), ";")
	// What answers a POST ends by itself, and nothing can go on with it elsewhere.
	p.stream = media == "text/event-stream" && answer.Request.Method == http.MethodGet
	fault := answer.StatusCode >= 500 || answer.StatusCode == http.StatusNotFound
	if fault && !strings.HasSuffix(media, "json") {
		if answer.StatusCode == http.StatusNotFound {
			return errNoSuchHost // what is between knows no such function
		}
		return fmt.Errorf("status %d that is no function's", answer.StatusCode)
	}
	answer.Body = &download{answer.Body, p}
	return nil
}

// download is the function's body; it notes when that breaks off.
type download struct {
	io.ReadCloser
	passage *passage
}

// Read implements io.Reader.
func (d *download) Read(b []byte) (int, error) {
	n, err := d.ReadCloser.Read(b)
	if err != nil && err != io.EOF {
		d.passage.failure = err
	}
	return n, err
}
