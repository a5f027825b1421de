package event

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"todo-app/internal/jsonvalue"
	"todo-app/internal/task"
)

// readBinary reads attributes from the head and data from the body.
func readBinary(h http.Header, body []byte) envelope {
	e := envelope{attributes: map[string]string{}}
	for _, header := range slices.Sorted(maps.Keys(h)) {
		values, name := h[header], strings.ToLower(header)
		switch {
		case len(values) == 0:
			continue
		case name == "content-type":
			name = "datacontenttype"
		case !strings.HasPrefix(name, "ce-"):
			continue
		default:
			if name = name[len("ce-"):]; !isName(name) || name == "data" || name == "datacontenttype" {
				e.fault("", fmt.Sprintf("has the header %.60q, which names no attribute that a header can carry", header))
				continue
			}
		}
		if len(values) > 1 {
			e.fault("/"+name, "is given twice")
		}
		if e.attributes[name] = values[0]; name != "datacontenttype" {
			e.attributes[name] = decodeHeader(values[0])
		}
	}
	if len(body) > 0 {
		e.setData("/data", body)
	}
	return e
}

// decodeHeader undoes quoting and percent-encoding (HTTP binding, section
// 3.1.3.2). A percent sign that encodes nothing stays: the SDKs that encode
// nothing send it so.
func decodeHeader(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = unquote(s[1 : len(s)-1])
	}
	if !strings.Contains(s, "%") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if c, err := hex.DecodeString(s[i+1 : i+3]); err == nil {
				b = append(b, c[0])
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

func unquote(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b = append(b, s[i])
	}
	return string(b)
}

// readStructured reads one event in the JSON format.
func readStructured(body []byte) ([]envelope, task.Faults) {
	value, err := wholeJSON(body)
	if err != nil {
		return nil, task.Faults{*err}
	}
	return []envelope{readEvent(value)}, nil
}

// readBatch reads events in the JSON batch format.
func readBatch(body []byte) ([]envelope, task.Faults) {
	value, err := wholeJSON(body)
	if err != nil {
		return nil, task.Faults{*err}
	}
	var batch []envelope
	n := 0
	if err := jsonvalue.Elements(value, func(i int, element jsontext.Value) {
		if n = i + 1; n <= MaxBatch {
			batch = append(batch, readEvent(element))
		}
	}); err != nil {
		return nil, task.Faults{{Detail: err.Error() + " of events"}}
	}
	switch {
	case n == 0:
		return nil, task.Faults{{Detail: "must hold at least one event"}}
	case n > MaxBatch:
		return nil, task.Faults{{Detail: fmt.Sprintf("must hold at most %d events", MaxBatch)}}
	}
	return batch, nil
}

// wholeJSON returns the one JSON value that body is, or what is wrong with it
// where. It is JSON as RFC 7493 narrows it: UTF-8, no lone surrogates, no
// member twice.
func wholeJSON(body []byte) (jsontext.Value, *task.Fault) {
	d := jsontext.NewDecoder(bytes.NewBuffer(body))
	value, err := d.ReadValue()
	if err == nil {
		value = value.Clone()
		if _, more := d.ReadToken(); more == io.EOF {
			return value, nil
		}
		return nil, &task.Fault{Detail: "must be a single JSON value"}
	}
	fault := &task.Fault{Detail: "must be JSON"}
	var at *jsontext.SyntacticError
	if errors.As(err, &at) {
		if len(at.JSONPointer) <= 200 {
			fault.Pointer = string(at.JSONPointer)
		}
		fault.Detail = fmt.Sprintf("must be JSON: %.100s", at.Err)
	}
	return nil, fault
}

// readEvent reads the members of one event, which is valid JSON.
func readEvent(value jsontext.Value) envelope {
	var e envelope
	e.attributes = map[string]string{}
	both := false
	if jsonvalue.Members(value, func(name string, member jsontext.Value) {
		switch {
		case member.Kind() == 'n': // unset, as the JSON format (section 2.2) has it
		case name == "data" || name == "data_base64":
			if both {
				e.fault("/data_base64", "must not come beside data")
			}
			both = true
			e.readData(name, member)
		case !isName(name):
			e.fault("", fmt.Sprintf("has the member %.60q, which names no attribute", name))
		case member.Kind() == '"':
			e.attributes[name], _ = jsonvalue.Text(member) // it is one
		case member.Kind() == '{' || member.Kind() == '[' || slices.Contains(reserved[:], name):
			e.fault("/"+name, "must be a string")
		}
	}) != nil {
		e.attributes = nil
		e.fault("", "must be an event, a JSON object")
	}
	return e
}

func (e *envelope) readData(name string, member jsontext.Value) {
	if name == "data" {
		e.data = member.Clone()
		return
	}
	text, err := jsonvalue.Text(member)
	if err != nil {
		e.dataFault("/data_base64", err.Error())
		return
	}
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		e.dataFault("/data_base64", "must be base64")
		return
	}
	e.setData("/data_base64", data)
}

// setData takes data that still has to be shown to be JSON. A sole null is no
// data, as in the JSON format.
func (e *envelope) setData(pointer string, data []byte) {
	value, err := wholeJSON(data)
	if err != nil {
		e.dataFault(pointer+err.Pointer, err.Detail)
		return
	}
	if value.Kind() != 'n' {
		e.data = value
	}
}

func (e *envelope) dataFault(pointer, detail string) {
	e.broken = true
	e.fault(pointer, detail)
}
