package chat

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"todo-app/internal/task"
)

// report says what came of a call.
func (w *words) report(c Call) string { return w.result(resultOf(c)) }

func (w *words) result(r result) string {
	switch {
	case r.Error != "":
		return w.refusal(r)
	case r.name == "list_tasks", r.name == "search_tasks":
		return w.list(r)
	case r.name == "today":
		return w.today(r)
	case r.name == "stats":
		return fmt.Sprintf(w.stats, counted(w.tasks, r.Stats.Active), r.Stats.Pending, r.Stats.Overdue, r.Stats.Completed)
	case r.name == "undo":
		return w.takenBack(r)
	case r.name == "bulk_tasks":
		return w.many(r)
	}
	return w.one(r)
}

func (w *words) refusal(r result) string {
	why := []string{strings.TrimSuffix(r.Message, ".")}
	if len(r.Faults) > 0 { // which say it all
		why = nil
	}
	for _, f := range r.Faults {
		why = append(why, f.Problem)
	}
	return fmt.Sprintf(w.refuse, strings.Join(why, "; "))
}

func (w *words) one(r result) string {
	var about item
	if r.Task != nil {
		about = *r.Task
	}
	said := fmt.Sprintf(w.added, w.titled(about))
	switch {
	case r.Deleted != nil:
		said = fmt.Sprintf(w.deleted, w.quoted(r.Deleted.Title))
	case r.Already:
		return fmt.Sprintf(w.already, w.quoted(about.Title))
	case r.name == "update_task":
		said = fmt.Sprintf(w.changed, w.titled(about))
	case r.name == "complete_task":
		said = fmt.Sprintf(w.completed, w.titled(about))
	}
	if r.Next != nil {
		said += " " + fmt.Sprintf(w.next, showDue(r.Next.Due))
	}
	return said + " " + w.undoing
}

// titled returns a task with what matters of it.
func (w *words) titled(i item) string {
	s := w.quoted(i.Title)
	if i.Due != "" {
		s += ", " + showDue(i.Due)
	}
	if i.Overdue {
		s += ", " + w.overdue
	}
	return s
}

// showDue writes a due as people read it: a day, or a day and a time.
func showDue(due string) string {
	if len(due) > len("2006-01-02T15:04") {
		return strings.Replace(due[:len("2006-01-02T15:04")], "T", " ", 1)
	}
	return due
}

func (w *words) list(r result) string {
	all, whole := r.list()
	if len(all) == 0 {
		return w.none
	}
	form := w.listed
	if !whole {
		form = w.listedMore
	}
	return fmt.Sprintf(form, counted(w.tasks, len(all))) + w.numbered(all)
}

func (w *words) numbered(all []item) string {
	var b strings.Builder
	for n, i := range all {
		fmt.Fprintf(&b, "\n%d. %s", n+1, w.titled(i))
		if i.Status == "completed" {
			b.WriteString(" ✓")
		}
	}
	return b.String()
}

func (w *words) today(r result) string {
	all, whole := r.list()
	said := fmt.Sprintf(w.day, r.Weekday, r.Date)
	if len(all) == 0 {
		return said + " " + w.dayFree
	}
	if !whole {
		said += " " + fmt.Sprintf(w.listedMore, counted(w.tasks, len(all)))
	}
	return said + w.numbered(all)
}

func (w *words) takenBack(r result) string {
	titles := ""
	if len(r.Titles) > 0 {
		titles = ": " + w.upTo(maxQuoted, r.Titles...)
	}
	return fmt.Sprintf(w.undone, titles)
}

func (w *words) many(r result) string {
	if r.Done == 0 && r.Refused == 0 {
		return w.nothingDone
	}
	said := fmt.Sprintf(w.bulked, counted(w.toTasks, r.Done))
	var why []string
	for _, o := range r.Results {
		if o.Result == string(task.WasRefused) && len(why) < 3 {
			why = append(why, o.Detail)
		}
	}
	if r.Refused > 0 {
		said += " " + fmt.Sprintf(w.bulkRefused, r.Refused, strings.Join(why, "; "))
	}
	if r.Done == 0 {
		return said
	}
	return said + " " + w.undoing
}

// faulty says why a line is no task.
func (w *words) faulty(faults task.Faults) string {
	details := make([]string, len(faults))
	for i, f := range faults {
		details[i] = f.Detail
	}
	return fmt.Sprintf(w.refuse, strings.Join(details, "; "))
}

// deeds says what was done until an answer had to stop.
func (w *words) deeds(done []deed) string {
	if len(done) == 0 {
		return w.nothingDone
	}
	all := make([]string, len(done))
	for i, d := range done {
		all[i] = w.acts[d.tool]
		if d.title != "" {
			all[i] += " " + w.quoted(d.title)
		}
	}
	return fmt.Sprintf(w.doneUntilThen, strings.Join(all, ", "))
}

func (w *words) turnsUsed(n int) string { return fmt.Sprintf(w.turns, n) }

// failed says why an answer had to stop.
func (w *words) failed(cause error) string {
	var f *Failure
	switch {
	case errors.As(cause, &f) && f.Kind != TooSlow:
		return fmt.Sprintf(w.modelFailed, f.Error())
	case errors.As(cause, &f):
		return w.tooLong
	case errors.Is(cause, context.Canceled): // who reads it later
		return w.callerGone
	}
	return w.storageFailed
}
