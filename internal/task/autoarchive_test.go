package task_test

import (
	"errors"
	"testing"

	"todo-app/internal/task"
)

func TestCompletedTasksAreArchivedAfterAsManyDaysAsTheOwnerSays(t *testing.T) {
	s := newSite()
	made := s.create(t, titled("open"), task.Patch{Title: task.Value("done"), Completed: task.Value(true)})
	archive := func(want int) {
		t.Helper()
		if n, err := s.Service.ArchiveOld(t.Context(), "alice"); err != nil || n != want {
			t.Errorf("%d were archived, %v; want %d", n, err, want)
		}
	}
	s.now = s.now.AddDate(1, 0, 0)
	archive(0) // nobody asked for it
	s.owner.AutoArchiveDays = 3
	s.now = noon.AddDate(0, 0, 2)
	archive(0)
	s.now = noon.AddDate(0, 0, 3)
	archive(1)
	archive(0)
	equal(t, "states", []task.State{s.tasks[0].State(), s.tasks[1].State()}, []task.State{task.Pending, task.ArchivedDone})
	equal(t, "version", s.tasks[1].Version, made[1].Version+1)
	equal(t, "when", s.tasks[1].UpdatedAt, s.now)
	equal(t, "who", s.wrote[2].Actor, "auto-archive")
	s.fails["Unchanged"] = errors.New("away")
	if _, err := s.Service.ArchiveOld(t.Context(), "alice"); !errors.Is(err, s.fails["Unchanged"]) {
		t.Error(err)
	}
}
