package client

import (
	"fmt"
	"strings"

	"todo-app/internal/cli/terminal"
	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

// taskColumns are those of a list of tasks. The title is last: it is cut
// first, and nothing stands behind text that may run from the right.
var taskColumns = []terminal.Column{
	{Title: "ID"},
	{Title: "STATE", Spare: 2},
	{Title: "DUE", Spare: 1},
	{Title: "PRIORITY", Spare: 3},
	{Title: "CATEGORY", Spare: 4, Most: 16},
	{Title: "TAGS", Spare: 5, Most: 24},
	{Title: "TITLE", Grows: true},
}

// printTasks writes tasks as a table, subtasks below theirs.
func (s *session) printTasks(list []httpapi.Task) error {
	var ids []task.ID
	for _, t := range list {
		ids = append(ids, t.ID)
		for _, child := range t.Children {
			ids = append(ids, child.ID)
		}
	}
	short := tails(ids)
	var rows [][]terminal.Cell
	for _, t := range list {
		rows = append(rows, s.row(t, short, ""))
		for i, child := range t.Children {
			branch := "├ "
			if i == len(t.Children)-1 {
				branch = "└ "
			}
			rows = append(rows, s.row(child, short, branch))
		}
	}
	return s.out.Table(taskColumns, rows)
}

func (s *session) row(t httpapi.Task, short func(task.ID) string, branch string) []terminal.Cell {
	title := terminal.Cell{Text: branch + t.Title}
	if t.Subtasks.Total > 0 {
		title.Text = fmt.Sprintf("%s%s [%d/%d]", branch, t.Title, t.Subtasks.Completed, t.Subtasks.Total)
	}
	if t.Completed() || t.Archived() {
		title.Style = terminal.Faint
	}
	return []terminal.Cell{
		{Text: short(t.ID), Style: terminal.Name},
		stateCell(t),
		dueCell(t, s.view),
		priorityCell(t.Priority),
		{Text: t.Category},
		{Text: strings.Join(t.Tags, ", ")},
		title,
	}
}

// stateCell says how a task stands, nothing where it is simply open.
func stateCell(t httpapi.Task) terminal.Cell {
	switch {
	case t.Archived():
		return terminal.Cell{Text: "archived", Style: terminal.Faint}
	case t.Completed():
		return terminal.Cell{Text: "done", Style: terminal.Good}
	case t.Blocked:
		return terminal.Cell{Text: "blocked", Style: terminal.Soon}
	}
	return terminal.Cell{}
}

func priorityCell(p task.Priority) terminal.Cell {
	switch p {
	case task.High:
		return terminal.Cell{Text: p.String(), Style: terminal.Bad}
	case task.Low:
		return terminal.Cell{Text: p.String(), Style: terminal.Faint}
	}
	return terminal.Cell{Text: p.String()}
}

// toldWhole is told of a new task, with all that it is beside its title.
func (s *session) toldWhole(what string, t httpapi.Task) {
	s.told(what, t)
	var parts []string
	add := func(set bool, part string) {
		if set {
			parts = append(parts, terminal.Line(part))
		}
	}
	add(t.Priority != task.Medium, "priority "+t.Priority.String())
	add(t.Category != "other", "category "+t.Category)
	add(len(t.Tags) > 0, "tags "+strings.Join(t.Tags, ", "))
	add(!t.Recurrence.IsZero(), "repeats "+repeats(t.Recurrence))
	add(len(t.Reminders) > 0, "reminders "+joined(t.Reminders))
	add(!t.ParentID.IsZero(), "part of "+short(t.ParentID))
	add(len(t.DependsOn) > 0, fmt.Sprintf("waits for %d", len(t.DependsOn)))
	add(t.Description != "", "with a note")
	if len(parts) > 0 {
		fmt.Fprintf(s.out, "%-10s %s\n", "", s.out.Styled(terminal.Faint, strings.Join(parts, "; ")))
	}
}

// told is one line about one task, after something was done to it.
func (s *session) told(what string, t httpapi.Task) {
	line := fmt.Sprintf("%-10s %s  %s", what, s.out.Styled(terminal.Name, short(t.ID)), terminal.Line(t.Title))
	if due := when(t.Due, s.view); due != "" && !t.Completed() {
		line += s.out.Styled(terminal.Faint, ", due "+due)
	}
	fmt.Fprintln(s.out, line)
}
