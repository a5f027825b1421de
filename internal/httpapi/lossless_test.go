package httpapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/emersion/go-ical"
	"github.com/google/go-cmp/cmp"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

// rowsKept are all rows that an owner's tasks and templates consist of, but for
// what is of the service that has them: whose they are, how often they changed
// there and in which operation, and when a relation was set.
var rowsKept = map[string]string{
	"tasks":             `select to_jsonb(t) - '{owner_id,version,operation}'::text[] from tasks t where owner_id = $1 order by id`,
	"task_terms":        `select to_jsonb(t) - 'owner_id' from task_terms t where owner_id = $1 order by task_id, term`,
	"task_tags":         `select to_jsonb(t) - 'owner_id' from task_tags t where owner_id = $1 order by tag, state, created_at, task_id`,
	"task_dependencies": `select to_jsonb(t) - 'owner_id' from task_dependencies t where owner_id = $1 order by task_id, depends_on_id`,
	"reminders":         `select to_jsonb(t) - 'owner_id' from reminders t where owner_id = $1 order by task_id, at, reminder`,
	"templates":         `select to_jsonb(t) - '{owner_id,version,operation}'::text[] from templates t where owner_id = $1 order by name`,
	"tallies":           `select to_jsonb(t) - 'owner_id' from tallies t where owner_id = $1 order by t`,
	"time_tallies":      `select to_jsonb(t) - 'owner_id' from time_tallies t where owner_id = $1 order by t`,
	"owners":            `select to_jsonb(o) - '{owner_id,generation,nonce,epoch,settings_operation,auto_archive_at}'::text[] from owners o where owner_id = $1`,
}

// all returns an owner's rows, table by table.
func (s *service) all(t *testing.T) map[string][]map[string]any {
	t.Helper()
	found := map[string][]map[string]any{}
	for table, sql := range rowsKept {
		tx, err := s.pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), "select set_config('app.owner', $1, true)", s.owner); err != nil {
			t.Fatal(err)
		}
		rows, err := tx.Query(t.Context(), sql, s.owner)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var row map[string]any
			if err := rows.Scan(&row); err != nil {
				t.Fatal(err)
			}
			found[table] = append(found[table], row)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// life has an owner do this and that with tasks, as a seed has it. What is
// refused on the way is.
func (s *service) life(t *testing.T, seed uint64) {
	t.Helper()
	dice := rand.New(rand.NewPCG(seed, 0))
	pick := func(of ...string) string { return of[dice.IntN(len(of))] }
	s.ask(t, http.MethodPut, "/api/v1/settings", pick(`{"time_zone":"Europe/Berlin"}`, `{"time_zone":"America/New_York","auto_archive_days":30}`))
	for n := range 2 + dice.IntN(3) {
		s.ask(t, http.MethodPost, "/api/v1/templates", fmt.Sprintf(`{"name":"Template %d","title":"é\n\u0001%d"%s}`, n, n, pick("",
			`,"due":"tomorrow 9am","reminders":["-PT30M"],"recurrence":{"rule":"weekly"},"tags":["b","a"]`, `,"category":"Home","priority":"high","description":"x"`))).status(t, http.StatusCreated)
	}
	var ids []task.ID
	for n := range 25 {
		id := pick("", `,"description":"some words, ü","tags":["x","y"]`, `,"category":"work","priority":"low","order":-0.1`)
		if len(ids) > 0 {
			other := ids[dice.IntN(len(ids))].String()
			id += pick("", "", `,"parent_id":"`+other+`"`, `,"depends_on":["`+other+`"]`)
		}
		id += pick("", `,"due":"2027-01-31"`, `,"due":"2027-01-31","recurrence":{"rule":"monthly"}`, `,"due":"2027-03-27T08:30:00Z","reminders":["-PT1H","2027-01-01T00:00:00Z"],"recurrence":{"rule":"FREQ=WEEKLY;BYDAY=MO,SA;COUNT=9","skip_if_open":true}`,
			`,"due":"2026-07-01T09:00:00+02:00","recurrence":{"rule":"daily","from":"completion"}`)
		got := s.ask(t, http.MethodPost, "/api/v1/tasks", fmt.Sprintf(`{"title":"Task %d"%s}`, n, id))
		if got.Status == http.StatusCreated {
			var made struct{ ID task.ID }
			got.decode(&made)
			ids = append(ids, made.ID)
		}
		acted := at(ids[dice.IntN(len(ids))])
		switch dice.IntN(8) {
		case 0, 1:
			s.ask(t, http.MethodPost, acted+"/complete?force=true", "")
		case 2:
			s.ask(t, http.MethodPost, acted+"/skip", "")
		case 3:
			s.ask(t, http.MethodPatch, acted, `{"due":"2027-05-05"}`)
		case 4:
			s.ask(t, http.MethodPost, acted+"/archive", "")
		case 5:
			s.ask(t, http.MethodPost, acted+"/reopen", "")
		}
	}
}

var notCarried = regexp.MustCompile(`"version":\d+,"created_at"|"exported_at":"[^"]*"`)

// exported returns an owner's file but for what cannot be the same.
func (s *service) exported(t *testing.T) (file []byte, comparable string) {
	t.Helper()
	var b bytes.Buffer
	if err := s.client.Export(t.Context(), httpapi.FileJSON, "", &b, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), notCarried.ReplaceAllString(b.String(), "…")
}

func TestAnExportImportedByAnotherOwnerIsTheSameToTheByte(t *testing.T) {
	t.Parallel()
	var series, next, templates bool
	for seed := range uint64(6) {
		from := start(t)
		to := startOn(t, from.pool)
		from.life(t, seed)
		to.clock.set("2026-03-02T09:00:00Z")
		file, want := from.exported(t)
		sum, err := to.client.Import(t.Context(), bytes.NewReader(file), "", nil, func(r httpapi.ImportedRecord) error {
			if len(r.Notes) > 0 {
				t.Errorf("seed %d: %+v", seed, r)
			}
			return nil
		})
		if err != nil || sum.Skipped+sum.Refused > 0 {
			t.Errorf("seed %d: %+v, %v", seed, sum, err)
		}
		if _, got := to.exported(t); got != want {
			t.Errorf("seed %d: the files differ:\n%s", seed, cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
		}
		if diff := cmp.Diff(from.all(t), to.all(t)); diff != "" {
			t.Errorf("seed %d: rows differ:\n%s", seed, diff)
		}
		for _, row := range from.all(t)["tasks"] {
			series = series || row["recurrence_at"] != nil && row["recurrence_at"] != row["due_at"]
			next = next || row["next_id"] != nil
		}
		templates = templates || len(from.all(t)["templates"]) > 0
	}
	if !series || !next || !templates {
		t.Errorf("nothing was moved (%v), completed (%v) or kept as a template (%v): the seeds show too little", series, next, templates)
	}
}

// Another's library holds each component to RFC 5545 when it writes it again.
func TestTheCalendarsOfALifeAreStrictlyICalendar(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.life(t, 3)
	var calendar httpapi.Calendar
	if err := s.ask(t, http.MethodPost, "/api/v1/calendar", "").status(t, http.StatusCreated).decode(&calendar); err != nil || calendar.URL == nil {
		t.Fatal(calendar, err)
	}
	for _, path := range []string{export + "?format=ics", export + "?format=ics&component=vevent", strings.TrimPrefix(*calendar.URL, s.url)} {
		got := s.ask(t, http.MethodGet, path, "").status(t, http.StatusOK)
		c, err := ical.NewDecoder(strings.NewReader(got.Body)).Decode()
		if err != nil || len(c.Children) < 2 {
			t.Fatalf("%s: %v in\n%s", path, err, got.Body)
		}
		if err := ical.NewEncoder(io.Discard).Encode(c); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestAFileOfTheFormatsFirstVersionIsStillRead(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.ask(t, http.MethodPost, imports, `{"format":"todo-app","version":1,"exported_at":"2026-02-01T00:00:00Z","settings":{"time_zone":"Europe/Berlin"},"tasks":[
{"id":"0190b6a0-5f3c-7000-8000-000000000001","version":3,"created_at":"2026-01-02T03:04:05.678901Z","updated_at":"2026-02-03T04:05:06Z","title":"Pay rent","completed":false,"completed_at":null,"due":"2026-01-31","recurrence":{"rule":"FREQ=MONTHLY;BYMONTHDAY=-1","from":"due","skip_if_open":false},"order":1}]}`).report(t)
	var row map[string]any
	for _, row = range s.all(t)["tasks"] {
	}
	text, _ := json.Marshal([]any{row["recurrence_anchor"], row["recurrence_at"], row["next_id"]})
	equal(t, string(text), `["2026-01-31T00:00:00+00:00","2026-01-31T00:00:00+00:00",null]`)
}
