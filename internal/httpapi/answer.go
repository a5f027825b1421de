package httpapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"todo-app/internal/task"
)

// answer is a response, complete before any of it is sent.
type answer struct {
	Status int
	Header map[string]string
	Body   []byte // JSON
	// Fresh, if any, is the body for whom the write was done, in place of
	// Body: it is not kept, so a replay has less.
	Fresh []byte `json:"-"`
}

func (a answer) write(w http.ResponseWriter) {
	for name, value := range a.Header {
		w.Header().Set(name, value)
	}
	body := a.Body
	if a.Fresh != nil {
		body = a.Fresh
	}
	write(w, a.Status, jsonType, body)
}

// write sends a response that is complete.
func write(w http.ResponseWriter, status int, contentType string, body []byte) {
	if header := w.Header(); len(body) > 0 {
		header["Content-Type"] = []string{contentType}
		header["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	w.WriteHeader(status)
	w.Write(body) // the client may be gone; there is nobody to tell
}

// keep writes an answer down for replays: status and headers on a line of
// JSON, then the body as it is.
func (a answer) keep() []byte {
	line, err := json.Marshal(struct {
		Status int
		Header map[string]string
	}{a.Status, a.Header})
	if err != nil {
		line = nil // cannot happen: strings and numbers
	}
	return append(append(line, '\n'), a.Body...)
}

// writeKept sends an answer that keep wrote down.
func writeKept(w http.ResponseWriter, kept []byte) {
	line, body, _ := bytes.Cut(kept, []byte("\n"))
	var a answer
	if err := json.Unmarshal(line, &a); err != nil || a.Status == 0 {
		write(w, http.StatusInternalServerError, "application/problem+json", nil)
		return
	}
	a.Body = body
	w.Header().Set("Idempotent-Replayed", "true")
	a.write(w)
}

// madeWithSecret answers with what was made, of which a replay shows what is
// kept: all but the secret.
func madeWithSecret(whole, kept any) answer {
	fresh, err := json.Marshal(whole)
	body, fault := json.Marshal(kept)
	if err != nil || fault != nil {
		fresh = nil // cannot happen: strings and times of four-digit years
	}
	return answer{Status: http.StatusCreated, Header: map[string]string{"Cache-Control": "no-store"}, Body: body, Fresh: fresh}
}

// oneTask answers with a single task, and within it the next occurrence if the
// result has one.
func oneTask(status int, r task.Result) answer {
	t := r.Tasks[0]
	rendered := t.Render(r.View, task.Generation{})
	for _, next := range r.Tasks[1:] {
		body := append(rendered.Body[:len(rendered.Body)-1], `,"next":`...)
		rendered.Body = append(next.AppendJSON(body, r.View), '}')
	}
	a := answer{Status: status, Body: rendered.Body, Header: map[string]string{"ETag": quote(rendered.ETag)}}
	if status == http.StatusCreated {
		a.Header["Location"] = r.View.URL + "/api/v1/tasks/" + t.ID.String()
	}
	return a
}

// manyTasks answers with an array of tasks.
func manyTasks(status int, r task.Result) answer {
	body := []byte{'['}
	for i := range r.Tasks {
		if i > 0 {
			body = append(body, ',')
		}
		body = r.Tasks[i].AppendJSON(body, r.View)
	}
	return answer{Status: status, Body: append(body, ']')}
}

func quote(etag string) string { return `"` + etag + `"` }

// writeRead answers a read, with 304 where the client has it already.
func writeRead(w http.ResponseWriter, r task.Rendered) {
	header := w.Header()
	header["Etag"] = []string{quote(r.ETag)}
	header["Cache-Control"] = revalidate
	if r.NotModified {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	write(w, http.StatusOK, jsonType, r.Body)
}

// revalidate lets a client keep an answer, to ask with its validator.
var revalidate = []string{"private, no-cache"}

// entityTags returns the tags listed in a header, without quotes, or "*" alone
// where that stands in their place; nil when the header is absent. Weak tags
// count only in comparisons that allow them.
func entityTags(r *http.Request, header string, weak bool) []string {
	values := r.Header.Values(header)
	if len(values) == 0 {
		return nil
	}
	return parseTags(strings.Join(values, ","), weak)
}

// parseTags reads If-Match or If-None-Match (RFC 9110, section 13.1). What is
// malformed names no tag; nor does "*" in quotes, which would be taken for any.
func parseTags(s string, weak bool) []string {
	if strings.Trim(s, " \t") == "*" {
		return []string{"*"}
	}
	tags := []string{}
	for s != "" {
		var tag string
		opaque, isWeak := strings.CutPrefix(strings.TrimLeft(s, " \t"), "W/")
		if bare, quoted := strings.CutPrefix(opaque, `"`); quoted {
			tag, s, quoted = strings.Cut(bare, `"`)
			if !quoted { // it never ends
				return tags
			}
		}
		var behind string
		behind, s, _ = strings.Cut(s, ",")
		if tag != "" && tag != "*" && strings.Trim(behind, " \t") == "" && (weak || !isWeak) {
			tags = append(tags, tag)
		}
	}
	return tags
}
