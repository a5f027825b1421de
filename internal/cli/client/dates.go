package client

import (
	"fmt"
	"time"

	"todo-app/internal/cli/terminal"
	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

// when writes a due for people: the day as they would call it, and the time
// if there is one.
func when(d task.Due, v task.View) string {
	switch {
	case d.IsZero():
		return ""
	case d.AllDay:
		return day(d.At, v)
	}
	at := d.At.In(v.Zone)
	return day(midnight(at), v) + at.Format(" 15:04")
}

// moment writes a time for people, in their zone.
func moment(at time.Time, v task.View) string {
	if at.IsZero() {
		return ""
	}
	return when(task.Due{At: at}, v)
}

// midnight returns midnight UTC of the date that t shows, as dates are kept.
func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// day names a date, midnight UTC of it.
func day(date time.Time, v task.View) string {
	today := v.Today()
	switch away := int(date.Sub(today) / (24 * time.Hour)); {
	case away == -1:
		return "yesterday"
	case away == 0:
		return "today"
	case away == 1:
		return "tomorrow"
	case away > 1 && away < 7:
		return date.Format("Mon 2 Jan")
	}
	if date.Year() == today.Year() {
		return date.Format("2 Jan")
	}
	return date.Format("2 Jan 2006")
}

// dueCell shows a task's due, how late it is, and whether it comes again.
func dueCell(t httpapi.Task, v task.View) terminal.Cell {
	c := terminal.Cell{Text: when(t.Due, v)}
	switch {
	case t.Overdue:
		c.Style = terminal.Bad
	case !t.Completed() && t.Due.Equal(task.Due{At: v.Today(), AllDay: true}),
		!t.Completed() && !t.Due.AllDay && midnight(t.Due.At.In(v.Zone)).Equal(v.Today()):
		c.Style = terminal.Soon
	}
	if t.DaysOverdue > 0 {
		c.Text += fmt.Sprintf(", %dd late", t.DaysOverdue)
	}
	if !t.Recurrence.IsZero() {
		c.Text += " ↻"
	}
	return c
}
