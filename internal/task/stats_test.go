package task_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"todo-app/internal/task"
)

func TestAReportIsCountedFromItsSpansInTheReadersZone(t *testing.T) {
	v := task.View{Now: noon, Zone: zone(t, "Asia/Kolkata")}
	spans := map[string][]task.Span{}
	for _, s := range task.ReportStats.Spans(v) {
		spans[s.Name] = append(spans[s.Name], s)
	}
	midnight := time.Date(2026, 3, 9, 18, 30, 0, 0, time.UTC)
	date := func(day int) time.Time { return time.Date(2026, 3, day, 0, 0, 0, 0, time.UTC) }
	equal(t, "created", spans["created_today"], []task.Span{{"created_today", task.HappenedCreated, midnight, midnight.AddDate(0, 0, 1)}})
	equal(t, "overdue", spans["overdue"], []task.Span{
		{"overdue", task.HappensDate, time.Time{}, date(10)}, {"overdue", task.HappensDue, time.Time{}, noon},
	})
	equal(t, "tomorrow", spans["tomorrow"], []task.Span{
		{"tomorrow", task.HappensDate, date(11), date(12)}, {"tomorrow", task.HappensDue, midnight.AddDate(0, 0, 1), midnight.AddDate(0, 0, 2)},
	})
	days := task.ReportTrends.Spans(v)
	equal(t, "days", len(days), task.TrendDays)
	equal(t, "the last day", days[len(days)-1], task.Span{Name: "2026-03-10", Of: task.HappenedCompleted, From: midnight, To: midnight.AddDate(0, 0, 1)})
}

func TestEveryZonesDaysAreWholeQuartersOfAnHour(t *testing.T) {
	for _, name := range []string{"UTC", "Asia/Kathmandu", "Pacific/Chatham", "Australia/Eucla", "Australia/Lord_Howe", "America/St_Johns", "Africa/Monrovia", "Antarctica/Troll"} {
		v := task.View{Zone: zone(t, name)}
		for day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2028; day = day.AddDate(0, 0, 1) {
			if at := v.StartOf(day); !at.Equal(at.Truncate(task.Quarter)) {
				t.Errorf("in %s %s begins at %s", name, day.Format(time.DateOnly), at)
			}
		}
	}
}

func TestAReportIsRenderedAndChangesWithTheClock(t *testing.T) {
	v := task.View{Now: noon, Zone: time.UTC, URL: "https://todo.example"}
	s := task.Stats{
		Generation: task.Generation{Count: 3}, Active: task.Count{Total: 3, Completed: 1}, Archived: 2, Categories: 2, Subtasks: 1,
		Largest: []task.CategoryCount{{"home", task.Count{Total: 2, Completed: 1}}, {`a"b`, task.Count{Total: 1}}},
		Spans:   map[string]int64{"overdue": 1, "2026-03-10": 4}, NextDue: noon.Add(time.Hour),
		Oldest: task.Task{ID: id(1), Title: "old", Priority: task.High, Due: due(t, "2026-03-08")},
	}
	s.Priorities[task.High] = task.Count{Total: 3, Completed: 1}
	r := s.Render(v, task.ReportStats)
	equal(t, "until", r.Until, noon.Add(time.Hour+time.Microsecond))
	var got map[string]any
	if err := json.Unmarshal(r.Body, &got); err != nil {
		t.Fatalf("%s: %v", r.Body, err)
	}
	equal(t, "total", got["total"], any(5.0))
	equal(t, "root", got["root"], any(2.0))
	equal(t, "rate", got["completion_rate"], any(33.3))
	equal(t, "categories", got["by_category"], any(map[string]any{"home": 2.0, `a"b`: 1.0}))
	equal(t, "oldest", got["oldest_overdue"].(map[string]any)["days_overdue"], any(2.0))
	trends := s.Render(v, task.ReportTrends)
	equal(t, "until", trends.Until, v.Tomorrow())
	if err := json.Unmarshal(trends.Body, &got); err != nil {
		t.Fatalf("%s: %v", trends.Body, err)
	}
	days := got["days"].([]any)
	equal(t, "today", days[len(days)-1], any(map[string]any{"date": "2026-03-10", "completed": 4.0}))
	if !task.ReportTrends.Current(trends.ETag, s.Generation, v) || task.ReportStats.Current(trends.ETag, s.Generation, v) {
		t.Error("one report is taken for the other")
	}
}

func TestAReportIsAskedForOnlyIfTheCallerHasNoneThatIsCurrent(t *testing.T) {
	s := newSite()
	first, err := s.Service.Report(t.Context(), s.call, task.ReportStats, nil)
	if err != nil {
		t.Fatal(err)
	}
	reads := s.reads
	again, err := s.Service.Report(t.Context(), s.call, task.ReportStats, []string{"x", first.ETag})
	if err != nil || !again.NotModified || s.reads != reads {
		t.Error(again, err, s.reads)
	}
	s.now = s.now.AddDate(0, 0, 1)
	if r, err := s.Service.Report(t.Context(), s.call, task.ReportStats, []string{first.ETag}); err != nil || r.NotModified {
		t.Error("yesterday's report is current", err)
	}
	s.fails["Owner"] = errors.New("away")
	if _, err := s.Service.Report(t.Context(), s.call, task.ReportStats, nil); !errors.Is(err, s.fails["Owner"]) {
		t.Error(err)
	}
}
