package task_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"todo-app/internal/task"
)

// inDays reads a due such as "3": so many days from now.
func inDays(words string, now time.Time) (task.Due, error) {
	var days int
	if n, _ := fmt.Sscan(words, &days); n != 1 {
		return task.Due{}, errors.New("must be a number of days")
	}
	y, m, d := now.AddDate(0, 0, days).Date()
	return task.Due{At: time.Date(y, m, d, 0, 0, 0, 0, time.UTC), AllDay: true}, nil
}

func (s *site) template(t *testing.T, d task.TemplateDraft) task.Template {
	t.Helper()
	r, err := s.CreateTemplate(t.Context(), s.call, d, inDays)
	if err != nil {
		t.Fatal(err)
	}
	return r.Template
}

func (s *site) use(t *testing.T, name string, over task.Patch) (task.Task, error) {
	t.Helper()
	r, err := s.CreateFromTemplate(t.Context(), s.call, name, over, inDays)
	if err != nil {
		return task.Task{}, err
	}
	return r.Tasks[0], nil
}

var packing = task.TemplateDraft{Name: "Packing", Due: "3", Patch: task.Patch{
	Title: task.Value("Pack"), Description: task.Value("socks"), Priority: task.Value(task.High), Category: task.Value("Travel"),
	Tags: task.Value([]string{"Bag"}), Reminders: task.Value([]task.Reminder{"-P1D"}),
	Recurrence: task.Value(task.RecurrencePatch{Rule: task.Value("weekly")}),
}}

func TestATaskIsMadeOfATemplateAndOfWhatIsSaidInstead(t *testing.T) {
	s := newSite()
	made := s.template(t, packing)
	equal(t, "its name", made.Name, "packing")
	got, err := s.use(t, "PACKING", task.Patch{})
	equal(t, "an error", err, nil)
	equal(t, "the task", task.Sketch{got.Title, got.Description, got.Priority, got.Category, got.Tags, got.Due.String(), got.Reminders, task.Recurrence{}},
		task.Sketch{"Pack", "socks", task.High, "travel", []string{"bag"}, "2026-03-13", []task.Reminder{"-P1D"}, task.Recurrence{}})
	equal(t, "that it repeats", got.Recurrence.IsZero(), false)
	got, err = s.use(t, "packing", task.Patch{
		Title: task.Value("Unpack"), Description: task.Null[string](), Completed: task.Value(true), Priority: task.Value(task.Low), Category: task.Null[string](),
		Tags: task.Null[[]string](), Due: task.Null[task.Due](), Reminders: task.Null[[]task.Reminder](), Recurrence: task.Null[task.RecurrencePatch](),
		ParentID: task.Value(got.ID), DependsOn: task.Null[[]task.ID](), Order: task.Value(7.0), Archived: task.Value(false),
	})
	equal(t, "an error", err, nil)
	equal(t, "the other", []any{got.Title, got.Description, got.Completed(), got.Priority, got.Category, got.Tags, got.Due.String(), len(got.Reminders), got.Recurrence, got.Order},
		[]any{"Unpack", "", true, task.Low, "travel", []string(nil), "", 0, task.Recurrence{}, 7.0})
	_, err = s.use(t, "packing", task.Patch{Due: task.Null[task.Due]()})
	equal(t, "faults of one without a due", pointers(err), []string{"/recurrence"})
	_, err = s.use(t, "packing", task.Patch{Title: task.Value(" ")})
	equal(t, "faults of one without a title", pointers(err), []string{"/title"})
	s.sketches[0].Due = "soon"
	_, err = s.use(t, "packing", task.Patch{})
	equal(t, "faults of a due that cannot be read any more", pointers(err), []string{"/due"})
	_, err = s.use(t, "other", task.Patch{})
	equal(t, "no such template", errors.Is(err, task.ErrNoTemplate), true)
}

func TestATemplateIsMadeOfATask(t *testing.T) {
	s := newSite()
	s.call.Zone = zone(t, "Asia/Tokyo")
	plain := titled("plain")
	plain.Due = task.Value(due(t, "2026-04-01"))
	plain.Reminders = task.Value([]task.Reminder{"-PT1H", "2026-04-01T00:00:00Z"})
	daily, timed := plain, plain
	daily.Recurrence = task.Value(task.RecurrencePatch{Rule: task.Value("daily")})
	timed.Recurrence, timed.Due = daily.Recurrence, task.Value(due(t, "2026-04-01T09:30:00Z"))
	for i, made := range s.create(t, plain, daily, timed) {
		got := s.template(t, task.TemplateDraft{Name: fmt.Sprint(i), From: made.ID})
		equal(t, "its due", got.Due, []string{"", "today", "today at 09:30"}[i])
		equal(t, "its reminders", got.Reminders, []task.Reminder{"-PT1H"})
		equal(t, "its recurrence", got.Recurrence, made.Recurrence)
	}
	_, err := s.CreateTemplate(t.Context(), s.call, task.TemplateDraft{Name: "x", From: id(99)}, inDays)
	equal(t, "faults", pointers(err), []string{"/from_task"})
	s.fails["Find"] = task.ErrUnavailable
	_, err = s.CreateTemplate(t.Context(), s.call, task.TemplateDraft{Name: "x", From: id(1)}, inDays)
	equal(t, "unavailable", errors.Is(err, task.ErrUnavailable), true)
}

// What could never be made of it is refused, by hand and of a file.
func TestATemplateHasARuleThatItsTasksCanFollow(t *testing.T) {
	s := newSite()
	for _, c := range []struct {
		rule, due string
		fits      bool
	}{
		{"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "", false},
		{"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "1", false},
		{"FREQ=HOURLY", "1", false}, // a day has no hours
		{"FREQ=HOURLY", "", true},
		{"FREQ=DAILY;UNTIL=20200101", "1", false},
		{"FREQ=DAILY;UNTIL=20200101", "", true}, // who makes a task says when
		{"monthly", "1", true},
	} {
		d := task.TemplateDraft{Name: c.rule + c.due, Due: c.due, Patch: titled("x")}
		d.Patch.Recurrence = task.Value(task.RecurrencePatch{Rule: task.Value(c.rule)})
		_, byHand := s.CreateTemplate(t.Context(), s.call, d, inDays)
		d.Name += "."
		_, ofFile := s.Service.AdoptTemplate(t.Context(), s.call, task.ImportTemplate{TemplateDraft: d}, inDays)
		for _, err := range []error{byHand, ofFile} {
			if fits := err == nil; fits != c.fits || !fits && pointers(err)[0] != "/recurrence/rule" {
				t.Errorf("%s from %q: %v", c.rule, c.due, err)
			}
		}
	}
}

func TestEverythingWrongWithATemplateIsListedAtOnce(t *testing.T) {
	s := newSite()
	for _, name := range []string{"", " ", ".x", "a/b", strings.Repeat("x", 51), "\x00"} {
		_, err := s.CreateTemplate(t.Context(), s.call, task.TemplateDraft{Name: name, Due: "soon", Patch: task.Patch{
			Reminders:  task.Value([]task.Reminder{"-P1D", "2026-04-01T00:00:00Z"}),
			Recurrence: task.Value(task.RecurrencePatch{SkipIfOpen: task.Value(true)}),
		}}, inDays)
		equal(t, "faults", pointers(err), []string{"/title", "/due", "/reminders/1", "/recurrence/rule", "/name"})
	}
	long := packing
	long.Due = strings.Repeat("1", 201)
	_, err := s.CreateTemplate(t.Context(), s.call, long, inDays)
	equal(t, "faults", pointers(err), []string{"/due"})
}

func TestATemplateKeepsItsNameAndCountsItsChanges(t *testing.T) {
	s := newSite()
	first := s.template(t, packing)
	var conflict *task.Conflict
	_, err := s.CreateTemplate(t.Context(), s.call, packing, inDays)
	equal(t, "a name that is taken", errors.As(err, &conflict), true)
	replace := func(d task.TemplateDraft, match ...string) (task.Template, error) {
		r, err := s.ReplaceTemplate(t.Context(), s.call, "Packing", d, match, inDays)
		return r.Template, err
	}
	same, err := replace(packing, first.Tag())
	equal(t, "one that says the same", same.Version, int64(1))
	equal(t, "an error", err, nil)
	s.now = s.now.Add(-time.Hour) // another pod's clock was ahead
	changed, err := replace(task.TemplateDraft{Patch: titled("Pack less")})
	equal(t, "an error", err, nil)
	equal(t, "its version and time", []any{changed.Version, changed.UpdatedAt}, []any{int64(2), noon})
	_, err = replace(packing, first.Tag())
	equal(t, "stale", errors.Is(err, task.ErrStale), true)
	_, err = replace(task.TemplateDraft{})
	equal(t, "faults", pointers(err), []string{"/title"})
	read, err := s.Service.Template(t.Context(), s.call, "PACKING")
	equal(t, "an error", err, nil)
	equal(t, "what is kept", read, changed)
	_, err = s.DeleteTemplate(t.Context(), s.call, "packing", []string{first.Tag()})
	equal(t, "stale", errors.Is(err, task.ErrStale), true)
	_, err = s.DeleteTemplate(t.Context(), s.call, "packing", []string{"*"})
	equal(t, "an error", err, nil)
	_, err = s.DeleteTemplate(t.Context(), s.call, "packing", nil)
	equal(t, "gone", errors.Is(err, task.ErrNoTemplate), true)
	_, err = replace(packing)
	equal(t, "gone", errors.Is(err, task.ErrNoTemplate), true)
}

func TestTemplatesAreReadByNameAndBounded(t *testing.T) {
	s := newSite()
	for i := range task.MaxTemplates {
		s.template(t, task.TemplateDraft{Name: fmt.Sprintf("%04d", i), Patch: titled("x")})
	}
	var conflict *task.Conflict
	_, err := s.CreateTemplate(t.Context(), s.call, packing, inDays)
	equal(t, "one too many", errors.As(err, &conflict), true)
	page, more, err := s.Service.Templates(t.Context(), s.call, "0997", 2)
	equal(t, "an error", err, nil)
	equal(t, "the last page", []any{page[0].Name, len(page), more}, []any{"0998", 2, false})
	_, more, _ = s.Service.Templates(t.Context(), s.call, "0996", 2)
	equal(t, "more", more, true)
	for _, method := range []string{"CountTemplates", "Template"} {
		s.fails[method] = task.ErrUnavailable
		_, err = s.CreateTemplate(t.Context(), s.call, packing, inDays)
		equal(t, "unavailable", errors.Is(err, task.ErrUnavailable), true)
	}
	_, err = s.DeleteTemplate(t.Context(), s.call, "packing", nil)
	equal(t, "unavailable", errors.Is(err, task.ErrUnavailable), true)
}
