package task_test

import (
	"testing"

	"todo-app/internal/task"
)

func TestSettingsThatCannotBeAreRefusedAllAtOnce(t *testing.T) {
	s := newSite()
	for _, days := range []int{-1, task.MaxAutoArchiveDays + 1} {
		err := s.Service.SetSettings(t.Context(), s.call, task.Settings{Zone: "Mars/Olympus", AutoArchiveDays: days}, nil)
		equal(t, "faults", pointers(err), []string{"/time_zone", "/auto_archive_days"})
	}
	want := task.Settings{Zone: "Asia/Tokyo", AutoArchiveDays: task.MaxAutoArchiveDays}
	if err := s.Service.SetSettings(t.Context(), s.call, want, []string{"UTC"}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Service.Settings(t.Context(), s.call)
	if err != nil || got != want {
		t.Error(got, err)
	}
	equal(t, "validators", []string{got.Tag(), task.Settings{Zone: "UTC"}.Tag()}, []string{"Asia/Tokyo~3650", "UTC"})
}
