package task_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"todo-app/internal/task"
)

// repeats is a draft of a task that does so by a rule, from a due on.
func repeats(t testing.TB, rule, from string) task.Patch {
	return task.Patch{Title: task.Value("x"), Due: task.Value(due(t, from)), Recurrence: task.Value(task.RecurrencePatch{Rule: task.Value(rule)})}
}

// complete completes a task, and returns the next one.
func (s *site) complete(t *testing.T, id task.ID) task.Task {
	t.Helper()
	r, err := s.Service.Complete(t.Context(), s.call, id, task.Edit{})
	if err != nil || len(r.Tasks) != 2 {
		t.Fatalf("completing: %d tasks, %v", len(r.Tasks), err)
	}
	return r.Tasks[1]
}

func (s *site) foretold(t *testing.T, id task.ID, n int) string {
	t.Helper()
	r, err := s.Service.Occurrences(t.Context(), s.call, id, n, nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(r.Body)
}

func TestATaskThatRepeatsIsMadeAnewWhenItIsDone(t *testing.T) {
	s := newSite()
	draft := repeats(t, "weekly", "2026-03-31")
	draft.Reminders = task.Value([]task.Reminder{"-P1D", "2026-03-30T18:00:00Z"})
	was := s.create(t, draft)[0]
	equal(t, "foretold", s.foretold(t, was.ID, 2), `["2026-04-07","2026-04-14"]`)
	s.now = s.now.Add(time.Hour)
	next := s.complete(t, was.ID)
	equal(t, "the next", next, task.Task{
		ID: id(2), Version: 1, CreatedAt: noon.Add(time.Hour), UpdatedAt: noon.Add(time.Hour), Title: "x",
		Priority: task.Medium, Category: "other", Order: was.Order, Due: due(t, "2026-04-07"), Reminders: []task.Reminder{"-P1D"},
		Recurrence: task.Recurrence{Rule: "FREQ=WEEKLY", From: task.FromDue}, Anchor: due(t, "2026-03-31"), Occurrence: due(t, "2026-04-07"),
	})
	equal(t, "what is stored", s.tasks[1], next)
	equal(t, "the one done", s.tasks[0].NextID, next.ID)
	equal(t, "completed again", s.complete(t, was.ID), next)
	if _, err := s.update(t, was.ID, task.Edit{Patch: task.Patch{Completed: task.Value(false)}}); err != nil {
		t.Fatal(err)
	}
	equal(t, "completed after reopening", s.complete(t, was.ID), next)
	equal(t, "tasks", len(s.tasks), 2)
}

func TestATaskOfABuildWithoutSeriesBeginsOneWithItsDue(t *testing.T) {
	begun := func() (*site, task.ID) {
		s := newSite()
		x := s.create(t, repeats(t, "monthly", "2026-01-31"))[0]
		s.tasks[0].Recurrence.Rule, s.tasks[0].Anchor, s.tasks[0].Occurrence = "monthly", task.Due{}, task.Due{}
		return s, x.ID
	}
	s, x := begun()
	equal(t, "foretold", s.foretold(t, x, 2), `["2026-02-28","2026-03-31"]`)
	got, err := s.update(t, x, task.Edit{Patch: titled("x")})
	if err != nil || got.Version != 1 {
		t.Errorf("changed by nothing to version %d, %v", got.Version, err)
	}
	if got, err = s.update(t, x, task.Edit{Patch: task.Patch{Due: task.Value(due(t, "2026-02-02"))}}); err != nil {
		t.Fatal(err)
	}
	equal(t, "the series after the due was moved", got.Anchor, due(t, "2026-01-31"))
	next := s.complete(t, x)
	equal(t, "the next", next.Due, due(t, "2026-02-28"))
	equal(t, "its rule", next.Recurrence.Rule, "FREQ=MONTHLY;BYMONTHDAY=-1")

	s, x = begun()
	r, err := s.Service.Skip(t.Context(), s.call, x, task.Edit{})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "skipped to", r.Tasks[0].Due, due(t, "2026-02-28"))
	s.tasks[0].Recurrence = task.Recurrence{} // by such a build again
	if got, err = s.update(t, x, task.Edit{Patch: titled("y")}); err != nil || got.Anchor != (task.Due{}) {
		t.Errorf("a series without a rule: %+v, %v", got.Anchor, err)
	}
}

func TestARuleThatCannotBeFollowedFromTheDueIsAFault(t *testing.T) {
	s := newSite()
	_, err := s.Service.Create(t.Context(), s.call, []task.Patch{repeats(t, "FREQ=DAILY;UNTIL=20260301", "2026-03-10")}, false)
	equal(t, "created", task.AsFaults(err), task.Faults{{Pointer: "/recurrence/rule", Detail: "must not have an UNTIL before the due"}})
	x := s.create(t, repeats(t, "daily", "2026-03-10"))[0].ID
	_, err = s.update(t, x, task.Edit{Patch: task.Patch{Recurrence: repeats(t, "FREQ=HOURLY", "2026-03-10").Recurrence}})
	equal(t, "changed", pointers(err), []string{"/recurrence/rule"})
}

func TestASeriesGoesOnUnlessItIsNamed(t *testing.T) {
	s := newSite()
	x := s.create(t, repeats(t, "weekly", "2026-03-09"))[0].ID
	named := repeats(t, "FREQ=WEEKLY", "2026-03-11")
	for _, step := range []struct {
		what string
		edit task.Edit
		want string
	}{
		{"the due alone", task.Edit{Patch: task.Patch{Due: named.Due}}, "2026-03-09"},
		{"nothing of the recurrence", task.Edit{Patch: task.Patch{Recurrence: task.Value(task.RecurrencePatch{})}}, "2026-03-09"},
		{"the whole, as it is", task.Edit{Whole: true, Patch: named}, "2026-03-09"},
		{"the recurrence, as it is", task.Edit{Patch: task.Patch{Recurrence: named.Recurrence}}, "2026-03-11"},
		{"the whole with another rule", task.Edit{Whole: true, Patch: repeats(t, "daily", "2026-03-12")}, "2026-03-12"},
		{"the whole without one", task.Edit{Whole: true, Patch: titled("x")}, ""},
	} {
		got, err := s.update(t, x, step.edit)
		if err != nil {
			t.Fatal(step.what, err)
		}
		equal(t, "anchor after "+step.what, got.Anchor.String(), step.want)
	}
}

func TestSubtasksAreDoneAgain(t *testing.T) {
	s := newSite()
	s.owner.Zone = "Europe/Berlin"
	root := s.create(t, repeats(t, "weekly", "2026-03-28"))[0]
	under := func(p task.Patch) task.Patch {
		p.ParentID = task.Value(root.ID)
		return p
	}
	timed, day := under(titled("timed")), under(titled("day"))
	undated := under(titled("undated"))
	timed.Due, timed.Completed, day.Due = task.Value(due(t, "2026-03-28T08:00:00Z")), task.Value(true), task.Value(due(t, "2026-03-27"))
	late, away, own := under(titled("late")), under(titled("away")), under(repeats(t, "daily", "2026-03-28"))
	late.Due, away.Archived = task.Value(due(t, "9999-12-30T00:00:00Z")), task.Value(true)
	made := s.create(t, timed, day, late, undated, away, own)
	if _, err := s.update(t, made[1].ID, task.Edit{Patch: task.Patch{DependsOn: task.Value([]task.ID{made[0].ID, root.ID})}}); err != nil {
		t.Fatal(err)
	}
	s.tasks[0].Subtasks.Total = 6
	next := s.complete(t, root.ID)
	equal(t, "subtasks of the next", next.Subtasks, task.Progress{Total: 4})
	got := s.tasks[8:]
	var dues []string
	for _, c := range got {
		equal(t, "parent", c.ParentID, next.ID)
		equal(t, "done", c.Completed(), false)
		dues = append(dues, c.Due.String())
	}
	equal(t, "dues", dues, []string{"2026-04-04T07:00:00Z", "2026-04-03", "", ""}) // clocks went forward
	equal(t, "depends on", got[1].DependsOn, []task.ID{got[0].ID})
	equal(t, "open dependencies", got[1].OpenDependencies, 1)
}

func TestANextOccurrenceWaitsAsItsPredecessorDid(t *testing.T) {
	s := newSite()
	all := s.create(t, titled("open"), titled("once"), repeats(t, "weekly", "2026-03-10"), repeats(t, "weekly", "2026-03-10"))
	done := task.Edit{Patch: task.Patch{Completed: task.Value(true)}}
	if _, err := s.update(t, all[1].ID, done); err != nil {
		t.Fatal(err)
	}
	next, ahead := s.complete(t, all[2].ID), s.complete(t, all[3].ID)
	s.complete(t, ahead.ID) // the week after is done as well
	draft := repeats(t, "weekly", "2026-03-11")
	draft.DependsOn = task.Value([]task.ID{all[0].ID, all[1].ID, all[2].ID, next.ID, all[3].ID})
	x := s.create(t, draft)[0]
	done.Force = true
	r, err := s.Service.Update(t.Context(), s.call, x.ID, done)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "depends on", r.Tasks[1].DependsOn, []task.ID{all[0].ID, next.ID, ahead.ID})
	equal(t, "open", r.Tasks[1].OpenDependencies, 2)
}

func TestANextOccurrenceDoesNotWaitForTheOneThatWasJustDone(t *testing.T) {
	s := newSite()
	first := s.create(t, repeats(t, "weekly", "2026-03-10"))[0]
	second := s.complete(t, first.ID)
	r, err := s.Service.Update(t.Context(), s.call, second.ID, task.Edit{Patch: task.Patch{Completed: task.Value(true), DependsOn: task.Value([]task.ID{first.ID})}})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "depends on", len(r.Tasks[1].DependsOn), 0)
	equal(t, "open", r.Tasks[1].OpenDependencies, 0)
}

func TestANextOccurrenceNeedsRoomUnderItsParent(t *testing.T) {
	s := newSite()
	root := s.create(t, titled("root"))[0].ID
	draft := repeats(t, "daily", "2026-03-10")
	draft.ParentID = task.Value(root)
	x := s.create(t, draft)[0].ID
	s.tasks[0].Subtasks.Total = task.MaxSubtasks
	_, err := s.Service.Complete(t.Context(), s.call, x, task.Edit{Force: true})
	var conflict *task.Conflict
	if !errors.As(err, &conflict) {
		t.Fatal(err)
	}
	equal(t, "why", *conflict, task.Conflict{
		Detail: "the task's next occurrence cannot be made: parent_id names a task that already has 1000 subtasks", Tasks: []task.ID{root},
	})
	s.tasks[0].Subtasks.Total = 1
	s.complete(t, x)
}

func TestTheLastOccurrenceIsDoneWithoutAnother(t *testing.T) {
	s := newSite()
	x := s.create(t, repeats(t, "FREQ=DAILY;COUNT=1", "2026-03-10"))[0].ID
	r, err := s.Service.Complete(t.Context(), s.call, x, task.Edit{})
	if err != nil || len(r.Tasks) != 1 || len(s.tasks) != 1 {
		t.Errorf("%d tasks, %v", len(r.Tasks), err)
	}
}

// Those that cost much to follow have one bound for all, as their owner's other
// writes wait: none ends because of the others.
func TestManyThatAreDoneAtOnceAreFollowedWithinOneBound(t *testing.T) {
	s := newSite()
	var drafts []task.Patch
	for range 100 {
		drafts = append(drafts, repeats(t, "FREQ=DAILY;COUNT=10000", "2026-03-10"))
	}
	s.create(t, drafts...)
	for i := range s.tasks {
		s.tasks[i].Occurrence.At = s.tasks[i].Occurrence.At.AddDate(0, 0, 9990)
	}
	var refused []task.Outcome
	for _, o := range s.bulk(t, task.Bulk{Action: task.BulkComplete, Filter: &task.Filter{Status: task.No}}) {
		if o.Result == task.WasRefused {
			refused = append(refused, o)
		}
	}
	if len(refused) == 0 || len(s.tasks) != 200-len(refused) {
		t.Fatalf("%d were refused, and there are %d tasks", len(refused), len(s.tasks))
	}
	equal(t, "why", refused[0].Detail, "the task's next occurrence cannot be made: it would take too long to follow beside the others: send the task by itself")
	equal(t, "by itself", s.complete(t, refused[0].ID).Due, due(t, "2053-07-17"))
}

func TestWhatHasNoNextOccurrenceCannotBeSkipped(t *testing.T) {
	s := newSite()
	all := s.create(t, titled("once"), repeats(t, "FREQ=DAILY;COUNT=1", "2026-03-10"), repeats(t, "daily", "2026-03-10"))
	s.complete(t, all[2].ID)
	for i, want := range []string{
		"the task does not repeat: there is no occurrence to skip",
		"this is the last occurrence: complete the task or delete it",
		"the task is completed: there is nothing left to skip",
	} {
		_, err := s.Service.Skip(t.Context(), s.call, all[i].ID, task.Edit{})
		if err == nil || err.Error() != want {
			t.Errorf("%d: %v, want %s", i, err, want)
		}
	}
	if _, err := s.Service.Skip(t.Context(), s.call, all[0].ID, task.Edit{Match: []string{"2-x"}}); !errors.Is(err, task.ErrStale) {
		t.Error(err)
	}
}

func TestSkippingMovesToWhatIsForetold(t *testing.T) {
	for _, c := range []struct {
		rule, from string // noon is 2026-03-10
		of         task.RecurrenceFrom
		want       []string
	}{
		{"daily", "2026-03-11", task.FromCompletion, []string{"2026-03-12", "2026-03-13", "2026-03-14"}},
		{"daily", "2026-03-11T09:00:00Z", task.FromCompletion, []string{"2026-03-12T09:00:00Z", "2026-03-13T09:00:00Z"}},
		{"FREQ=DAILY;INTERVAL=2", "2026-03-15", task.FromCompletion, []string{"2026-03-17", "2026-03-19"}},
		{"FREQ=DAILY;INTERVAL=2", "2026-03-05", task.FromCompletion, []string{"2026-03-12", "2026-03-14"}},
		{"FREQ=WEEKLY;COUNT=3", "2026-03-30", task.FromCompletion, []string{"2026-04-06", "2026-04-13"}},
		{"daily", "2026-03-11", task.FromDue, []string{"2026-03-12", "2026-03-13"}},
		{"daily", "2026-03-05", task.FromDue, []string{"2026-03-06", "2026-03-07"}},
	} {
		s := newSite()
		draft := repeats(t, c.rule, c.from)
		draft.Recurrence.Value.From = task.Value(c.of)
		x := s.create(t, draft)[0].ID
		for _, want := range c.want {
			equal(t, "foretold", s.foretold(t, x, 1), `["`+want+`"]`)
			r, err := s.Service.Skip(t.Context(), s.call, x, task.Edit{})
			if err != nil {
				t.Fatal(err)
			}
			equal(t, fmt.Sprintf("%s of %s from %s, skipped to", c.rule, c.from, c.of), r.Tasks[0].Due.String(), want)
		}
	}
}

func TestWhatIsForetoldGoesByWhatTheSeriesIsCountedFrom(t *testing.T) {
	s := newSite()
	draft := repeats(t, "FREQ=DAILY;INTERVAL=2", "2026-03-15")
	draft.Recurrence.Value.From = task.Value(task.FromCompletion)
	x := s.create(t, draft)[0].ID
	equal(t, "when open", s.foretold(t, x, 2), `["2026-03-17","2026-03-19"]`)
	s.complete(t, x)
	s.now = s.now.Add(240 * time.Hour)
	equal(t, "when done", s.foretold(t, x, 1), `["2026-03-12"]`)
	equal(t, "of what does not repeat", s.foretold(t, s.create(t, titled("y"))[0].ID, 2), `[]`)
	r, err := s.Service.Occurrences(t.Context(), s.call, x, 1, nil)
	if err != nil || r.ETag == "" {
		t.Fatal(r.ETag, err)
	}
	again, err := s.Service.Occurrences(t.Context(), s.call, x, 1, []string{r.ETag})
	if err != nil || !again.NotModified {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestArchivingAndBack(t *testing.T) {
	s := newSite()
	x := s.create(t, titled("x"))[0].ID
	for version, do := range []func() (task.Result, error){
		func() (task.Result, error) { return s.Service.Archive(t.Context(), s.call, x, task.Edit{}) },
		func() (task.Result, error) { return s.Service.Unarchive(t.Context(), s.call, x, task.Edit{}) },
	} {
		for range 2 {
			r, err := do()
			if err != nil || r.Tasks[0].Archived() != (version == 0) || r.Tasks[0].Version != int64(version+2) {
				t.Errorf("%+v, %v", r.Tasks, err)
			}
		}
	}
}

func TestStorageThatFailsInMidstOfRepeating(t *testing.T) {
	for _, method := range []string{"Subtasks", "Task", "Owner"} {
		s := newSite()
		s.create(t, repeats(t, "daily", "2026-03-10"))
		s.tasks[0].Subtasks.Total = 1
		s.fails[method] = task.ErrUnavailable
		var err error
		if method == "Subtasks" {
			_, err = s.Service.Complete(t.Context(), s.call, id(1), task.Edit{})
		} else {
			_, err = s.Service.Occurrences(t.Context(), s.call, id(1), 1, nil)
		}
		if !errors.Is(err, task.ErrUnavailable) {
			t.Errorf("%s: %v", method, err)
		}
	}
	s := newSite()
	x := s.create(t, repeats(t, "daily", "2026-03-10"))[0].ID
	s.complete(t, x)
	draft := repeats(t, "daily", "2026-03-10")
	draft.DependsOn = task.Value([]task.ID{x})
	y := s.create(t, draft)[0].ID
	s.Service.Store = &failsLater{s.memory, 2}
	if _, err := s.Service.Complete(t.Context(), s.call, y, task.Edit{}); !errors.Is(err, task.ErrUnavailable) {
		t.Error(err)
	}
}

func TestATaskRepeatsInItsOwnersZoneWhereverItIsSeenFrom(t *testing.T) {
	s := newSite()
	s.owner.Zone, s.call.Zone = "Asia/Tokyo", zone(t, "America/New_York")
	x := s.create(t, repeats(t, "monthly", "2026-03-31T23:30:00Z"))[0] // 1 April there
	equal(t, "the rule", x.Recurrence.Rule, "FREQ=MONTHLY")
	equal(t, "the next", s.complete(t, x.ID).Due, due(t, "2026-04-30T23:30:00Z")) // 1 May
	got, err := s.update(t, x.ID, task.Edit{Patch: task.Patch{Recurrence: repeats(t, "monthly", "2026-03-31").Recurrence}})
	if err != nil || got.Recurrence.Rule != "FREQ=MONTHLY" {
		t.Errorf("the rule given anew: %q, %v", got.Recurrence.Rule, err)
	}
}

func TestTheNextOccurrenceFollowsTheOneThatWasMoved(t *testing.T) {
	s := newSite()
	x := s.create(t, repeats(t, "weekly", "2026-03-09"))[0].ID
	if _, err := s.update(t, x, task.Edit{Patch: task.Patch{Due: task.Value(due(t, "2026-03-18"))}}); err != nil {
		t.Fatal(err)
	}
	equal(t, "the next", s.complete(t, x).Due, due(t, "2026-03-16"))
}

func TestNamingTheRuleCountsAnew(t *testing.T) {
	s := newSite()
	x := s.create(t, repeats(t, "FREQ=DAILY;COUNT=3", "2026-03-10"))[0].ID
	if _, err := s.Service.Skip(t.Context(), s.call, x, task.Edit{}); err != nil {
		t.Fatal(err)
	}
	equal(t, "left", s.foretold(t, x, 9), `["2026-03-12"]`)
	if _, err := s.update(t, x, task.Edit{Patch: task.Patch{Recurrence: repeats(t, "FREQ=DAILY;COUNT=3", "2026-03-10").Recurrence}}); err != nil {
		t.Fatal(err)
	}
	equal(t, "left anew", s.foretold(t, x, 9), `["2026-03-12","2026-03-13"]`)
}
