package task_test

import (
	"errors"
	"testing"
	"time"

	"todo-app/internal/task"
)

// What is about storage in an undo is tested on storage: see tasktest. Here are
// the decisions.

func (s *site) undoes(t *testing.T, operation int64) (task.Operation, error) {
	t.Helper()
	r, err := s.Service.Undo(t.Context(), s.call, operation)
	return r.Step, err
}

// refusal returns what is in the way of an undo.
func (s *site) refusal(t *testing.T, operation int64) task.Conflict {
	t.Helper()
	var conflict *task.Conflict
	if _, err := s.undoes(t, operation); !errors.As(err, &conflict) {
		t.Fatalf("undoing %d: %v", operation, err)
	}
	return *conflict
}

func TestTheNewestStepIsUndoneOrTheOneNamed(t *testing.T) {
	s := newSite()
	equal(t, "with nothing done", s.refusal(t, 0).Detail, "there is nothing to undo")
	s.undo.steps = []task.Operation{{ID: 12, Actor: task.AutoArchiver}}
	equal(t, "with what was archived by itself alone", s.refusal(t, 0).Detail, "there is nothing to undo")
	s.undo.steps = []task.Operation{{ID: 12, Actor: task.AutoArchiver}, {ID: 9, UndoneBy: 10}, {ID: 7}, {ID: 5, UndoneBy: 8}, {ID: 3}}
	for named, want := range map[int64]task.Operation{
		0:  {ID: 99, Undoes: 7, Action: task.ActUndone},
		7:  {ID: 99, Undoes: 7, Action: task.ActUndone},
		3:  {ID: 99, Undoes: 3, Action: task.ActUndone},
		12: {ID: 99, Undoes: 12, Action: task.ActUndone},
		10: {ID: 99, Undoes: 9, Action: task.ActRedone},
		8:  {ID: 99, Undoes: 5, Action: task.ActRedone},
	} {
		got, err := s.undoes(t, named)
		equal(t, "an error", err, nil)
		equal(t, "the step", got, want)
	}
	equal(t, "of one that is undone", s.refusal(t, 9).Detail, "it is undone already: name the operation 10 to redo it")
	_, err := s.undoes(t, 4)
	equal(t, "none of that name", errors.Is(err, task.ErrNoOperation), true)
	listed, err := s.Service.Operations(t.Context(), s.call)
	equal(t, "an error", err, nil)
	equal(t, "listed", listed, s.undo.steps)
}

func TestWhatAStepFoundIsPutBackAsANewVersion(t *testing.T) {
	s := newSite()
	s.undo.steps = []task.Operation{{ID: 7}}
	was := func(n byte, version int64, title string, operation int64) *task.Task {
		return &task.Task{ID: id(n), Version: version, Title: title, Operation: operation, UpdatedAt: noon}
	}
	changed, created, deleted := was(1, 4, "changed", 7), was(2, 1, "created", 7), was(3, 6, "deleted", 2)
	deleted.DependsOn = []task.ID{id(1)}
	s.tasks = []task.Task{*changed, *created}
	s.undo.prints = map[int64][]task.Footprint{7: {
		{Before: was(1, 2, "as it was", 1), After: was(1, 3, "changed", 7), Now: changed},
		{After: created, Now: created},
		{Before: deleted},
		{},
	}}
	s.now = noon.Add(time.Hour)
	_, err := s.undoes(t, 0)
	equal(t, "an error", err, nil)
	first, third := *was(1, 5, "as it was", 1), *was(3, 7, "deleted", 2)
	first.UpdatedAt, third.UpdatedAt, third.DependsOn = s.now, s.now, []task.ID{id(1)}
	equal(t, "tasks", s.tasks, []task.Task{first, third})
}

func TestAnUndoThatWouldTrampleOnLaterChangesIsRefused(t *testing.T) {
	s := newSite()
	s.undo.steps = []task.Operation{{ID: 7}}
	left := &task.Task{ID: id(1), Title: "left", Operation: 7}
	again := &task.Task{ID: id(1), Title: "left", Operation: 8}
	other := &task.Task{ID: id(1), Title: "other", Operation: 7}
	next := &task.Task{ID: id(1), Title: "left", Operation: 7, NextID: id(2)}
	for _, f := range []task.Footprint{
		{Before: left, After: left, Now: again}, {Before: left, After: left, Now: other}, {Before: left, After: left, Now: next},
		{After: left}, {Before: left, Now: left},
	} {
		s.undo.prints = map[int64][]task.Footprint{7: {f}}
		equal(t, "in the way", s.refusal(t, 0).Tasks, []task.ID{id(1)})
	}
	s.undo.prints = map[int64][]task.Footprint{7: {{After: left, Now: left}}}
	_, err := s.undoes(t, 0)
	equal(t, "an error", err, nil)
	linked := &task.Task{ID: id(1), DependsOn: []task.ID{id(2)}, Operation: 7}
	s.undo.prints = map[int64][]task.Footprint{7: {{Before: linked, After: left, Now: left}}}
	s.undo.breach, s.undo.breached = task.BreachParent, []task.ID{id(4)}
	equal(t, "in the way", s.refusal(t, 0), task.Conflict{string(task.BreachParent), []task.ID{id(4)}})
	s.undo.breached = nil
	s.undo.edges = task.Edges{id(1): {id(2)}, id(2): {id(3), id(5)}, id(3): {id(1)}, id(4): {id(5)}}
	equal(t, "in the way", s.refusal(t, 0), task.Conflict{"the dependencies would form a cycle", []task.ID{id(1), id(2), id(3)}})
	s.undo.edges = task.Edges{id(1): {id(2)}, id(2): {id(3), id(5)}, id(4): {id(5)}}
	_, err = s.undoes(t, 0)
	equal(t, "an error", err, nil)
}

func TestSettingsAndTemplatesArePutBackUnlessTheyWereChangedSince(t *testing.T) {
	s := newSite()
	s.undo.steps = []task.Operation{{ID: 7}}
	before, after := task.OwnersSettings{"", 0, 0}, task.OwnersSettings{"Asia/Tokyo", 3, 7}
	s.undo.beside = map[int64]task.Beside{7: {Settings: &[2]task.OwnersSettings{before, after}}}
	equal(t, "settings that were changed", s.refusal(t, 0).Detail, "the settings have been changed by another operation since")
	s.owner.Zone, s.owner.AutoArchiveDays, s.owner.SettingsOperation = "Asia/Tokyo", 3, 7
	_, err := s.undoes(t, 0)
	equal(t, "an error", err, nil)
	equal(t, "settings", []any{s.owner.Zone, s.owner.AutoArchiveDays, s.owner.SettingsOperation}, []any{"", 0, int64(0)})

	template := func(version int64, title string, operation int64) *task.Template {
		return &task.Template{Name: "n", Version: version, Sketch: task.Sketch{Title: title}, Operation: operation}
	}
	one, two := template(1, "one", 3), template(2, "two", 7)
	for _, c := range []struct {
		was     [2]*task.Template
		present *task.Template
		fine    bool
		want    []task.Template
	}{
		{[2]*task.Template{nil, two}, two, true, nil},
		{[2]*task.Template{nil, two}, nil, false, nil},
		{[2]*task.Template{one, two}, template(4, "two", 7), true, []task.Template{*template(5, "one", 3)}},
		{[2]*task.Template{one, two}, template(3, "two", 8), false, nil},
		{[2]*task.Template{one, two}, template(3, "three", 7), false, nil},
		{[2]*task.Template{two, nil}, nil, true, []task.Template{*template(3, "two", 7)}},
		{[2]*task.Template{two, nil}, one, false, nil},
	} {
		if s.sketches = nil; c.present != nil {
			s.sketches = []task.Template{*c.present}
		}
		if c.was[0] != nil {
			copied := *c.was[0]
			c.was[0] = &copied
		}
		s.undo.beside[7] = task.Beside{Template: &c.was}
		if !c.fine {
			s.refusal(t, 0)
			continue
		}
		_, err := s.undoes(t, 0)
		equal(t, "an error", err, nil)
		for i := range s.sketches {
			s.sketches[i].UpdatedAt = time.Time{}
		}
		equal(t, "templates", s.sketches, c.want)
	}
}

func TestAnUndoEndsWithStorage(t *testing.T) {
	s := newSite()
	s.undo.steps = []task.Operation{{ID: 7}}
	left := &task.Task{ID: id(1), Operation: 7}
	s.undo.prints = map[int64][]task.Footprint{7: {{Before: &task.Task{ID: id(1), DependsOn: []task.ID{id(2)}}, After: left, Now: left}}}
	template := &task.Template{Name: "n"}
	s.undo.beside = map[int64]task.Beside{7: {Template: &[2]*task.Template{template, nil}}}
	for _, method := range []string{"Operations", "Beside", "Template", "Touched", "Footprints", "Restore", "Settle", "Dependencies"} {
		s.sketches = nil
		s.fails = map[string]error{method: task.ErrUnavailable}
		if _, err := s.undoes(t, 0); !errors.Is(err, task.ErrUnavailable) {
			t.Errorf("%s: %v", method, err)
		}
	}
}
