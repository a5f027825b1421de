package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"todo-app/internal/task"
)

const (
	// maxBody is the largest body accepted, in bytes.
	maxBody = 1 << 20
	// maxDrain is how much of a larger one is read before it is refused, so
	// that a client that writes before it reads gets to see why.
	maxDrain = 4 << 20
)

// The media types of request bodies.
const (
	jsonType  = "application/json"
	patchType = "application/merge-patch+json"
)

// readBody reads the body, which must be of one of the media types.
func (r *request) readBody(types ...string) error {
	if err := r.checkEncoding(); err != nil {
		return err
	}
	if err := r.checkType(types); err != nil {
		return err
	}
	return r.readAll()
}

func (r *request) checkEncoding() error {
	for _, encoding := range r.Header.Values("Content-Encoding") {
		if encoding != "" && !strings.EqualFold(encoding, "identity") {
			return &Problem{Status: http.StatusUnsupportedMediaType, Detail: "a body must not be encoded; this one has Content-Encoding " + short(encoding)}
		}
	}
	return nil
}

func (r *request) checkType(types []string) error {
	given := r.Header.Get("Content-Type")
	media, params, err := mime.ParseMediaType(given)
	charset, named := params["charset"]
	if err == nil && (!named || strings.EqualFold(charset, "utf-8")) {
		for _, t := range types {
			if media == t {
				return nil
			}
		}
	}
	if given == "" {
		given = "none"
	}
	return &Problem{Status: http.StatusUnsupportedMediaType,
		Detail: fmt.Sprintf("the Content-Type must be %s in UTF-8; this request has %s", strings.Join(types, " or "), short(given))}
}

func (r *request) readAll() error {
	var b bytes.Buffer
	if n := r.ContentLength; n > 0 && n <= maxBody {
		b.Grow(int(n) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(r.Body, maxBody+1))
	if err == nil && n > maxBody {
		_, err = io.CopyN(io.Discard, r.Body, maxDrain-maxBody)
		if err == nil || errors.Is(err, io.EOF) {
			return &Problem{Status: http.StatusRequestEntityTooLarge, Detail: fmt.Sprintf("the body is larger than %d bytes", maxBody)}
		}
	}
	if err != nil {
		return &Problem{Status: http.StatusBadRequest, Detail: "the body did not arrive whole"}
	}
	r.body = b.Bytes()
	return nil
}

// noBody reads the body of an action, which needs none; an empty object says
// as much. Anything else would be dropped silently.
func (r *request) noBody() error {
	if err := r.readAll(); err != nil {
		return err
	}
	if rest := strings.Join(strings.Fields(string(r.body)), ""); rest != "" && rest != "{}" {
		return task.Faults{{Pointer: "", Detail: "must be empty: this action takes no body"}}
	}
	return nil
}

// short keeps a text that a client sent fit for a sentence.
func short(s string) string {
	const most = 100
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}
