package task_test

import (
	"errors"
	"testing"
	"time"

	"todo-app/internal/task"
)

// heap is a file that keeps what it is given.
type heap struct {
	view      task.View
	chosen    task.Settings
	templates []string
	tasks     []task.Task
	full      error
}

func (h *heap) Begin(v task.View, chosen task.Settings) error {
	h.view, h.chosen = v, chosen
	return nil
}

func (h *heap) Template(t *task.Template) error {
	h.templates = append(h.templates, t.Name)
	return nil
}

func (h *heap) Task(t *task.Task) error {
	h.tasks = append(h.tasks, *t)
	return h.full
}

func TestAnExportGoesByTheOwnersClocksWhoeverLooks(t *testing.T) {
	s := newSite()
	all := s.create(t, titled("a"), titled("b"))
	s.template(t, packing)
	s.owner.Zone, s.owner.AutoArchiveDays, s.call.Zone = "Asia/Tokyo", 7, time.UTC
	var f heap
	if err := s.Service.Export(t.Context(), s.call, &f); err != nil {
		t.Fatal(err)
	}
	equal(t, "tasks", f.tasks, all)
	equal(t, "zone", f.view.Zone.String(), "Asia/Tokyo")
	equal(t, "settings", f.chosen, task.Settings{Zone: "Asia/Tokyo", AutoArchiveDays: 7})
	equal(t, "templates", f.templates, []string{"packing"})
	f.full = errors.New("full")
	if err := s.Service.Export(t.Context(), s.call, &f); !errors.Is(err, f.full) {
		t.Error(err)
	}
}
