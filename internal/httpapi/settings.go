package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"todo-app/internal/task"
)

const settingsPath = "/api/v1/settings"

// Settings are what an owner has chosen.
type Settings struct {
	TimeZone string `json:"time_zone"`
}

// getSettings answers with the caller's settings.
func getSettings(w http.ResponseWriter, r *request) error {
	if err := r.query().err(); err != nil {
		return err
	}
	zone, err := r.api.Tasks.OwnerZone(r.Context(), r.call)
	if err != nil {
		return err
	}
	return writeSettings(w, r, Settings{zone})
}

// putSettings replaces the caller's settings.
func putSettings(w http.ResponseWriter, r *request) error {
	p := r.query()
	if err := r.readBody(jsonType); err != nil {
		return err
	}
	settings, err := decodeSettings(r.body)
	if err = both(p.err(), err); err != nil {
		return err
	}
	if err := r.api.Tasks.SetOwnerZone(r.Context(), r.call, settings.TimeZone, entityTags(r.Request, "If-Match", false)); err != nil {
		return err
	}
	return writeSettings(w, r, settings)
}

// writeSettings answers with settings; what they say is their validator.
func writeSettings(w http.ResponseWriter, r *request, s Settings) error {
	body, err := json.Marshal(s)
	if err == nil {
		known := r.Method == http.MethodGet && slices.Contains(entityTags(r.Request, "If-None-Match", true), s.TimeZone)
		writeRead(w, task.Rendered{Body: body, ETag: s.TimeZone, NotModified: known})
	}
	return err
}

func decodeSettings(body []byte) (s Settings, err error) {
	d := decoder{json: jsontext.NewDecoder(bytes.NewBuffer(body))}
	if d.json.PeekKind() != '{' {
		return s, task.Faults{{Pointer: "", Detail: "must be a JSON object such as {\"time_zone\": \"Europe/Berlin\"}"}}
	}
	_, err = d.json.ReadToken()
	for err == nil && d.json.PeekKind() != '}' {
		var name jsontext.Token
		if name, err = d.json.ReadToken(); err != nil {
			break
		}
		member := name.String()
		var value jsontext.Value
		if value, err = d.json.ReadValue(); err != nil {
			break
		}
		var wrong error
		if member == "time_zone" {
			s.TimeZone, wrong = text(value)
		} else {
			wrong = errors.New("is not a setting")
		}
		d.fault("/"+member, wrong)
	}
	if err == nil {
		_, err = d.json.ReadToken()
	}
	if err == nil {
		if _, rest := d.json.ReadToken(); rest != io.EOF {
			err = errTrailing
		}
	}
	if err != nil {
		d.faults = append(d.faults, syntaxFault(d.json, err))
	}
	if len(d.faults) > 0 {
		return s, d.faults
	}
	return s, nil
}
