package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"todo-app/internal/jsonvalue"
	"todo-app/internal/task"
)

const settingsPath = "/api/v1/settings"

// Settings are what an owner has chosen.
type Settings struct {
	TimeZone        string `json:"time_zone"`
	AutoArchiveDays *int   `json:"auto_archive_days"` // nil: never
	ETag            string `json:"-"`                 // as read by a client
}

// settingsOf is the wire form of settings.
func settingsOf(s task.Settings) Settings {
	wire := Settings{TimeZone: s.Zone}
	if s.AutoArchiveDays > 0 {
		wire.AutoArchiveDays = &s.AutoArchiveDays
	}
	return wire
}

// getSettings answers with the caller's settings.
func getSettings(w http.ResponseWriter, r *request) error {
	if err := r.query().err(); err != nil {
		return err
	}
	settings, err := r.api.Tasks.Settings(r.Context(), r.call)
	if err != nil {
		return err
	}
	return writeSettings(w, r, settings)
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
	if err := r.api.Tasks.SetSettings(r.Context(), r.call, settings, entityTags(r.Request, "If-Match", false)); err != nil {
		return err
	}
	return writeSettings(w, r, settings)
}

// writeSettings answers with settings; what they say is their validator.
func writeSettings(w http.ResponseWriter, r *request, s task.Settings) error {
	body, err := json.Marshal(settingsOf(s))
	if err == nil {
		tags := entityTags(r.Request, "If-None-Match", true)
		known := r.Method != http.MethodPut && (slices.Contains(tags, s.Tag()) || slices.Contains(tags, "*"))
		writeRead(w, task.Rendered{Body: body, ETag: s.Tag(), NotModified: known})
	}
	return err
}

// decodeSettings reads the settings. The error is task.Faults, listing
// everything wrong with them.
func decodeSettings(body []byte, zones *task.Zones) (s task.Settings, err error) {
	d := newDecoder(body, forChange)
	given, ok, err := d.only(`{"time_zone": "Europe/Berlin"}`, d.values(func(name string, v jsontext.Value) (wrong error) {
		switch name {
		case "time_zone":
			if s.Zone, wrong = jsonvalue.Text(v); wrong == nil {
				_, wrong = zones.Load(s.Zone)
			}
		case "auto_archive_days":
			s.AutoArchiveDays, wrong = days(v)
		default:
			wrong = errors.New("is not a setting")
		}
		return wrong
	}))
	if ok && !given["time_zone"] {
		d.fault("/time_zone", errors.New("is required"))
	}
	return s, d.end(err)
}

// days reads a number of days; null is 0.
func days(value jsontext.Value) (n int, err error) {
	if value.Kind() == 'n' {
		return 0, nil
	}
	if json.Unmarshal(value, &n) != nil || n < 1 || n > task.MaxAutoArchiveDays {
		return 0, fmt.Errorf("must be a whole number from 1 to %d, or null for never", task.MaxAutoArchiveDays)
	}
	return n, nil
}
