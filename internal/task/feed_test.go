package task_test

import (
	"errors"
	"testing"
	"time"

	"todo-app/internal/task"
)

func TestACalendarIsReadByWhoeverKnowsItsSecretUntilItIsClosed(t *testing.T) {
	s := newSite()
	dated := titled("dated")
	dated.Due = task.Value(due(t, "2026-03-12"))
	past := titled("past")
	past.Due = task.Value(due(t, "2025-12-01"))
	s.create(t, dated, past, titled("undated"))
	secret, open := s.Service.OpenCalendar()
	if _, err := open(t.Context(), s.call); err != nil {
		t.Fatal(err)
	}
	c, err := s.Service.Calendar(t.Context(), s.call)
	if err != nil || !c.CreatedAt.Equal(noon) {
		t.Error(c, err)
	}
	f, err := s.Service.FindFeed(t.Context(), secret)
	if err != nil || f.Owner != "alice" || f.ETag == "" {
		t.Fatal(f, err)
	}
	var h heap
	if err := s.Service.WriteFeed(t.Context(), task.Call{Zone: zone(t, "Asia/Tokyo")}, f, 10, &h); err != nil {
		t.Fatal(err)
	}
	equal(t, "tasks", len(h.tasks), 1)
	equal(t, "zone", h.view.Zone.String(), "UTC")
	s.now = s.now.Add(time.Hour)
	again, _ := s.Service.FindFeed(t.Context(), secret)
	equal(t, "tag within the day", again.ETag, f.ETag)
	s.now = s.now.Add(12 * time.Hour)
	again, _ = s.Service.FindFeed(t.Context(), secret)
	equal(t, "the same tag on the next day", again.ETag == f.ETag, false)

	h.full = task.ErrFull
	if err := s.Service.WriteFeed(t.Context(), s.call, f, 10, &h); err != nil {
		t.Error("a full file:", err)
	}
	h.full = errors.New("broken")
	if err := s.Service.WriteFeed(t.Context(), s.call, f, 10, &h); !errors.Is(err, h.full) {
		t.Error("a broken file:", err)
	}
	if err := s.Service.WriteFeed(t.Context(), s.call, f, 10, unbegun{}); !errors.Is(err, errUnbegun) {
		t.Error("a file that does not begin:", err)
	}
	if _, err := s.Service.FindFeed(t.Context(), secret+"x"); !errors.Is(err, task.ErrNoCalendar) {
		t.Error("by another secret:", err)
	}
	if _, err := s.Service.CloseCalendar(t.Context(), s.call); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Service.FindFeed(t.Context(), secret); !errors.Is(err, task.ErrNoCalendar) {
		t.Error("when it is closed:", err)
	}
}

var errUnbegun = errors.New("cannot begin")

type unbegun struct{}

func (unbegun) Template(*task.Template) error { return nil }

func (unbegun) Begin(task.View, task.Settings) error { return errUnbegun }
func (unbegun) Task(*task.Task) error                { return nil }
