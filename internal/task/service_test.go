package task_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"todo-app/internal/task"
)

func TestANewTaskIsGivenWhatItDoesNotSay(t *testing.T) {
	s := newSite()
	got := s.create(t, titled("a"), titled("b"))
	for i, title := range []string{"a", "b"} {
		equal(t, title, got[i], task.Task{
			ID: id(byte(i + 1)), Version: 1, CreatedAt: noon, UpdatedAt: noon, Title: title,
			Priority: task.Medium, Category: "other", Order: float64(noon.UnixMicro() + int64(i)),
		})
	}
	equal(t, "what is stored", s.tasks, got)
}

func TestFaultsOfSeveralDraftsSayWhichTheyAreOf(t *testing.T) {
	s := newSite()
	bad := task.Patch{Category: task.Value("")}
	_, err := s.Service.Create(t.Context(), s.call, []task.Patch{titled("fine"), bad, titled("")}, true)
	equal(t, "of several", pointers(err), []string{"/1/title", "/1/category", "/2/title"})
	_, err = s.Service.Create(t.Context(), s.call, []task.Patch{bad}, false)
	equal(t, "of one", pointers(err), []string{"/title", "/category"})
	lost := task.Patch{Title: task.Value("x"), ParentID: task.Value(id(99)), DependsOn: task.Value([]task.ID{id(98)})}
	_, err = s.Service.Create(t.Context(), s.call, []task.Patch{titled("fine"), lost}, true)
	equal(t, "of relations", pointers(err), []string{"/1/parent_id", "/1/depends_on/0"})
	equal(t, "what is stored", len(s.tasks), 0)
}

func TestWhatIsTriedIsRefusedAsCreatingItWouldBe(t *testing.T) {
	s := newSite()
	never := titled("never")
	never.Due, never.Recurrence = task.Value(task.Due{At: noon}), task.Value(task.RecurrencePatch{Rule: task.Value("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")})
	undated := titled("undated")
	undated.Recurrence = task.Value(task.RecurrencePatch{Rule: task.Value("daily")})
	for _, draft := range []task.Patch{never, undated, titled(" "), {}} {
		read := func(time.Time) (task.Patch, error) { return draft, nil }
		_, created := s.Service.CreateFrom(t.Context(), s.call, read)
		equal(t, "faults", task.AsFaults(s.Service.TryFrom(t.Context(), s.call, read)), task.AsFaults(created))
	}
	if err := s.Service.TryFrom(t.Context(), s.call, func(time.Time) (task.Patch, error) { return titled("fits"), nil }); err != nil || len(s.tasks) > 0 {
		t.Error(s.tasks, err)
	}
	broken := errors.New("broken")
	if err := s.Service.TryFrom(t.Context(), s.call, func(time.Time) (task.Patch, error) { return task.Patch{}, broken }); !errors.Is(err, broken) {
		t.Error(err)
	}
	s.fails["Owner"] = broken
	if err := s.Service.TryFrom(t.Context(), s.call, nil); !errors.Is(err, broken) {
		t.Error(err)
	}
}

// A rule that meets no day costs milliseconds to refuse, while the owner's other
// writes wait: of many at once the rest are refused unfollowed.
func TestRulesThatLeadNowhereCostARequestLittle(t *testing.T) {
	s := newSite()
	repeating := func(rule, from string, n int) (drafts []task.Patch) {
		for range n {
			p := titled("x")
			p.Due, p.Recurrence = task.Value(due(t, from)), task.Value(task.RecurrencePatch{Rule: task.Value(rule)})
			drafts = append(drafts, p)
		}
		return drafts
	}
	const nowhere, from = "FREQ=SECONDLY;INTERVAL=9973;BYMONTH=2;BYMONTHDAY=29;BYHOUR=0;BYMINUTE=0;BYSECOND=0", "2026-03-10T10:00:01Z"
	_, err := s.Service.Create(t.Context(), s.call, repeating(nowhere, from, 100), true)
	unfollowed := 0
	for _, f := range task.AsFaults(err) {
		if strings.Contains(f.Detail, "too long to follow") {
			unfollowed++
		}
	}
	equal(t, "refused", len(task.AsFaults(err)), 100)
	equal(t, "refused unfollowed", unfollowed, 80)
	if s.create(t, repeating("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2028-02-29", 200)...); len(s.tasks) != 200 {
		t.Errorf("of two hundred leap days there are %d", len(s.tasks))
	}
	unfollowed = 0
	for _, o := range s.bulk(t, task.Bulk{Action: task.BulkUpdate, Filter: &task.Filter{Status: task.No}, Set: repeating(nowhere, from, 1)[0]}) {
		if strings.Contains(o.Detail, "too long to follow") {
			unfollowed++
		}
	}
	equal(t, "left unfollowed in a bulk", unfollowed, 180)
}

func TestAReplacementSaysAllThatIsWrongWithIt(t *testing.T) {
	s := newSite()
	x := s.create(t, titled("x"))[0].ID
	_, err := s.update(t, x, task.Edit{Whole: true, Patch: task.Patch{Category: task.Value(" "), Order: task.Value(1e19)}})
	equal(t, "faults", pointers(err), []string{"/title", "/category", "/order"})
	_, err = s.update(t, x, task.Edit{Whole: true})
	equal(t, "faults of nothing", task.AsFaults(err), task.Faults{{Pointer: "/title", Detail: "is required"}})
	_, err = s.update(t, x, task.Edit{Patch: task.Patch{Title: task.Null[string](), Completed: task.Null[bool]()}})
	equal(t, "faults", pointers(err), []string{"/title", "/completed"})
}

func TestACompletedDraftWithOpenDependenciesIsAConflict(t *testing.T) {
	s := newSite()
	x := s.create(t, titled("x"))[0].ID
	_, err := s.Service.Create(t.Context(), s.call, []task.Patch{{Title: task.Value("y"), Completed: task.Value(true), DependsOn: task.Value([]task.ID{x})}}, false)
	var conflict *task.Conflict
	if !errors.As(err, &conflict) || conflict.Error() != "the task depends on tasks that are still open" {
		t.Fatal(err)
	}
	equal(t, "in the way", conflict.Tasks, []task.ID{x})
}

func TestDependenciesThatLeadBackAreAConflict(t *testing.T) {
	s := newSite()
	x := s.create(t, titled("x"))[0].ID
	y := s.create(t, task.Patch{Title: task.Value("y"), DependsOn: task.Value([]task.ID{x})})[0].ID
	_, err := s.update(t, x, task.Edit{Patch: task.Patch{DependsOn: task.Value([]task.ID{y})}})
	var conflict *task.Conflict
	if !errors.As(err, &conflict) {
		t.Fatal(err)
	}
	equal(t, "in the way", conflict.Tasks, []task.ID{y})
}

func TestOpenDependenciesHoldCompletionUpUnlessForced(t *testing.T) {
	s := newSite()
	all := s.create(t, titled("open"), task.Patch{Title: task.Value("done"), Completed: task.Value(true)})
	waiting := s.create(t, task.Patch{Title: task.Value("waiting"), DependsOn: task.Value([]task.ID{all[1].ID, all[0].ID})})[0]
	equal(t, "open dependencies", waiting.OpenDependencies, 1)
	_, err := s.Service.Complete(t.Context(), s.call, waiting.ID, task.Edit{})
	var conflict *task.Conflict
	if !errors.As(err, &conflict) {
		t.Fatal(err)
	}
	equal(t, "in the way", conflict.Tasks, []task.ID{all[0].ID})
	r, err := s.Service.Complete(t.Context(), s.call, waiting.ID, task.Edit{Force: true})
	if err != nil || !r.Tasks[0].Completed() || r.Tasks[0].Blocked() {
		t.Errorf("by force: %+v, %v", r.Tasks, err)
	}
	r, err = s.Service.Reopen(t.Context(), s.call, waiting.ID, task.Edit{})
	if err != nil || !r.Tasks[0].Blocked() {
		t.Errorf("open again: %+v, %v", r.Tasks, err)
	}
}

func TestWhatMayNotBeAParent(t *testing.T) {
	s := newSite()
	root := s.create(t, titled("root"))[0]
	child := s.create(t, task.Patch{Title: task.Value("child"), ParentID: task.Value(root.ID)})[0]
	away := s.create(t, task.Patch{Title: task.Value("away"), Archived: task.Value(true)})[0]
	crowded := s.create(t, titled("crowded"))[0]
	parent := s.create(t, titled("parent"))[0]
	s.tasks[3].Subtasks.Total = task.MaxSubtasks
	s.tasks[4].Subtasks.Total = 1
	for what, c := range map[string]struct {
		id, parent task.ID
		detail     string
	}{
		"itself":          {root.ID, root.ID, "must not be the task itself"},
		"nothing":         {root.ID, id(99), "names no task"},
		"a subtask":       {away.ID, child.ID, "names a subtask, and subtasks have none of their own"},
		"of a parent":     {parent.ID, root.ID, "must be null while the task has subtasks of its own"},
		"what is away":    {child.ID, away.ID, "names an archived task"},
		"what is crowded": {child.ID, crowded.ID, "names a task that already has 1000 subtasks"},
	} {
		_, err := s.update(t, c.id, task.Edit{Patch: task.Patch{ParentID: task.Value(c.parent)}})
		equal(t, what, task.AsFaults(err), task.Faults{{Pointer: "/parent_id", Detail: c.detail}})
	}
	_, err := s.Service.Create(t.Context(), s.call, []task.Patch{
		{Title: task.Value("fits"), ParentID: task.Value(parent.ID)}, {Title: task.Value("too many"), ParentID: task.Value(crowded.ID)},
	}, true)
	equal(t, "created under a crowded one", pointers(err), []string{"/1/parent_id"})
}

func TestDependenciesAreOthersThatExist(t *testing.T) {
	s := newSite()
	x := s.create(t, titled("x"))[0].ID
	_, err := s.update(t, x, task.Edit{Patch: task.Patch{DependsOn: task.Value([]task.ID{x, id(99)})}})
	equal(t, "faults", task.AsFaults(err), task.Faults{
		{Pointer: "/depends_on/0", Detail: "must not be the task itself"}, {Pointer: "/depends_on/1", Detail: "names no task"},
	})
}

func TestARecurrenceIsMergedMemberByMember(t *testing.T) {
	s := newSite()
	type member = task.RecurrencePatch
	x := s.create(t, task.Patch{Title: task.Value("x"), Due: task.Value(due(t, "2026-04-01")), Recurrence: task.Value(member{Rule: task.Value("daily")})})[0]
	equal(t, "by default", x.Recurrence, task.Recurrence{Rule: "FREQ=DAILY", From: task.FromDue})
	for _, step := range []struct {
		patch member
		want  task.Recurrence
	}{
		{member{From: task.Value(task.FromCompletion)}, task.Recurrence{Rule: "FREQ=DAILY", From: task.FromCompletion}},
		{member{SkipIfOpen: task.Value(true)}, task.Recurrence{Rule: "FREQ=DAILY", From: task.FromCompletion, SkipIfOpen: true}},
		{member{Rule: task.Value("weekly")}, task.Recurrence{Rule: "FREQ=WEEKLY", From: task.FromCompletion, SkipIfOpen: true}},
		{member{From: task.Null[task.RecurrenceFrom](), SkipIfOpen: task.Null[bool]()}, task.Recurrence{Rule: "FREQ=WEEKLY", From: task.FromDue}},
	} {
		got, err := s.update(t, x.ID, task.Edit{Patch: task.Patch{Recurrence: task.Value(step.patch)}})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "merged", got.Recurrence, step.want)
	}
	_, err := s.update(t, x.ID, task.Edit{Patch: task.Patch{Recurrence: task.Value(member{Rule: task.Null[string]()})}})
	equal(t, "without a rule", pointers(err), []string{"/recurrence/rule"})
	_, err = s.update(t, x.ID, task.Edit{Patch: task.Patch{Due: task.Null[task.Due]()}})
	equal(t, "without a due", pointers(err), []string{"/recurrence"})
	_, err = s.update(t, x.ID, task.Edit{Whole: true, Patch: task.Patch{Title: task.Value("x"), Due: task.Value(x.Due), Recurrence: task.Value(member{})}})
	equal(t, "replaced by nothing", pointers(err), []string{"/recurrence/rule"})
	got, err := s.update(t, x.ID, task.Edit{Patch: task.Patch{Recurrence: task.Null[member](), Due: task.Null[task.Due]()}})
	if err != nil || got.Recurrence != (task.Recurrence{}) {
		t.Errorf("taken away: %+v, %v", got.Recurrence, err)
	}
}

func TestACategoryThatIsPutBackIsTheParents(t *testing.T) {
	s := newSite()
	root := s.create(t, task.Patch{Title: task.Value("root"), Category: task.Value("Garden")})[0]
	child := s.create(t, task.Patch{Title: task.Value("child"), ParentID: task.Value(root.ID)})[0]
	equal(t, "a new subtask's", child.Category, "garden")
	for _, e := range []task.Edit{{Patch: task.Patch{Category: task.Null[string]()}}, {Whole: true, Patch: task.Patch{Title: task.Value("new"), ParentID: task.Value(root.ID)}}} {
		if _, err := s.update(t, child.ID, task.Edit{Patch: task.Patch{Category: task.Value("other one")}}); err != nil {
			t.Fatal(err)
		}
		got, err := s.update(t, child.ID, e)
		if err != nil || got.Category != "garden" {
			t.Errorf("put back to %q, %v", got.Category, err)
		}
	}
}

func TestChangingNothingIsNoChange(t *testing.T) {
	s := newSite()
	x := s.create(t, titled("x"))[0]
	s.now = s.now.Add(time.Hour)
	got, err := s.update(t, x.ID, task.Edit{Patch: titled("x")})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "the task", got, x)
	got, err = s.update(t, x.ID, task.Edit{Patch: titled("y")})
	if err != nil || got.Version != 2 || !got.UpdatedAt.Equal(noon.Add(time.Hour)) || !got.CreatedAt.Equal(noon) {
		t.Errorf("changed: %+v, %v", got, err)
	}
}

func TestTheTimeOfAChangeNeverGoesBack(t *testing.T) {
	s := newSite()
	x := s.create(t, titled("x"))[0]
	s.now = s.now.Add(-time.Hour) // another pod's clock
	got, err := s.update(t, x.ID, task.Edit{Patch: titled("y")})
	if err != nil || got.Version != 2 || !got.UpdatedAt.Equal(x.UpdatedAt) {
		t.Errorf("changed at %s after %s, %v", got.UpdatedAt, x.UpdatedAt, err)
	}
}

func TestAPreconditionIsHeldBeforeAnythingElse(t *testing.T) {
	s := newSite()
	x := s.create(t, titled("x"))[0].ID
	for _, match := range [][]string{{}, {"2-x"}, {"1"}} {
		if _, err := s.update(t, x, task.Edit{Patch: task.Patch{ParentID: task.Value(id(99))}, Match: match}); !errors.Is(err, task.ErrStale) {
			t.Errorf("changing with %q: %v", match, err)
		}
		if _, err := s.Service.Delete(t.Context(), s.call, x, false, match); !errors.Is(err, task.ErrStale) {
			t.Errorf("deleting with %q: %v", match, err)
		}
	}
	if _, err := s.Service.Delete(t.Context(), s.call, id(99), false, []string{"*"}); !errors.Is(err, task.ErrNotFound) {
		t.Errorf("deleting nothing: %v", err)
	}
	if r, err := s.Service.Delete(t.Context(), s.call, x, false, []string{"7-a", "1-b"}); err != nil || r.Count != 1 {
		t.Errorf("deleting with a current precondition: %d, %v", r.Count, err)
	}
}

func TestManyAreDeletedBySelection(t *testing.T) {
	s := newSite()
	s.create(t, titled("x"), task.Patch{Title: task.Value("y"), Completed: task.Value(true)}, titled("z"))
	for _, c := range []struct {
		selection task.Selection
		want      int
	}{{task.Selection{IDs: []task.ID{id(1), id(9)}}, 1}, {task.Selection{Completed: true}, 1}, {task.Selection{All: true}, 1}} {
		r, err := s.Service.DeleteMany(t.Context(), s.call, c.selection)
		if err != nil || r.Count != c.want {
			t.Errorf("%+v: %d, %v", c.selection, r.Count, err)
		}
	}
}

func TestAListTheCallerHoldsIsNotReadAgain(t *testing.T) {
	s := newSite()
	s.create(t, titled("x"))
	q := task.Query{Sort: task.SortCreated, Limit: 9}
	r, err := s.Service.List(t.Context(), s.call, q, []string{"other"})
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Service.List(t.Context(), s.call, q, []string{"other", r.ETag})
	if err != nil || !again.NotModified || again.ETag != r.ETag || again.Body != nil || s.reads != 1 {
		t.Errorf("%+v, %v after %d reads", again, err, s.reads)
	}
}

func TestATaskTheCallerHoldsIsNotSentAgain(t *testing.T) {
	s := newSite()
	x := s.create(t, titled("x"))[0].ID
	r, err := s.Service.Get(t.Context(), s.call, x, []string{"1-other"})
	if err != nil || r.NotModified || r.Body == nil {
		t.Fatalf("%+v, %v", r, err)
	}
	for _, known := range []string{r.ETag, "*"} {
		if again, err := s.Service.Get(t.Context(), s.call, x, []string{known}); err != nil || !again.NotModified || again.ETag != r.ETag || again.Body != nil {
			t.Errorf("with %q: %+v, %v", known, again, err)
		}
	}
	if _, err := s.Service.Get(t.Context(), s.call, id(9), []string{"*"}); !errors.Is(err, task.ErrNotFound) {
		t.Errorf("reading nothing: %v", err)
	}
}

func TestACallIsInItsOwnZoneElseTheOwnersElseTheDefault(t *testing.T) {
	s := newSite()
	s.now = time.Date(2026, 3, 10, 22, 0, 0, 0, time.UTC)
	today := func(c task.Call) string {
		r, err := s.Service.Create(t.Context(), c, []task.Patch{titled("x")}, false)
		if err != nil {
			t.Fatal(err)
		}
		return r.View.Today().Format(time.DateOnly) + " " + r.View.Zone.String() + " " + r.View.URL
	}
	named := func(want string) {
		t.Helper()
		settings, err := s.Service.Settings(t.Context(), s.call)
		if err != nil || settings.Zone != want {
			t.Errorf("the owner's zone is %q, %v; want %q", settings.Zone, err, want)
		}
	}
	equal(t, "by default", today(s.call), "2026-03-10 UTC https://todo.example")
	named("UTC")
	if err := s.Service.SetSettings(t.Context(), s.call, task.Settings{Zone: "Asia/Tokyo"}, nil); err != nil {
		t.Fatal(err)
	}
	equal(t, "the owner's", today(s.call), "2026-03-11 Asia/Tokyo https://todo.example")
	named("Asia/Tokyo")
	own := s.call
	own.Zone = zone(t, "America/New_York")
	equal(t, "the call's", today(own), "2026-03-10 America/New_York https://todo.example")
	s.owner.Zone = "Gone/Since" // by an update of the zones
	equal(t, "a zone that is no more", today(s.call), "2026-03-10 UTC https://todo.example")
}

func TestAZoneIsSetIfThePreconditionHolds(t *testing.T) {
	s := newSite()
	for _, c := range []struct {
		name  string
		match []string
		want  error
	}{
		{"Asia/Tokyo", []string{"Europe/Paris"}, task.ErrStale},
		{"Asia/Tokyo", []string{"Europe/Paris", "UTC"}, nil},
		{"Europe/Paris", []string{"UTC"}, task.ErrStale},
		{"Europe/Paris", []string{"*"}, nil},
		{"Europe/Paris", []string{"Europe/Paris"}, nil},
	} {
		if err := s.Service.SetSettings(t.Context(), s.call, task.Settings{Zone: c.name}, c.match); !errors.Is(err, c.want) {
			t.Errorf("setting %s if %q: %v, want %v", c.name, c.match, err, c.want)
		}
	}
	equal(t, "the zone", s.owner.Zone, "Europe/Paris")
	err := s.Service.SetSettings(t.Context(), s.call, task.Settings{Zone: "Local"}, nil)
	equal(t, "no zone", task.AsFaults(err), task.Faults{{Pointer: "/time_zone", Detail: "must be an IANA time zone such as Europe/Berlin"}})
}

func TestTheAnswerToKeepIsRenderedInsideTheWrite(t *testing.T) {
	s := newSite()
	s.call.Trace = "00-1-2-01"
	s.call.Once = &task.Once{Key: "k", Answer: func(r task.Result) []byte { return fmt.Appendf(nil, "%s %s", r.Tasks[0].Title, r.View.URL) }}
	s.create(t, titled("x"))
	equal(t, "the answer", string(s.kept), "x https://todo.example")
	equal(t, "the write", s.wrote[0].Owner+s.wrote[0].Trace+s.wrote[0].Once.Key, "alice00-1-2-01k")
	equal(t, "its time", s.wrote[0].At, noon)
}

func TestStorageThatFailsIsToldAsItIs(t *testing.T) {
	down := errors.New("down")
	q := task.Query{Sort: task.SortCreated, Limit: 9}
	for method, calls := range map[string][]func(*site) error{
		"Owner": {
			func(s *site) error { _, err := s.Service.List(t.Context(), s.call, q, nil); return err },
			func(s *site) error { _, err := s.Service.Get(t.Context(), s.call, id(1), nil); return err },
			func(s *site) error { _, err := s.Service.Settings(t.Context(), s.call); return err },
		},
		"List": {func(s *site) error { _, err := s.Service.List(t.Context(), s.call, q, nil); return err }},
		"Find": {
			func(s *site) error { _, err := s.update(t, id(1), task.Edit{Patch: titled("y")}); return err },
			func(s *site) error { _, err := s.Service.Delete(t.Context(), s.call, id(1), false, nil); return err },
			func(s *site) error {
				_, err := s.Service.Create(t.Context(), s.call, []task.Patch{{Title: task.Value("y"), ParentID: task.Value(id(1))}}, false)
				return err
			},
		},
		"Reaches": {func(s *site) error {
			_, err := s.update(t, id(1), task.Edit{Patch: task.Patch{DependsOn: task.Value([]task.ID{id(2)})}})
			return err
		}},
		"Delete": {func(s *site) error { _, err := s.Service.Delete(t.Context(), s.call, id(1), false, nil); return err }},
	} {
		for i, call := range calls {
			s := newSite()
			before := s.create(t, titled("x"), titled("z"))
			s.fails[method] = down
			if err := call(s); !errors.Is(err, down) {
				t.Errorf("%s, call %d: %v", method, i, err)
			}
			equal(t, method+": what is stored", s.tasks, before)
		}
	}
}

func TestRelationsThatCannotBeReadFailTheUpdate(t *testing.T) {
	s := newSite()
	s.create(t, titled("x"), titled("y"))
	once := failsLater{memory: s.memory, after: 1}
	s.Service.Store = &once
	if _, err := s.update(t, id(1), task.Edit{Patch: task.Patch{ParentID: task.Value(id(2))}}); !errors.Is(err, task.ErrUnavailable) {
		t.Error(err)
	}
}

func TestATaskIsCreatedFromWhatTheMomentMakesOfIt(t *testing.T) {
	s := newSite()
	s.call.Zone = time.FixedZone("ahead", 3600)
	r, err := s.Service.CreateFrom(t.Context(), s.call, func(now time.Time) (task.Patch, error) {
		return titled(now.Format(time.RFC3339)), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "title", r.Tasks[0].Title, noon.In(s.call.Zone).Format(time.RFC3339))
	equal(t, "what is stored", s.tasks, r.Tasks)
	unread := errors.New("cannot be read")
	_, err = s.Service.CreateFrom(t.Context(), s.call, func(time.Time) (task.Patch, error) { return task.Patch{}, unread })
	equal(t, "what reading says", errors.Is(err, unread), true)
	_, err = s.Service.CreateFrom(t.Context(), s.call, func(time.Time) (task.Patch, error) { return task.Patch{}, nil })
	equal(t, "faults of nothing", pointers(err), []string{"/title"})
	_, err = s.Service.CreateFrom(t.Context(), s.call, func(time.Time) (task.Patch, error) {
		return task.Patch{Title: task.Value("x"), ParentID: task.Value(id(99))}, nil
	})
	equal(t, "faults of relations", pointers(err), []string{"/parent_id"})
	equal(t, "what is stored then", len(s.tasks), 1)
	v, err := s.Service.View(t.Context(), s.call)
	if err != nil || !v.Now.Equal(noon) || v.Zone != s.call.Zone {
		t.Errorf("seen as %+v, %v", v, err)
	}
}
