package httpapi_test

import (
	"net/http"
	"testing"

	"todo-app/internal/task"
)

const weekly = `{"title":"water the plants","order":1,"due":"2026-03-02","reminders":["-P1D"],"recurrence":{"rule":"weekly"}}`

func TestCompletingWhatRepeatsIsAnsweredWithTheNextOccurrence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, method, action, body string }{
		{"by the action", "POST", "/complete", ""},
		{"by a patch", "PATCH", "", `{"completed":true}`},
		{"by a replacement", "PUT", "", `{"completed":true,"title":"water the plants","order":1,"due":"2026-03-02","reminders":["-P1D"],"recurrence":{"rule":"FREQ=WEEKLY"}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			made := s.create(t, weekly)
			done := s.ask(t, c.method, at(made.ID)+c.action, c.body).status(t, http.StatusOK)
			next := done.task(t).Next
			if next == nil {
				t.Fatal("there is no next one in", done.Body)
			}
			equal(t, next.Due.String(), "2026-03-09")
			equal(t, next.Version, int64(1))
			equal(t, next.Task, s.get(t, next.ID).Task)
			equal(t, s.ask(t, "GET", at(made.ID), "").Header.Get("ETag"), done.Header.Get("ETag"))
			again := s.ask(t, c.method, at(made.ID)+c.action, c.body).status(t, http.StatusOK)
			equal(t, again.Body, done.Body)
			// What was answered may be put back.
			back := s.ask(t, "PUT", at(made.ID), done.Body).status(t, http.StatusOK)
			equal(t, back.task(t).Version, int64(2))
			if other := s.ask(t, "PATCH", at(made.ID), `{"title":"done"}`).status(t, http.StatusOK).task(t); other.Next != nil {
				t.Error("another change is answered with", other.Next)
			}
			equal(t, len(s.titles(t, "")), 2)
		})
	}
}

func TestCompletingByAnEventMakesTheNextOccurrenceToo(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.create(t, weekly)
	for range 2 {
		s.ask(t, "POST", "/", `{"completed":true}`, "Ce-Specversion: 1.0", "Ce-Id: 1", "Ce-Source: /x", "Ce-Type: todo.task.update.v1", "Ce-Subject: "+made.ID.String()).
			status(t, http.StatusNoContent)
	}
	equal(t, len(s.titles(t, "")), 2)
}

func TestSkippingMovesToTheNextOccurrence(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.create(t, `{"title":"x","due":"2026-03-02","recurrence":{"rule":"FREQ=WEEKLY;COUNT=2"}}`)
	got := s.ask(t, "POST", at(made.ID)+"/skip", "", "Idempotency-Key: k").status(t, http.StatusOK)
	equal(t, got.task(t).Due.String(), "2026-03-09")
	equal(t, s.ask(t, "POST", at(made.ID)+"/skip", "", "Idempotency-Key: k").status(t, http.StatusOK).Body, got.Body)
	last := s.ask(t, "POST", at(made.ID)+"/skip", "").status(t, http.StatusConflict).problem(t)
	equal(t, last.Detail, "this is the last occurrence: complete the task or delete it")
	once := s.create(t, `{"title":"once"}`)
	s.ask(t, "POST", at(once.ID)+"/skip", "").status(t, http.StatusConflict)
	s.ask(t, "POST", at(once.ID)+"/skip?count=2", "").faults(t, "/count")
	s.ask(t, "POST", tasks+"/"+nobody+"/skip", "").status(t, http.StatusNotFound)
}

func TestOccurrencesAreForetold(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.create(t, `{"title":"x","due":"2026-01-31","recurrence":{"rule":"monthly"}}`)
	address := at(made.ID) + "/occurrences"
	equal(t, s.ask(t, "GET", address+"?count=3", "").status(t, http.StatusOK).Body, `["2026-02-28","2026-03-31","2026-04-30"]`)
	got := s.ask(t, "GET", address, "").status(t, http.StatusOK)
	equal(t, len(got.Body), len(`"2026-02-28",`)*10+1)
	s.ask(t, "GET", address, "", "If-None-Match: "+got.Header.Get("ETag")).status(t, http.StatusNotModified)
	for _, count := range []string{"0", "101", "-1", "x", ""} {
		s.ask(t, "GET", address+"?count="+count, "").faults(t, "/count")
	}
	s.ask(t, "GET", tasks+"/x/occurrences", "").status(t, http.StatusNotFound)
	s.ask(t, "GET", tasks+"/"+nobody+"/occurrences", "").status(t, http.StatusNotFound)
	equal(t, s.ask(t, "GET", at(s.create(t, `{"title":"once"}`).ID)+"/occurrences", "").status(t, http.StatusOK).Body, `[]`)
}

func TestTasksArePutAwayAndBroughtBack(t *testing.T) {
	t.Parallel()
	s := start(t)
	made := s.create(t, `{"title":"x"}`)
	for i, action := range []string{"/archive", "/unarchive"} {
		for range 2 {
			got := s.ask(t, "POST", at(made.ID)+action, "").status(t, http.StatusOK).task(t)
			equal(t, []any{got.Archived(), got.Version}, []any{i == 0, int64(i + 2)})
		}
		equal(t, len(s.titles(t, "")), i)
	}
	s.ask(t, "POST", at(made.ID)+"/archive", "", `If-Match: "1-x"`).status(t, http.StatusPreconditionFailed)
}

func TestARuleThatCannotBeFollowedIsAFault(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, rule := range []string{"FREQ=HOURLY", "FREQ=DAILY;UNTIL=20260301", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"} {
		body := `{"title":"x","due":"2026-03-02","recurrence":{"rule":"` + rule + `"}}`
		s.ask(t, "POST", tasks, body).faults(t, "/recurrence/rule")
		s.ask(t, "POST", tasks, "["+weekly+","+body+"]").faults(t, "/1/recurrence/rule")
	}
}

func TestTheClientKnowsWhatRepeats(t *testing.T) {
	t.Parallel()
	s := start(t)
	c := s.client
	made := s.create(t, weekly)
	done, err := c.Complete(t.Context(), made.ID, false)
	if err != nil || done.Next == nil {
		t.Fatal(done, err)
	}
	skipped, err := c.Skip(t.Context(), done.Next.ID)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, skipped.Due.String(), "2026-03-16")
	dates, err := c.Occurrences(t.Context(), skipped.ID, 2)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, dates, []task.Due{{At: skipped.Due.At.AddDate(0, 0, 7), AllDay: true}, {At: skipped.Due.At.AddDate(0, 0, 14), AllDay: true}})
	if _, err := c.Occurrences(t.Context(), skipped.ID, 101); err == nil {
		t.Error("101 dates were foretold")
	}
	away, err := c.Archive(t.Context(), made.ID)
	if err != nil || !away.Archived() {
		t.Error(away, err)
	}
	if back, err := c.Unarchive(t.Context(), made.ID); err != nil || back.Archived() {
		t.Error(back, err)
	}
}
