package event

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"todo-app/internal/task"
)

// MaxBatch is how many events one request may carry.
const MaxBatch = 100

// Kind is what a command does to a task.
type Kind int8

// The commands. The zero value is none of them.
const (
	Create Kind = 1 + iota
	Update
	Delete
)

// kindOf returns the kind that an event's type asks for.
func kindOf(eventType string) (k Kind, ok bool) {
	switch eventType {
	case "todo.task.create.v1":
		return Create, true
	case "todo.task.update.v1":
		return Update, true
	case "todo.task.delete.v1":
		return Delete, true
	}
	return 0, false
}

// Command is an event that asks for a change.
type Command struct {
	Kind Kind
	// Key is the same for every delivery of the event and for no other event:
	// "ce:" and 43 characters made from source and id.
	Key     string
	Subject string    // a task id to update or delete; of a create whatever was sent
	Data    []byte    // valid JSON, nil if none came; never nil to create or update
	Time    time.Time // zero if none was given
	Trace   string    // a well-formed traceparent, or ""
}

// ErrMediaType says that the body claims to be events in a format that is not
// read.
var ErrMediaType = errors.New("events are read in HTTP's binary mode, as application/cloudevents+json and as application/cloudevents-batch+json, in UTF-8")

// Receive reads the events of a request in any of the three content modes,
// and their commands in order. What is wrong with them is returned as
// task.Faults, all at once, with pointers that name attributes alike in each
// mode (/id, /data/title) and begin with the position in a batch (/3/id);
// ErrMediaType, or an error of reading the body. The body must be bounded by
// the caller.
//
// Decoding is done here and not by the SDK, whose decoders lose what follows
// an empty member name, keep the last of two equal members, turn lone
// surrogates into U+FFFD so that different ids become one, and panic on a
// data_base64 that is a number and on a header named "Ce-".
func Receive(r *http.Request) ([]Command, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("reading the event: %w", err)
	}
	var envelopes []envelope
	var faults task.Faults
	batch := false
	switch m, err := modeOf(r.Header); {
	case err != nil:
		return nil, err
	case m == structured:
		envelopes, faults = readStructured(body)
	case m == batched:
		batch = true
		envelopes, faults = readBatch(body)
	default:
		envelopes = []envelope{readBinary(r.Header, body)}
	}
	if len(faults) > 0 {
		return nil, faults
	}
	commands := make([]Command, len(envelopes))
	for i := range envelopes {
		e := &envelopes[i]
		commands[i] = e.command()
		if batch {
			e.faults = e.faults.Under("/" + strconv.Itoa(i))
		}
		faults = append(faults, e.faults...)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return commands, nil
}

type mode int8

const (
	binary mode = iota
	structured
	batched
)

// modeOf tells the content mode by the media type, as the HTTP binding
// (section 3) has it.
func modeOf(h http.Header) (mode, error) {
	value := h.Get("Content-Type")
	if len(value) < len("application/cloudevents") || !strings.EqualFold(value[:len("application/cloudevents")], "application/cloudevents") {
		return binary, nil
	}
	mediaType, parameters, err := mime.ParseMediaType(value)
	switch {
	case err != nil || !isUTF8(parameters["charset"]) || len(h.Values("Content-Type")) > 1:
		return 0, ErrMediaType
	case mediaType == "application/cloudevents+json":
		return structured, nil
	case mediaType == "application/cloudevents-batch+json":
		return batched, nil
	}
	return 0, ErrMediaType
}

func isUTF8(charset string) bool {
	return charset == "" || strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "us-ascii")
}

// envelope is one event as it came, in whatever mode.
type envelope struct {
	attributes map[string]string // nil: it was no event at all
	data       []byte
	broken     bool // data came, but is at fault
	faults     task.Faults
}

// maxFaults bounds what is said about one event, so that the answer does not
// grow with the malice of the request.
const maxFaults = 20

func (e *envelope) fault(pointer, detail string) {
	if len(e.faults) < maxFaults {
		e.faults = append(e.faults, task.Fault{Pointer: pointer, Detail: detail})
	}
}

// command checks the envelope and returns what it asks for. An attribute that
// is already at fault is not faulted again for being absent.
func (e *envelope) command() Command {
	if e.attributes == nil {
		return Command{}
	}
	if version := e.required("specversion"); version != "" && version != "1.0" {
		e.fault("/specversion", `must be "1.0", the one version that is read`)
	}
	id, source := e.required("id"), e.required("source")
	if _, err := url.Parse(source); err != nil && legal(source) {
		e.fault("/source", "must be a URI reference")
	}
	c := Command{Key: key(source, id), Subject: e.optional("subject"), Data: e.data}
	var known bool
	if c.Kind, known = kindOf(e.required("type")); !known && legal(e.attributes["type"]) && e.attributes["type"] != "" {
		e.fault("/type", "must be todo.task.create.v1, todo.task.update.v1 or todo.task.delete.v1")
	}
	e.checkSubject(c)
	e.checkData(c.Kind)
	if at := e.optional("time"); at != "" {
		var err error
		if c.Time, err = time.Parse(time.RFC3339Nano, at); err != nil {
			e.fault("/time", "must be an RFC 3339 time such as 2026-03-01T09:00:00Z")
		}
	}
	// A trace that is malformed is ignored, as W3C asks, not refused.
	if trace := e.attributes["traceparent"]; isTrace(trace) {
		c.Trace = trace
	}
	return c
}

func (e *envelope) required(name string) string {
	value := e.optional(name)
	if strings.TrimSpace(value) == "" && !e.faulted("/"+name) {
		e.fault("/"+name, "is required")
	}
	return value
}

func (e *envelope) optional(name string) string {
	value := e.attributes[name]
	if !legal(value) {
		e.fault("/"+name, "must be UTF-8 without control characters")
	}
	return value
}

func (e *envelope) faulted(pointer string) bool {
	for _, f := range e.faults {
		if f.Pointer == pointer {
			return true
		}
	}
	return false
}

func (e *envelope) checkSubject(c Command) {
	if c.Kind != Update && c.Kind != Delete || e.faulted("/subject") {
		return
	}
	if c.Subject == "" {
		e.fault("/subject", "is required: the id of the task")
	} else if _, err := task.ParseID(c.Subject); err != nil {
		e.fault("/subject", err.Error())
	}
}

func (e *envelope) checkData(k Kind) {
	if e.data == nil && !e.broken && (k == Create || k == Update) {
		e.fault("/data", "is required: the fields of the task")
	}
	value := e.optional("datacontenttype")
	if value == "" || e.faulted("/datacontenttype") {
		return // the format's default is JSON, and so is ours
	}
	mediaType, parameters, err := mime.ParseMediaType(value)
	isJSON := mediaType == "application/json" || mediaType == "text/json" || strings.HasSuffix(mediaType, "+json")
	if err != nil || !isJSON || !isUTF8(parameters["charset"]) {
		e.fault("/datacontenttype", "must be application/json, or another JSON type, in UTF-8")
	}
}

// key makes one idempotency key of two attributes. The length of the first
// keeps pairs apart that read alike when joined; the hash keeps the key short
// and printable whatever they hold.
func key(source, id string) string {
	sum := sha256.Sum256([]byte(strconv.Itoa(len(source)) + ":" + source + id))
	return "ce:" + base64.RawURLEncoding.EncodeToString(sum[:])
}
