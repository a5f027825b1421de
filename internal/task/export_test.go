package task_test

import (
	"errors"
	"testing"
	"time"

	"todo-app/internal/task"
)

// heap is a file that keeps what it is given.
type heap struct {
	view  task.View
	zone  string
	tasks []task.Task
	full  error
}

func (h *heap) Begin(v task.View, zone string) error {
	h.view, h.zone = v, zone
	return nil
}

func (h *heap) Task(t *task.Task) error {
	h.tasks = append(h.tasks, *t)
	return h.full
}

func TestAnExportGoesByTheOwnersClocksWhoeverLooks(t *testing.T) {
	s := newSite()
	all := s.create(t, titled("a"), titled("b"))
	s.owner.Zone, s.call.Zone = "Asia/Tokyo", time.UTC
	var f heap
	if err := s.Service.Export(t.Context(), s.call, &f); err != nil {
		t.Fatal(err)
	}
	equal(t, "tasks", f.tasks, all)
	equal(t, "zone", []string{f.zone, f.view.Zone.String()}, []string{"Asia/Tokyo", "Asia/Tokyo"})
	f.full = errors.New("full")
	if err := s.Service.Export(t.Context(), s.call, &f); !errors.Is(err, f.full) {
		t.Error(err)
	}
}
