package httpapi_test

import (
	"net/http"
	"testing"
)

const settings = "/api/v1/settings"

func TestSettingsAreReadAndReplaced(t *testing.T) {
	t.Parallel()
	s := start(t)
	equal(t, s.ask(t, "GET", settings, "").status(t, http.StatusOK).Body, `{"time_zone":"UTC","auto_archive_days":null}`)
	put := s.ask(t, "PUT", settings, `{"time_zone":"Europe/Berlin"}`).status(t, http.StatusOK)
	equal(t, put.Body, `{"time_zone":"Europe/Berlin","auto_archive_days":null}`)
	got := s.ask(t, "GET", settings, "").status(t, http.StatusOK)
	equal(t, got.Body, put.Body)
	equal(t, got.Header.Get("ETag"), put.Header.Get("ETag"))
	equal(t, s.ask(t, "PUT", settings, got.Body).status(t, http.StatusOK).Body, got.Body)
}

func TestTasksAreArchivedAfterSomeDaysIfTheSettingsSaySo(t *testing.T) {
	t.Parallel()
	s := start(t)
	put := s.ask(t, "PUT", settings, `{"time_zone":"UTC","auto_archive_days":30}`).status(t, http.StatusOK)
	equal(t, put.Body, `{"time_zone":"UTC","auto_archive_days":30}`)
	got := s.ask(t, "GET", settings, "").status(t, http.StatusOK)
	equal(t, got.Body, put.Body)
	equal(t, got.Header.Get("ETag"), put.Header.Get("ETag"))
	for _, days := range []string{"0", "-1", "3651", "1.5", `"3"`, "[]", "true", "1e400"} {
		s.ask(t, "PUT", settings, `{"time_zone":"UTC","auto_archive_days":`+days+`}`).faults(t, "/auto_archive_days")
	}
	equal(t, s.ask(t, "PUT", settings, `{"time_zone":"UTC"}`).status(t, http.StatusOK).Body, `{"time_zone":"UTC","auto_archive_days":null}`)
	read, err := s.client.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.ask(t, "PUT", settings, `{"time_zone":"Asia/Tokyo"}`).status(t, http.StatusOK)
	if err := s.client.PutSettings(t.Context(), read); err == nil {
		t.Error("settings that were read before another change replaced it")
	}
}

func TestEverythingWrongWithSettingsIsListedAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	for body, want := range map[string][]string{
		`{}`:                                    {"/time_zone"},
		`{"time_zone":null}`:                    {"/time_zone"},
		`{"time_zone":1,"zone":2,"x/y":3}`:      {"/time_zone", "/zone", "/x~1y"},
		`{"time_zone":"Nowhere","zone":"UTC"}`:  {"/time_zone", "/zone"},
		`{"time_zone":""}`:                      {"/time_zone"},
		`{"time_zone":"Local"}`:                 {"/time_zone"},
		`{"time_zone":"UTC\u0000"}`:             {"/time_zone"},
		`{"time_zone":"UTC","time_zone":"UTC"}`: {"/time_zone"},
		`{"time_zone":"UTC"} 1`:                 {""},
		`{"time_zone":"\ud800"}`:                {"/time_zone"},
		`{"auto_archive_days":0}`:               {"/time_zone", "/auto_archive_days"},
		`[]`:                                    {""},
		`[`:                                     {""},
		`null`:                                  {""},
		`x`:                                     {""},
	} {
		t.Run(body, func(t *testing.T) { s.ask(t, "PUT", settings, body).faults(t, want...) })
	}
	equal(t, s.ask(t, "GET", settings, "").Body, `{"time_zone":"UTC","auto_archive_days":null}`)
}

func TestSettingsHoldAPrecondition(t *testing.T) {
	t.Parallel()
	s := start(t)
	tag := s.ask(t, "GET", settings, "").Header.Get("ETag")
	s.ask(t, "PUT", settings, `{"time_zone":"Europe/Berlin"}`, "If-Match: "+tag).status(t, http.StatusOK)
	for _, refused := range []string{tag, `W/"Europe/Berlin"`, `"*"`, "Europe/Berlin"} {
		s.ask(t, "PUT", settings, `{"time_zone":"Asia/Tokyo"}`, "If-Match: "+refused).status(t, http.StatusPreconditionFailed)
	}
	for _, accepted := range []string{`"Europe/Berlin"`, "*", tag + `,"Europe/Berlin"`} {
		s.ask(t, "PUT", settings, `{"time_zone":"Europe/Berlin"}`, "If-Match: "+accepted).status(t, http.StatusOK)
	}
	equal(t, s.ask(t, "GET", settings, "", "If-None-Match: "+tag).status(t, http.StatusOK).Body, `{"time_zone":"Europe/Berlin","auto_archive_days":null}`)
	// A PUT is no read: it is answered in full.
	s.ask(t, "PUT", settings, `{"time_zone":"Europe/Berlin"}`, `If-None-Match: "Europe/Berlin"`).status(t, http.StatusOK)
}
