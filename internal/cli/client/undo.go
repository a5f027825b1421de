package client

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"todo-app/internal/cli/terminal"
	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

func (p *Program) undo() *cobra.Command {
	list := false
	c := &cobra.Command{
		Use:   "undo [NUMBER]",
		Short: "Take back what was done last, or do it again",
		Long: `Take back what was done last: every task, template and setting that it changed
is as it was before, also tasks that were deleted. Doing so again takes back
what was done before that, up to fifty steps. A number, as --list shows them,
names another step; the number of an undo does again what that took back.

What has changed since is not lost: the step is refused then, with exit code 4.`,
		Example: `  todo undo
  todo undo --list
  todo undo 42`,
		Args: cobra.MaximumNArgs(1),
	}
	c.Flags().BoolVar(&list, "list", false, "show what can be taken back")
	return p.verb(c, func(ctx context.Context, s *session, args []string) error {
		if list {
			if len(args) > 0 {
				return misused("--list shows all steps: leave the number out")
			}
			return s.listOperations(ctx)
		}
		var number int64
		if len(args) > 0 {
			var err error
			if number, err = strconv.ParseInt(args[0], 10, 64); err != nil || number < 1 {
				return misused("%q is no number of a step: todo undo --list shows them", args[0])
			}
		}
		done, err := s.client.Undo(ctx, number)
		switch {
		case err != nil:
			return err
		case s.json:
			return s.printJSON(s.answer)
		}
		again := "again"
		if done.Action == task.ActRedone {
			again = "back"
		}
		s.line(fmt.Sprintf("%-10s %s", done.Action, about(done.Tasks, done.Titles)))
		s.line(fmt.Sprintf("%-10s todo undo %d", again, done.Operation))
		return nil
	})
}

// about says what a step was about.
func about(tasks int, titles []string) string {
	if tasks == 0 && len(titles) == 0 {
		return "the settings"
	}
	text := strings.Join(titles, ", ")
	if more := tasks - len(titles); more > 0 && len(titles) > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// operationColumns are those of a list of steps.
var operationColumns = []terminal.Column{
	{Title: "NUMBER"}, {Title: "WHEN", Spare: 2}, {Title: "BY", Spare: 3, Most: 16}, {Title: "WHAT"}, {Title: "AGAIN", Spare: 1}, {Title: "TASKS", Grows: true},
}

func (s *session) listOperations(ctx context.Context) error {
	steps, err := s.client.Operations(ctx)
	switch {
	case err != nil:
		return err
	case s.json:
		return s.printJSON(s.answer)
	}
	rows := make([][]terminal.Cell, len(steps))
	for i, o := range steps {
		rows[i] = s.operation(o)
	}
	return s.out.Table(operationColumns, rows)
}

func (s *session) operation(o httpapi.Operation) []terminal.Cell {
	row := []terminal.Cell{
		{Text: strconv.FormatInt(o.Operation, 10), Style: terminal.Name}, {Text: moment(o.At, s.view)}, {Text: o.Actor}, {Text: string(o.Action)}, {},
		{Text: about(o.Tasks, o.Titles)},
	}
	if o.UndoneBy != nil { // the number that does it again
		row[4].Text = strconv.FormatInt(*o.UndoneBy, 10)
		row[5].Style = terminal.Faint
	}
	return row
}
