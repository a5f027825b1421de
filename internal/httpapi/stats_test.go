package httpapi_test

import (
	"net/http"
	"testing"

	"todo-app/internal/httpapi"
)

const stats = "/api/v1/stats"

func TestStatisticsAreReadInTheCallersZone(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.create(t, `{"title":"late","due":"2026-02-27","priority":"high","category":"home"}`)
	s.create(t, `{"title":"later","due":"2026-02-28T20:00:00Z"}`)
	s.create(t, `{"title":"now","due":"2026-03-01"}`)
	s.create(t, `{"title":"done","completed":true}`)
	s.create(t, `{"title":"away","archived":true}`)
	got, err := s.client.Stats(t.Context())
	if err != nil || got.OldestOverdue == nil {
		t.Fatal(got, err)
	}
	equal(t, got.OldestOverdue.Title, "late")
	equal(t, got.OldestOverdue.DaysOverdue, 2)
	got.OldestOverdue = nil
	equal(t, got, httpapi.Stats{
		Total: 5, Active: 4, Pending: 3, Completed: 1, Archived: 1, CompletionRate: 25,
		ByPriority: map[string]int64{"high": 1, "medium": 3, "low": 0}, ByCategory: map[string]int64{"home": 1, "other": 3}, Categories: 2,
		Overdue: 2, Today: 1, ThisWeek: 1, Root: 4, CreatedToday: 5, CompletedToday: 1,
	})
	var there httpapi.Stats
	s.ask(t, "GET", stats+"?tz=Pacific/Kiritimati", "").status(t, http.StatusOK)
	if err := s.ask(t, "GET", stats+"?tz=Pacific/Pago_Pago", "").status(t, http.StatusOK).decode(&there); err != nil {
		t.Fatal(err)
	}
	equal(t, there.Today, int64(1)) // February 28 there, at 20:00 UTC
	equal(t, there.Overdue, int64(2))
	equal(t, there.Tomorrow, int64(1))
}

func TestTrendsAreOfThirtyDays(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.create(t, `{"title":"done","completed":true,"priority":"low"}`)
	s.clock.set("2026-03-03T09:00:00Z")
	s.create(t, `{"title":"done too","completed":true}`)
	s.create(t, `{"title":"open"}`)
	got, err := s.client.Trends(t.Context())
	if err != nil || len(got.Days) != 30 {
		t.Fatal(got, err)
	}
	equal(t, got.Overall, httpapi.Done{Total: 3, Completed: 2, Percent: 66.7})
	equal(t, got.ByPriority["low"], httpapi.Done{Total: 1, Completed: 1, Percent: 100})
	equal(t, got.ByPriority["high"], httpapi.Done{})
	equal(t, got.ByCategory, map[string]httpapi.Done{"other": got.Overall})
	equal(t, got.Days[27:], []httpapi.TrendDay{{Date: "2026-03-01", Completed: 1}, {Date: "2026-03-02"}, {Date: "2026-03-03", Completed: 1}})
	equal(t, got.Days[0], httpapi.TrendDay{Date: "2026-02-02"})
}

func TestReportsAreReadOnceUntilTheyChange(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.create(t, `{"title":"x"}`)
	for _, path := range []string{stats, stats + "/trends"} {
		tag := s.ask(t, "GET", path, "").status(t, http.StatusOK).Header.Get("ETag")
		equal(t, s.ask(t, "GET", path, "", "If-None-Match: "+tag).status(t, http.StatusNotModified).Body, "")
		s.create(t, `{"title":"y"}`)
		s.ask(t, "GET", path, "", "If-None-Match: "+tag).status(t, http.StatusOK)
		s.ask(t, "GET", path+"?days=3", "").faults(t, "/days")
		s.ask(t, "GET", path+"?tz=Nowhere", "").faults(t, "/tz")
	}
}
