package httpapi_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
	"todo-app/internal/task/quickadd"
)

const quick = tasks + "/quick"

func TestALineOfTextBecomesATask(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.ask(t, http.MethodPut, "/api/v1/settings", `{"time_zone":"Europe/Berlin"}`).status(t, http.StatusOK)
	got, err := s.client.QuickAdd(t.Context(), "Pay rent tomorrow 9am !high @home #flat every month", "")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got.Task.Title, "Pay rent")
	equal(t, got.Task.Due.String(), "2026-03-02T08:00:00Z")
	equal(t, got.Task.Priority, task.High)
	equal(t, got.Task.Category, "home")
	equal(t, got.Task.Tags, []string{"flat"})
	equal(t, got.Task.Recurrence.From, task.FromDue)
	equal(t, got.Draft.Due, task.Value(got.Task.Due))
	var whole strings.Builder
	for _, token := range got.Tokens {
		whole.WriteString(token.Text)
	}
	equal(t, whole.String(), "Pay rent tomorrow 9am !high @home #flat every month")
	equal(t, s.get(t, got.Task.ID).Title, "Pay rent")
	reply := s.ask(t, http.MethodPost, quick, `{"text":"Call mum tomorrow 9am"}`).status(t, http.StatusCreated)
	var made struct{ Task httpapi.Task }
	if err := reply.decode(&made); err != nil {
		t.Fatal(err)
	}
	equal(t, reply.Header.Get("Location"), s.url+at(made.Task.ID))
	equal(t, reply.Header.Get("ETag"), s.ask(t, http.MethodGet, at(made.Task.ID), "").Header.Get("ETag"))
}

func TestALineOfTextIsMeantInTheZoneOfTheRequest(t *testing.T) {
	t.Parallel()
	s := start(t)
	got, err := s.client.QuickAdd(t.Context(), "x tomorrow 9am", "America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got.Task.Due.String(), "2026-03-02T14:00:00Z")
	s.ask(t, http.MethodPost, quick+"?tz=Nowhere", `{"text":"x"}`).faults(t, "/tz")
}

func TestADryRunOnlySaysWhatATextMeans(t *testing.T) {
	t.Parallel()
	s := start(t)
	got, err := s.client.ReadQuick(t.Context(), "Water the plants every! 3 days", "Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	if got.Task != nil {
		t.Errorf("there is a task: %+v", got.Task)
	}
	equal(t, got.Draft.Title, task.Value("Water the plants"))
	last := got.Tokens[len(got.Tokens)-1]
	equal(t, []any{last.Kind, last.Text, last.Start, last.End, *last.From}, []any{quickadd.Recurrence, "every! 3 days", 17, 30, task.FromCompletion})
	equal(t, s.titles(t, ""), []string{})
	equal(t, s.changed.Load(), int64(0))
	s.ask(t, http.MethodPost, quick+"?dry_run=true", `{"text":"x"}`, "Idempotency-Key: é").status(t, http.StatusBadRequest)
}

func TestADryRunRefusesWhatWouldBeRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, text := range []string{"x 9999-12-31 every day", strings.Repeat("x", task.MaxTitle+1), "tomorrow", "x !high !low"} {
		_, wet := s.client.QuickAdd(t.Context(), text, "")
		_, dry := s.client.ReadQuick(t.Context(), text, "")
		var p, q *httpapi.Problem
		if !errors.As(wet, &p) || !errors.As(dry, &q) {
			t.Fatalf("%.40s: %v, and dry %v", text, wet, dry)
		}
		equal(t, q.Errors, p.Errors)
		equal(t, q.Tokens, p.Tokens)
	}
}

func TestWhatLooksLikeAMarkAndIsNoneIsNoted(t *testing.T) {
	t.Parallel()
	s := start(t)
	got, err := s.client.QuickAdd(t.Context(), "Call !urgent mum \\!now !high", "")
	if err != nil {
		t.Fatal(err)
	}
	var notes []string
	for _, token := range got.Tokens {
		if token.Note != nil {
			notes = append(notes, *token.Note)
		}
	}
	equal(t, notes, []string{`"!urgent" is neither a priority (!high, !medium, !low) nor a reminder (!30m): it stays in the title`})
	equal(t, got.Task.Title, "Call !urgent mum !now")
}

func TestATextWithFaultsShowsWhatIsUnderstood(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, read := range []func() (httpapi.Quick, error){
		func() (httpapi.Quick, error) { return s.client.QuickAdd(t.Context(), "Pay !high !low", "") },
		func() (httpapi.Quick, error) { return s.client.ReadQuick(t.Context(), "Pay !high !low", "") },
	} {
		_, err := read()
		var p *httpapi.Problem
		if !errors.As(err, &p) {
			t.Fatal(err)
		}
		equal(t, []any{p.Status, len(p.Errors), p.Errors[0].Pointer, len(p.Tokens), p.Tokens[2].Kind}, []any{400, 1, "/text", 5, quickadd.Priority})
	}
	equal(t, s.titles(t, ""), []string{})
}

func TestWhatIsNoTextToReadIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	for body, pointers := range map[string][]string{
		`{}`:                      {"/text"},
		`{"text":null}`:           {"/text"},
		`{"text":" "}`:            {"/text"},
		`{"text":1,"zone":"UTC"}`: {"/text", "/zone"},
		`["x"]`:                   {""},
		`{"text":"x"} 1`:          {""},
		`{"text":"x"`:             {""},
		`{"text`:                  {""},
		`{"text":}`:               {"/text"},
		`{"text":"x","text":"y"}`: {"/text"},
		`{"text":"tomorrow"}`:     {"/text"},
	} {
		s.ask(t, http.MethodPost, quick, body).faults(t, pointers...)
	}
	s.ask(t, http.MethodPost, quick+"?dry_run=1&color=red", `{"text":"x"}`).faults(t, "/dry_run", "/color")
	s.ask(t, http.MethodPost, quick, `{"text":"x"}`, "Content-Type: text/plain").status(t, http.StatusUnsupportedMediaType)
}

// The text is read once for a key: what "tomorrow 2 march" means, and whether
// it means anything, is another thing a day later.
func TestATextIsReadOncePerKey(t *testing.T) {
	t.Parallel()
	s := start(t)
	body, key := `{"text":"x tomorrow 2 march"}`, "Idempotency-Key: once"
	first := s.ask(t, http.MethodPost, quick, body, key).status(t, http.StatusCreated)
	s.clock.set("2026-03-02T08:00:00Z")
	again := s.ask(t, http.MethodPost, quick, body, key).status(t, http.StatusCreated)
	equal(t, again.Body, first.Body)
	equal(t, again.Header.Get("Idempotent-Replayed"), "true")
	s.ask(t, http.MethodPost, quick, body).faults(t, "/text")
	equal(t, s.titles(t, ""), []string{"x"})
}

func TestAMethodThatQuickAddLacksIsNotOneOfATask(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, method := range []string{http.MethodGet, http.MethodDelete, http.MethodPatch, http.MethodTrace} {
		got := s.ask(t, method, quick, "").status(t, http.StatusMethodNotAllowed)
		equal(t, got.Header.Get("Allow"), "POST")
	}
}
