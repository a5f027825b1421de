package assist

import (
	"context"
	"errors"
	"slices"
	"time"

	"todo-app/internal/task"
)

// undone is the answer about a step that was taken back, or done again.
type undone struct {
	Message string   `json:"message"`
	Tasks   int      `json:"tasks"`
	Titles  []string `json:"titles,omitempty"`
	Undo    *undoing `json:"undo,omitempty"`
}

// steps is the answer with what can be taken back.
type steps struct {
	Message string  `json:"message"`
	Steps   []*step `json:"steps"`
}

type step struct {
	Operation int64    `json:"operation"`
	At        string   `json:"at"`
	By        string   `json:"by,omitempty"`
	Action    string   `json:"action"`
	Tasks     int      `json:"tasks"`
	Titles    []string `json:"titles,omitempty"`
	RedoBy    int64    `json:"redo_by_operation,omitempty"` // it is undone
}

// maxSteps is how many steps are shown.
const maxSteps = 15

func undo() Tool {
	return Tool{
		Name: "undo", Title: "Undo",
		Description: "Take back a step as a whole, also a bulk or a deletion: the newest one, or the operation named. Naming the operation of an undo does the step again. " +
			"With dry_run it only shows the newest steps and their operations.",
		Params: []Param{
			{Name: "operation", Kind: Whole, Least: 1, Description: "The number of the step, as the answer of the tool that did it has it; the newest step that is not undone if not said."},
			{Name: "dry_run", Kind: Flag, Description: "Only show what can be undone."},
		},
		Destructive: true,
		plan:        planUndo,
		conflict:    "Tell the user. undo with dry_run=true shows the steps; those that changed the same tasks later have to be undone first, the newest first.",
		do: func(ctx context.Context, c *call, a args) (any, error) {
			if dry, _ := get[bool](a, "dry_run"); dry {
				return c.steps(ctx)
			}
			operation, _ := get[int64](a, "operation")
			s, err := c.Undo(ctx, operation)
			if r := new(Refusal); errors.As(err, &r) && r.Kind == NotFound {
				return nil, errNoStep
			}
			if err != nil {
				return nil, err
			}
			c.wrote = true
			message := "The step is " + string(s.Action) + ". The tool undo reverses that, with the operation given here."
			return undone{message, s.Tasks, s.Titles, &undoing{"undo", s.Operation}}, nil
		},
	}
}

var errNoStep = invalid("operation", "names no step that can be undone; undo with dry_run=true shows them")

// planUndo says which step is taken back, unless steps are only to be shown.
func planUndo(ctx context.Context, c *call, a args) (*Plan, any, error) {
	if dry, _ := get[bool](a, "dry_run"); dry {
		return nil, nil, nil
	}
	all, err := c.Steps(ctx)
	if err != nil {
		return nil, nil, err
	}
	i := NewestOpen(all)
	if operation, named := get[int64](a, "operation"); named {
		i = slices.IndexFunc(all, func(s Step) bool { return s.Operation == operation })
	}
	if i < 0 {
		return nil, nil, errNoStep
	}
	return &Plan{Arguments: encode(args{"operation": all[i].Operation}), Action: "undo", Tasks: all[i].Tasks, Titles: all[i].Titles, Step: &all[i]}, nil, nil
}

// NewestOpen returns where the newest step is that undo takes back, -1 where there
// is none.
func NewestOpen(steps []Step) int {
	return slices.IndexFunc(steps, func(s Step) bool {
		return s.open() && s.Action != task.ActUndone && s.Action != task.ActRedone
	})
}

// open reports whether somebody did the step and it is not undone.
func (s Step) open() bool { return s.UndoneBy == 0 && s.Actor != task.AutoArchiver }

func (c *call) steps(ctx context.Context) (any, error) {
	all, err := c.Steps(ctx)
	if err != nil {
		return nil, err
	}
	answer := steps{Message: "The newest steps first.", Steps: []*step{}}
	if len(all) > maxSteps {
		all = all[:maxSteps]
		answer.Message = "The newest 15 steps first; there are older ones."
	}
	for _, s := range all {
		answer.Steps = append(answer.Steps, &step{s.Operation, s.At.UTC().Format(time.RFC3339), s.Actor, string(s.Action), s.Tasks, s.Titles, s.UndoneBy})
	}
	return answer, nil
}
