package task_test

import (
	"errors"
	"testing"

	"todo-app/internal/task"
)

func (s *site) bulk(t *testing.T, b task.Bulk) []task.Outcome {
	t.Helper()
	r, err := s.Bulk(t.Context(), s.call, b)
	if err != nil {
		t.Fatal(err)
	}
	return r.Outcomes
}

func results(outcomes []task.Outcome) (list []task.OutcomeResult) {
	for _, o := range outcomes {
		list = append(list, o.Result)
	}
	return list
}

func TestABulkSaysWhatBecameOfEachInTheOrderAskedFor(t *testing.T) {
	s := newSite()
	first := s.create(t, titled("first"))[0]
	second := s.create(t, task.Patch{Title: task.Value("second"), DependsOn: task.Value([]task.ID{first.ID})})[0]
	third := s.create(t, titled("third"))[0]
	fourth := s.create(t, task.Patch{Title: task.Value("fourth"), DependsOn: task.Value([]task.ID{third.ID})})[0]
	s.update(t, first.ID, task.Edit{Patch: task.Patch{Order: task.Value(1.0)}})
	asked := []task.ID{second.ID, fourth.ID, id(99), first.ID, second.ID}
	want := []task.OutcomeResult{task.WasDone, task.WasRefused, task.WasRefused, task.WasDone}
	writes := len(s.wrote)
	equal(t, "of a dry run", results(s.bulk(t, task.Bulk{Action: task.BulkComplete, IDs: asked, DryRun: true})), want)
	equal(t, "writes of a dry run", len(s.wrote), writes)
	got := s.bulk(t, task.Bulk{Action: task.BulkComplete, IDs: asked})
	equal(t, "of completing", results(got), want)
	equal(t, "the one in the way", got[1].Tasks, []task.ID{third.ID})
	equal(t, "why", got[2].Detail, task.ErrNotFound.Error())
	equal(t, "writes", len(s.wrote), writes+1)
	equal(t, "of completing again", results(s.bulk(t, task.Bulk{Action: task.BulkComplete, IDs: []task.ID{first.ID}})), []task.OutcomeResult{task.WasUnchanged})
	equal(t, "of reopening", results(s.bulk(t, task.Bulk{Action: task.BulkReopen, IDs: []task.ID{first.ID}})), []task.OutcomeResult{task.WasDone})
	equal(t, "of archiving", results(s.bulk(t, task.Bulk{Action: task.BulkArchive, IDs: []task.ID{first.ID, third.ID}})), []task.OutcomeResult{task.WasDone, task.WasDone})
	got = s.bulk(t, task.Bulk{Action: task.BulkUpdate, IDs: []task.ID{first.ID, third.ID}, Set: task.Patch{ParentID: task.Value(third.ID)}})
	equal(t, "of moving under one of them, which is archived", results(got), []task.OutcomeResult{task.WasRefused, task.WasRefused})
	got = s.bulk(t, task.Bulk{Action: task.BulkUpdate, IDs: []task.ID{first.ID, third.ID}, Set: task.Patch{Priority: task.Value(task.High)}})
	equal(t, "of changing", results(got), []task.OutcomeResult{task.WasDone, task.WasDone})
	got = s.bulk(t, task.Bulk{Action: task.BulkDelete, Filter: &task.Filter{Status: task.Yes}})
	equal(t, "of deleting by a filter", results(got), []task.OutcomeResult{task.WasDone})
	got = s.bulk(t, task.Bulk{Action: task.BulkDelete, IDs: []task.ID{id(99)}})
	equal(t, "of deleting what is gone", results(got), []task.OutcomeResult{task.WasRefused})
	equal(t, "of a filter that admits nothing", len(s.bulk(t, task.Bulk{Action: task.BulkDelete, Filter: &task.Filter{Status: task.Yes}})), 0)
}

func TestWhatIsNoBulk(t *testing.T) {
	s := newSite()
	many := make([]task.ID, task.MaxBulk+1)
	for i := range many {
		many[i] = task.ID{6: 0x70, 8: 0x80, 14: byte(i >> 8), 15: byte(i)}
		s.tasks = append(s.tasks, task.Task{ID: many[i]})
	}
	one := []task.ID{id(1)}
	for _, c := range []struct {
		bulk task.Bulk
		want []string
	}{
		{task.Bulk{Action: task.BulkDelete}, []string{""}},
		{task.Bulk{Action: task.BulkDelete, IDs: one, Filter: &task.Filter{}}, []string{""}},
		{task.Bulk{Action: task.BulkDelete, IDs: many}, []string{"/ids"}},
		{task.Bulk{Action: task.BulkDelete, Filter: &task.Filter{}}, []string{"/filter"}},
		{task.Bulk{Action: task.BulkUpdate, IDs: one}, []string{"/set"}},
		{task.Bulk{Action: task.BulkUpdate, IDs: one, Set: task.Patch{Title: task.Value(" ")}}, []string{"/set/title"}},
	} {
		_, err := s.Bulk(t.Context(), s.call, c.bulk)
		equal(t, "faults", pointers(err), c.want)
	}
	for _, action := range []task.BulkAction{task.BulkComplete, task.BulkReopen, task.BulkDelete} {
		s.fails["Find"] = task.ErrUnavailable
		if _, err := s.Bulk(t.Context(), s.call, task.Bulk{Action: action, IDs: one}); !errors.Is(err, task.ErrUnavailable) {
			t.Error(action, err)
		}
	}
}

func TestAllThatIsCompletedIsArchivedPageByPage(t *testing.T) {
	s := newSite()
	for i := range 1001 {
		s.tasks = append(s.tasks, task.Task{ID: task.ID{14: byte(i >> 8), 15: byte(i)}, Version: 1, CompletedAt: noon, UpdatedAt: noon.AddDate(9, 0, 0)})
	}
	s.create(t, titled("open"))
	r, err := s.ArchiveCompleted(t.Context(), s.call)
	equal(t, "an error", err, nil)
	equal(t, "archived", r.Count, 1001)
	r, err = s.ArchiveCompleted(t.Context(), s.call)
	equal(t, "an error", err, nil)
	equal(t, "archived", r.Count, 0)
	s.fails["Unchanged"] = task.ErrUnavailable
	if _, err = s.ArchiveCompleted(t.Context(), s.call); !errors.Is(err, task.ErrUnavailable) {
		t.Error(err)
	}
}
