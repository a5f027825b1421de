package assist

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"todo-app/internal/task"
)

// Plan is what a call would do that takes away, changes many tasks or undoes, for
// somebody to say yes to.
type Plan struct {
	// Arguments have the tool do exactly that, whenever it is: tasks by their
	// whole ids, in place of a filter, and days by their dates.
	Arguments json.RawMessage
	Action    string   // delete, undo, or that of a bulk
	Tasks     int      // that would be changed, at least 1
	Titles    []string // of some of them
	Step      *Step    // that is undone; nil for what is no undo
	// Related are the titles of tasks that a bulk sets as parent and as
	// dependencies, by their ids, of the first of many; "" of what is no task.
	Related map[string]string
}

// maxPlanned is how many tasks of a plan, and of those that it sets as
// dependencies, are looked up for their titles.
const maxPlanned = 5

// Plan says what a call would do, and does nothing. The plan is nil for
// a call that nobody has to say yes to; and where the result has a JSON, which
// is then the answer: a refusal, or that nothing would be changed.
func (t Tool) Plan(ctx context.Context, tasks Tasks, arguments []byte) (p *Plan, r Result, cause error) {
	if t.plan == nil {
		return nil, Result{}, nil
	}
	c := &call{Tasks: tasks}
	a, err := decode(t.Params, arguments)
	var answer any
	if err == nil {
		p, answer, err = t.plan(ctx, c, a)
	}
	switch {
	case err != nil:
		return nil, Result{JSON: encode(c.refused(ctx, t, err)), Refused: true}, err
	case answer != nil:
		return nil, Result{JSON: encode(answer)}, nil
	}
	return p, Result{}, nil
}

// planBulk says what a bulk changes, unless that is all it is to say.
func planBulk(ctx context.Context, c *call, a args) (*Plan, any, error) {
	b, err := c.bulk(ctx, a)
	if err != nil || b.DryRun {
		return nil, nil, err
	}
	b.DryRun = true
	titles, err := c.titles(ctx, b)
	if err != nil {
		return nil, nil, err
	}
	outcomes, err := c.Bulk(ctx, b)
	if err != nil {
		return nil, nil, err
	}
	var ids []task.ID
	for _, o := range outcomes {
		if o.Result == task.WasDone {
			ids = append(ids, o.ID)
		}
	}
	if len(ids) == 0 {
		answer := resulting(b, outcomes, titles)
		answer.Message = nothing
		return nil, answer, nil
	}
	related, err := c.related(ctx, b.Set)
	if err != nil {
		return nil, nil, err
	}
	p := &Plan{Action: string(b.Action), Tasks: len(ids), Arguments: encode(settled(a, b, ids)), Related: related}
	for _, id := range ids[:min(len(ids), maxPlanned)] {
		title, known := titles[id]
		if !known {
			if title, err = c.title(ctx, id); err != nil {
				return nil, nil, err
			}
		}
		p.Titles = append(p.Titles, cmp.Or(title, id.String())) // it is gone by now
	}
	return p, nil, nil
}

// title returns what a task is called, "" if there is none. What cannot be named
// is not asked about: nobody can judge an id.
func (c *call) title(ctx context.Context, id task.ID) (string, error) {
	t, err := c.Get(ctx, id)
	if r := new(Refusal); err != nil && !(errors.As(err, &r) && r.Kind == NotFound) {
		return "", err
	}
	return t.Title, nil
}

// related looks up what Plan.Related has.
func (c *call) related(ctx context.Context, set task.Patch) (map[string]string, error) {
	ids := slices.Clone(set.DependsOn.Value[:min(len(set.DependsOn.Value), maxPlanned)])
	if !set.ParentID.Value.IsZero() {
		ids = append(ids, set.ParentID.Value)
	}
	titles := map[string]string{}
	for _, id := range ids {
		title, err := c.title(ctx, id)
		if err != nil {
			return nil, err
		}
		titles[id.String()] = title
	}
	return titles, nil
}

// settled returns arguments of a bulk that mean the same at any time: what was
// read of them, written down.
func settled(a args, b Bulk, ids []task.ID) args {
	fixed := args{"action": string(b.Action), "task_ids": texts(ids), "dry_run": false}
	given, setting := get[args](a, "set")
	if !setting {
		return fixed
	}
	set := maps.Clone(given)
	if due := b.Set.Due; due.Set && !due.Null {
		set["due"] = due.Value.String()
	}
	if rule := b.Set.Recurrence.Value.Rule; rule.Set && !rule.Null {
		set["recurrence"] = rule.Value
	}
	if from := b.Set.Recurrence.Value.From; from.Set && !from.Null { // words say that, too: every! 3 days
		set["recurrence_from"] = string(from.Value)
	}
	if parent := b.Set.ParentID; parent.Set && !parent.Null {
		set["parent_id"] = parent.Value.String()
	}
	if depends := b.Set.DependsOn; depends.Set && !depends.Null {
		set["depends_on"] = texts(depends.Value)
	}
	fixed["set"] = set
	return fixed
}

func texts(ids []task.ID) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = id.String()
	}
	return all
}
