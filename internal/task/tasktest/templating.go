package tasktest

import (
	"slices"
	"testing"
	"time"

	"todo-app/internal/task"
)

// template keeps one.
func (u *user) template(d task.TemplateDraft) task.Template {
	u.t.Helper()
	r, err := u.service.CreateTemplate(ctx(), u.call, d, anyDue)
	u.must("creating a template", err)
	return r.Template
}

// anyDue takes all words for tomorrow.
func anyDue(_ string, now time.Time) (task.Due, error) {
	return task.Due{At: now.AddDate(0, 0, 1)}, nil
}

var everything = task.TemplateDraft{Name: "x'\\%_\"ü", Due: "tomorrow'\\\n\u2028", Patch: task.Patch{
	Title: task.Value("t'\\%_\"\U0001f600"), Description: task.Value("\x01\n<&>"), Priority: task.Value(task.Low), Category: task.Value("c"),
	Tags: task.Value([]string{"a", "\"b\""}), Reminders: task.Value([]task.Reminder{"-P1D"}),
	Recurrence: task.Value(task.RecurrencePatch{Rule: task.Value("weekly"), From: task.Value(task.FromCompletion), SkipIfOpen: task.Value(true)}),
}}

var templating = []test{
	{"a template is kept as it was given, changed and deleted", func(t *testing.T, b *bench) {
		u := b.user(t)
		made := u.template(everything)
		equal(t, "what it says", made.Sketch, task.Sketch{Title: "t'\\%_\"\U0001f600", Description: "\x01\n<&>", Priority: task.Low, Category: "c",
			Tags: []string{"\"b\"", "a"}, Due: everything.Due, Reminders: []task.Reminder{"-P1D"}, Recurrence: task.Recurrence{Rule: "weekly", From: task.FromCompletion, SkipIfOpen: true}})
		read, err := u.service.Template(ctx(), u.call, made.Name)
		u.must("reading it", err)
		equal(t, "what is kept", read, made)
		u.clock.advance(time.Minute)
		r, err := u.service.ReplaceTemplate(ctx(), u.call, made.Name, task.TemplateDraft{Patch: titled("less")}, []string{made.Tag()}, anyDue)
		u.must("replacing it", err)
		read, err = u.service.Template(ctx(), u.call, made.Name)
		u.must("reading it", err)
		equal(t, "what is kept", read, r.Template)
		equal(t, "since when", []time.Time{read.CreatedAt, read.UpdatedAt}, []time.Time{began, began.Add(time.Minute)})
		_, err = u.service.DeleteTemplate(ctx(), u.call, made.Name, nil)
		u.must("deleting it", err)
		_, err = u.service.Template(ctx(), u.call, made.Name)
		isError(t, "reading what is gone", err, task.ErrNoTemplate)
	}},
	{"templates are listed by name, and stay with their owner", func(t *testing.T, b *bench) {
		u, other := b.user(t), b.user(t)
		names := []string{"a", "b", "é", "z", "ü"}
		for _, name := range names {
			u.template(task.TemplateDraft{Name: name, Patch: titled("x")})
		}
		other.template(task.TemplateDraft{Name: "b", Patch: titled("theirs")})
		slices.Sort(names)
		var got []string
		for after, more := "", true; more; {
			var page []task.Template
			var err error
			page, more, err = u.service.Templates(ctx(), u.call, after, 2)
			u.must("listing", err)
			for _, p := range page {
				got = append(got, p.Name)
				after = p.Name
			}
		}
		equal(t, "names", got, names)
		_, err := other.service.DeleteTemplate(ctx(), other.call, "a", nil)
		isError(t, "deleting another's", err, task.ErrNoTemplate)
		_, err = other.service.CreateFromTemplate(ctx(), other.call, "a", task.Patch{}, anyDue)
		isError(t, "using another's", err, task.ErrNoTemplate)
		read, err := u.service.Template(ctx(), u.call, "b")
		u.must("reading", err)
		equal(t, "mine", read.Title, "x")
	}},
	{"of many who take one name one has it", func(t *testing.T, b *bench) {
		u := b.user(t)
		var errs [4]error
		var all []func()
		for i := range errs {
			all = append(all, func() { _, errs[i] = u.service.CreateTemplate(ctx(), u.call, everything, anyDue) })
		}
		together(all...)
		taken := 0
		for _, err := range errs {
			if err != nil {
				taken++
				isConflict(t, "taking a name that is taken", err)
			}
		}
		equal(t, "refused", taken, len(errs)-1)
	}},
}
