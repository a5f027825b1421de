package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
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
	settings, err := decodeSettings(r.body, r.api.Tasks.Zones)
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
		tags := entityTags(r.Request, "If-None-Match", true)
		known := r.Method != http.MethodPut && (slices.Contains(tags, s.TimeZone) || slices.Contains(tags, "*"))
		writeRead(w, task.Rendered{Body: body, ETag: s.TimeZone, NotModified: known})
	}
	return err
}

// decodeSettings reads the settings. The error is task.Faults, listing
// everything wrong with them.
func decodeSettings(body []byte, zones *task.Zones) (s Settings, err error) {
	d := decoder{json: jsontext.NewDecoder(bytes.NewBuffer(body))}
	if d.json.PeekKind() == '{' {
		err = d.settings(&s, zones)
	} else if _, err = d.json.ReadValue(); err == nil {
		d.fault("", errors.New("must be a JSON object such as {\"time_zone\": \"Europe/Berlin\"}"))
	}
	return s, d.end(err)
}

func (d *decoder) settings(s *Settings, zones *task.Zones) error {
	d.json.ReadToken() // the brace, peeked at
	given := false
	for d.json.PeekKind() != '}' {
		name, err := d.json.ReadToken()
		if err != nil {
			return err
		}
		member := name.String()
		value, err := d.json.ReadValue()
		if err != nil {
			return err
		}
		var wrong error
		if member == "time_zone" {
			given = true
			if s.TimeZone, wrong = text(value); wrong == nil {
				_, wrong = zones.Load(s.TimeZone)
			}
		} else {
			wrong = errors.New("is not a setting")
		}
		d.fault(string(d.json.StackPointer()), wrong)
	}
	if !given {
		d.fault("/time_zone", errors.New("is required"))
	}
	_, err := d.json.ReadToken()
	return err
}
