package httpapi_test

import (
	"errors"
	"net/http"
	"testing"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

const undo = "/api/v1/undo"

// undone undoes the newest step.
func (s *service) undone(t testing.TB) httpapi.Undone {
	t.Helper()
	done, err := s.client.Undo(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// The command of earlier versions forgot these.
func TestAnUndoBringsBackEveryFieldAndTakesTheNextOccurrenceAway(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.create(t, `{"title":"Water","description":"the ferns","due":"2026-03-02","reminders":["-P1D"],"recurrence":{"rule":"daily"}}`)
	same := func(what string) {
		t.Helper()
		got := s.get(t, made.ID)
		if got.Version <= made.Version || got.UpdatedAt.Before(made.UpdatedAt) {
			t.Errorf("%s: version %d of %v", what, got.Version, got.UpdatedAt)
		}
		got.Version, got.UpdatedAt, got.ETag = made.Version, made.UpdatedAt, made.ETag
		equal(t, got, made)
	}
	for _, patch := range []string{
		`{"due":"2026-04-01T09:00:00Z"}`, `{"description":null}`, `{"recurrence":{"rule":"weekly","from":"completion"}}`, `{"recurrence":null,"due":null}`,
		`{"reminders":[]}`, `{"title":"x","priority":"high","category":"y","tags":["z"],"order":1,"archived":true}`,
	} {
		s.ask(t, "PATCH", at(made.ID), patch).status(t, http.StatusOK)
		s.undone(t)
		same(patch)
	}
	s.ask(t, "POST", at(made.ID)+"/complete", "").status(t, http.StatusOK)
	equal(t, s.titles(t, ""), []string{"Water", "Water"})
	done := s.undone(t)
	same("completing")
	equal(t, s.titles(t, ""), []string{"Water"})
	if _, err := s.client.Undo(t.Context(), done.Operation); err != nil {
		t.Fatal(err)
	}
	equal(t, s.titles(t, "?status=pending"), []string{"Water"})
	next := s.ask(t, "POST", at(made.ID)+"/complete", "").status(t, http.StatusOK).task(t).Next
	s.ask(t, "PATCH", at(next.ID), `{"title":"Water more"}`).status(t, http.StatusOK)
	steps, err := s.client.Operations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var p *httpapi.Problem
	if _, err := s.client.Undo(t.Context(), steps[1].Operation); !errors.As(err, &p) || p.Status != http.StatusConflict {
		t.Fatalf("the next occurrence, which was changed, is taken away: %v", err)
	}
	equal(t, p.Tasks, []task.ID{next.ID})
}

func TestTheStackSaysWhatCanBeUndoneAndRedone(t *testing.T) {
	t.Parallel()
	s := start(t)
	equal(t, s.ask(t, "GET", undo, "").status(t, http.StatusOK).Body, "[]")
	s.ask(t, "POST", undo, "").status(t, http.StatusConflict)
	a := s.create(t, `{"title":"a"}`)
	s.ask(t, "POST", tasks, `[{"title":"b"},{"title":"c"},{"title":"d"}]`).status(t, http.StatusCreated)
	s.ask(t, "PUT", settings, `{"time_zone":"Asia/Tokyo"}`).status(t, http.StatusOK)
	s.ask(t, "POST", templates, `{"name":"n","title":"x"}`).status(t, http.StatusCreated)
	s.ask(t, "DELETE", tasks+"?all=true", "").status(t, http.StatusOK)
	got := s.ask(t, "GET", undo, "").status(t, http.StatusOK)
	var steps []httpapi.Operation
	if err := got.decode(&steps); err != nil {
		t.Fatal(err)
	}
	type step struct {
		Action task.Action
		Tasks  int
		Titles []string
	}
	shown := []step{}
	for _, o := range steps {
		shown = append(shown, step{o.Action, o.Tasks, o.Titles})
		equal(t, []any{o.Actor, o.Undone, o.UndoneBy}, []any{s.owner, false, (*int64)(nil)})
	}
	equal(t, shown, []step{{"deleted", 4, []string{"a", "b"}}, {"template", 0, []string{"n"}}, {"settings", 0, []string{}}, {"created", 3, []string{"b", "c"}}, {"created", 1, []string{"a"}}})
	s.ask(t, "GET", undo, "", "If-None-Match: "+got.Header.Get("ETag")).status(t, http.StatusNotModified)

	first := s.ask(t, "POST", undo, "", "Idempotency-Key: 1").status(t, http.StatusOK)
	again := s.ask(t, "POST", undo, "", "Idempotency-Key: 1").status(t, http.StatusOK)
	equal(t, again.Body, first.Body)
	equal(t, s.titles(t, ""), []string{"a", "b", "c", "d"})
	var done httpapi.Undone
	if err := first.decode(&done); err != nil {
		t.Fatal(err)
	}
	equal(t, []any{done.Of, done.Action, done.Tasks}, []any{steps[0].Operation, task.ActUndone, 4})
	now, err := s.client.Operations(t.Context())
	if err != nil || len(now) != 5 || !now[0].Undone || *now[0].UndoneBy != done.Operation {
		t.Error(now, err)
	}
	s.undone(t)
	s.ask(t, "GET", templates+"/n", "").status(t, http.StatusNotFound)
	s.undone(t)
	equal(t, s.ask(t, "GET", settings, "").Body, `{"time_zone":"UTC","auto_archive_days":null}`)
	s.undone(t)
	s.undone(t)
	equal(t, s.titles(t, ""), []string{})
	s.ask(t, "GET", at(a.ID), "").status(t, http.StatusNotFound)
	s.ask(t, "POST", undo, "{}").status(t, http.StatusConflict)
}

func TestWhatCannotBeUndoneIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.create(t, `{"title":"a"}`)
	for body, want := range map[string][]string{
		`{"operation":0}`:          {"/operation"},
		`{"operation":"1"}`:        {"/operation"},
		`{"operation":null,"x":1}`: {"/operation", "/x"},
		`{"operation":1.5}`:        {"/operation"},
		`{"operation":1e30}`:       {"/operation"},
		`[]`:                       {""},
		`{"operation":`:            {"/operation"},
		`{1`:                       {""},
	} {
		s.ask(t, "POST", undo, body).faults(t, want...)
	}
	s.ask(t, "POST", undo, `{"operation":99999}`).status(t, http.StatusNotFound)
	s.ask(t, "POST", undo, `{}`, "Content-Type: text/plain").status(t, http.StatusUnsupportedMediaType)
	s.ask(t, "POST", undo+"?x=1", "").faults(t, "/x")
	s.ask(t, "GET", undo+"?x=1", "").faults(t, "/x")
	steps, err := s.client.Operations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first := s.undone(t)
	var p *httpapi.Problem
	if _, err := s.client.Undo(t.Context(), steps[0].Operation); !errors.As(err, &p) || p.Status != http.StatusConflict {
		t.Error(err)
	}
	if _, err := s.client.Undo(t.Context(), first.Operation); err != nil {
		t.Error(err)
	}
	if _, err := s.client.Undo(t.Context(), first.Operation); !errors.As(err, &p) || p.Status != http.StatusNotFound {
		t.Error(err)
	}
}
