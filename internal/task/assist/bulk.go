package assist

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"todo-app/internal/task"
)

// bulked is the answer about many tasks.
type bulked struct {
	Message   string    `json:"message"`
	DryRun    bool      `json:"dry_run"`
	Done      int       `json:"done"` // or would be
	Unchanged int       `json:"unchanged"`
	Refused   int       `json:"refused"`
	Results   []outcome `json:"results"` // those refused first
	LeftOut   int       `json:"results_left_out,omitempty"`
	Undo      *undoing  `json:"undo,omitempty"`
}

type outcome struct {
	ID     string `json:"id"`
	Title  string `json:"title,omitempty"`
	Result string `json:"result"`
	Detail string `json:"detail,omitempty"`
}

// maxResults is how many results an answer has.
const maxResults = 100

// maxTitled is how many tasks of a bulk by filter are looked up for their
// titles.
const maxTitled = 100

// settable are the fields that are set on many tasks alike.
var settable = slices.DeleteFunc(slices.Clone(changes), func(p Param) bool { return p.Name == "order" })

func bulkTasks() Tool {
	actions := make([]string, len(task.BulkActions))
	for i, a := range task.BulkActions {
		actions[i] = string(a)
	}
	return Tool{
		Name: "bulk_tasks", Title: "Change many tasks",
		Description: "Do one thing to many tasks, at most 1000, in one step that one undo takes back: to those with task_ids, or to those that meet all conditions of filter. " +
			"By default it only says what would become of each: show that to the user, then call again with dry_run=false.",
		Params: []Param{
			{Name: "action", Kind: Text, Required: true, Enum: actions, Description: "What to do. update takes what to change from set."},
			{Name: "task_ids", Kind: Texts, Most: task.MaxBulk, Description: "Ids of the tasks."},
			{Name: "filter", Kind: Object, Description: "Conditions, instead of task_ids; at least one.",
				Members: with([]Param{{Name: "query", Kind: Text, Description: "Words, as in search_tasks."}}, conditions...)},
			{Name: "set", Kind: Object, Description: "What update changes, as in update_task.", Members: settable},
			{Name: "dry_run", Kind: Flag, Description: "Only say what would be done; true if not said."},
		},
		Destructive: true, Idempotent: true,
		plan: planBulk,
		do: func(ctx context.Context, c *call, a args) (any, error) {
			b, err := c.bulk(ctx, a)
			if err != nil {
				return nil, err
			}
			return c.carryOut(ctx, b)
		},
	}
}

// bulk reads what is to be done.
func (c *call) bulk(ctx context.Context, a args) (b Bulk, err error) {
	action, _ := get[string](a, "action")
	names, byIDs := get[[]string](a, "task_ids")
	filter, byFilter := get[args](a, "filter")
	set, setting := get[args](a, "set")
	b = Bulk{Action: task.BulkAction(action), DryRun: true}
	if dry, given := get[bool](a, "dry_run"); given {
		b.DryRun = dry
	}
	var faults task.Faults
	if byIDs == byFilter || byIDs && len(names) == 0 || byFilter && len(filter) == 0 {
		faults = append(faults, task.Fault{Pointer: "/task_ids", Detail: "give either task_ids with at least one id, or filter with at least one condition"})
	}
	if (b.Action == task.BulkUpdate) != (setting && len(set) > 0) {
		faults = append(faults, task.Fault{Pointer: "/set", Detail: "is what update changes: required with it, and not known to other actions"})
	}
	if len(faults) > 0 {
		return b, faults
	}
	if byFilter {
		b.Filter, err = c.filter(ctx, filter)
	} else {
		b.IDs, err = c.all(ctx, "task_ids", names)
		b.IDs = once(b.IDs)
	}
	if err == nil && setting {
		b.Set, err = c.patch(ctx, set, &task.Due{})
		err = under("/set", err)
	}
	return b, err
}

// under moves faults to where they are.
func under(pointer string, err error) error {
	var faults task.Faults
	if errors.As(err, &faults) {
		return faults.Under(pointer)
	}
	return err
}

// once leaves out what has been there before.
func once(ids []task.ID) []task.ID {
	seen := map[task.ID]bool{}
	return slices.DeleteFunc(ids, func(id task.ID) bool {
		before := seen[id]
		seen[id] = true
		return before
	})
}

func (c *call) filter(ctx context.Context, a args) (url.Values, error) {
	params, err := c.conditions(ctx, a)
	if err != nil {
		return nil, under("/filter", err)
	}
	if query, given := get[string](a, "query"); given {
		params.Set("q", query)
	}
	return params, nil
}

func (c *call) carryOut(ctx context.Context, b Bulk) (any, error) {
	titles, err := c.titles(ctx, b)
	if err != nil {
		return nil, err
	}
	before, err := c.newest(ctx)
	if err != nil {
		return nil, err
	}
	outcomes, err := c.Bulk(ctx, b)
	if err != nil {
		return nil, err
	}
	answer := resulting(b, outcomes, titles)
	switch {
	case b.DryRun && answer.Done > 0:
		answer.Message = "Nothing was changed yet. Marked done is what would be: to do it to " + tasks(answer.Done) + ", call again with the same arguments and dry_run=false."
	case b.DryRun && answer.Done == 0:
		answer.Message = nothing
	case answer.Done == 0:
		answer.Message = "Nothing was changed."
	default:
		answer.Message, answer.Undo = c.taken(ctx, "Done to "+tasks(answer.Done)+".", since(before))
	}
	return answer, nil
}

const nothing = "Nothing would be changed."

// resulting counts what became of tasks, or would.
func resulting(b Bulk, outcomes []task.Outcome, titles map[task.ID]string) bulked {
	answer := bulked{DryRun: b.DryRun, Results: make([]outcome, len(outcomes))}
	for i, o := range outcomes {
		answer.Results[i] = outcome{o.ID.String(), titles[o.ID], string(o.Result), o.Detail}
		switch o.Result {
		case task.WasDone:
			answer.Done++
		case task.WasUnchanged:
			answer.Unchanged++
		default:
			answer.Refused++
		}
	}
	answer.shorten()
	return answer
}

// shorten leaves results out, of tasks that were not refused as far as possible,
// and says how many.
func (b *bulked) shorten() {
	slices.SortStableFunc(b.Results, func(x, y outcome) int {
		return bit(y.Result == string(task.WasRefused)) - bit(x.Result == string(task.WasRefused))
	})
	if more := len(b.Results) - maxResults; more > 0 {
		b.Results, b.LeftOut = b.Results[:maxResults], more
	}
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// titles returns what the tasks of a filter are called, so that a model can
// say what it is about to change. Ids that were given are known already.
func (c *call) titles(ctx context.Context, b Bulk) (map[task.ID]string, error) {
	titles := map[task.ID]string{}
	if b.Filter == nil {
		return titles, nil
	}
	params := url.Values{"limit": {fmt.Sprint(maxTitled)}}
	for name, values := range b.Filter {
		params[name] = values
	}
	page, err := c.List(ctx, params)
	for _, t := range page.Tasks {
		titles[t.ID] = t.Title
	}
	return titles, err
}
