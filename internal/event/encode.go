package event

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"todo-app/internal/task"
)

// Encoder turns events as storage keeps them into CloudEvents 1.0.
type Encoder struct {
	source     string
	schema     string
	extensions map[string]string
}

// The data of every event is the schema TaskRecord of the OpenAPI document. A
// dataschema must be an absolute URI, so a source that is only a path names
// the document by a URN.
const (
	schemaDocument = "openapi.yaml"
	schemaFragment = "/components/schemas/TaskRecord"
	schemaURN      = "urn:todo-app:openapi:v1"
)

// NewEncoder returns an encoder whose events come from source, a URI
// reference: the service's public URL, or a path such as /todo-app. Receivers
// know an event by source and id together, so every process that delivers
// must be given the same source. Under an http(s) URL the dataschema is
// SOURCE/openapi.yaml#/components/schemas/TaskRecord.
func NewEncoder(source string, o Overrides) (*Encoder, error) {
	u, err := url.Parse(source)
	if err == nil && (source == "" || !legal(source)) {
		err = errors.New("must be a URI reference without control characters")
	}
	if err != nil {
		return nil, fmt.Errorf("reading the events' source %q: %w", source, err)
	}
	e := &Encoder{source: u.String(), extensions: o.Extensions}
	schema := &url.URL{Scheme: "urn", Opaque: strings.TrimPrefix(schemaURN, "urn:")}
	if u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") {
		schema = u.JoinPath(schemaDocument)
		schema.RawQuery = ""
	}
	schema.Fragment = schemaFragment
	e.schema = schema.String()
	return e, nil
}

// reminderDue is the type of the events for reminders. Its extension of that
// name says which one is due, in the task's words.
const (
	reminderDue = "todo.reminder.due.v1"
	reminder    = "reminder"
)

// Encode returns the CloudEvent of type todo.task.CHANGE.v1, or
// todo.reminder.due.v1, whose subject is the task and whose data is its record.
// The same event always has the same id. A malformed trace is left out; the error says which attribute cannot be
// put into a CloudEvent, now or ever.
func (e *Encoder) Encode(ev task.Event) (CloudEvent, error) {
	if !legal(ev.Owner) {
		return CloudEvent{}, fmt.Errorf("encoding event %s: the owner holds characters that CloudEvents forbid", ev.ID)
	}
	extensions := make(map[string]string, 3+len(e.extensions))
	if ev.Owner != "" {
		extensions["owner"] = ev.Owner
	}
	if isTrace(ev.Trace) {
		extensions["traceparent"] = ev.Trace
	}
	kind := "todo.task." + string(ev.Change) + ".v1"
	if ev.Change == task.Reminded {
		kind, extensions[reminder] = reminderDue, string(ev.Reminder)
	}
	maps.Copy(extensions, e.extensions)
	return CloudEvent{
		ID:         ev.ID.String(),
		Source:     e.source,
		Type:       kind,
		Subject:    ev.Task.ID.String(),
		Time:       ev.At,
		DataSchema: e.schema,
		Extensions: extensions,
		Data:       ev.Task.AppendRecord(nil),
	}, nil
}

// Overrides are what the platform wants added to every event.
type Overrides struct {
	Extensions map[string]string // names are valid, values not empty
}

// ParseOverrides reads K_CE_OVERRIDES, a JSON object such as
// {"extensions": {"team": "blue"}}; "" means none. What could not be honoured
// is an error: an unknown member, a name that is no extension's, a value that
// is empty or holds control characters.
func ParseOverrides(s string) (Overrides, error) {
	if strings.TrimSpace(s) == "" {
		return Overrides{}, nil
	}
	var in struct {
		Extensions map[string]string `json:"extensions"`
	}
	d := json.NewDecoder(strings.NewReader(s))
	d.DisallowUnknownFields()
	err := d.Decode(&in)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("more follows the object")
		}
	}
	if err != nil {
		return Overrides{}, fmt.Errorf(`must be a JSON object such as {"extensions": {"team": "blue"}}: %w`, err)
	}
	for _, name := range slices.Sorted(maps.Keys(in.Extensions)) {
		switch value := in.Extensions[name]; {
		case !isName(name) || slices.Contains(reserved[:], name):
			return Overrides{}, fmt.Errorf("is not usable: %q cannot name an extension; use lower-case letters and digits, and no attribute of CloudEvents itself", name)
		case value == "" || !legal(value):
			return Overrides{}, fmt.Errorf("is not usable: the extension %q must have a value without control characters", name)
		}
	}
	return Overrides{Extensions: in.Extensions}, nil
}

// reserved are the names that no extension may have.
var reserved = [...]string{"id", "source", "specversion", "type", "subject", "time", "datacontenttype", "dataschema", "data"}

// isName reports whether s can name an attribute. The specification asks for
// no more than 20 characters and forbids no more.
func isName(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// legal reports whether s is text that a CloudEvents attribute can hold: no
// control characters, noncharacters or bytes that are no UTF-8.
func legal(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r&0xfffe == 0xfffe || 0xfdd0 <= r && r <= 0xfdef
	})
}

// isTrace reports whether s is a W3C traceparent of version 00, or of a later
// one that kept its form.
func isTrace(s string) bool {
	part := strings.Split(s, "-")
	if len(part) != 4 || part[0] == "ff" {
		return false
	}
	for i, size := range []int{2, 32, 16, 2} {
		if len(part[i]) != size || strings.Trim(part[i], "0123456789abcdef") != "" {
			return false
		}
	}
	return strings.Trim(part[1], "0") != "" && strings.Trim(part[2], "0") != ""
}
