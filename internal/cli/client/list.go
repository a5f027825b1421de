package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/spf13/cobra"

	"todo-app/internal/httpapi"
)

// filters are the flags that choose and order tasks, as the API has them.
type filters struct {
	text, status, priority, category, due, dueAfter, dueBefore, parent, blocked, archived, sort string
	tags                                                                                        []string

	limit     int
	all, tree bool

	command *cobra.Command // whose flags they are
}

func (f *filters) register(p *Program, c *cobra.Command, status, sort string) {
	f.command = c
	flags := c.Flags()
	flags.StringVar(&f.status, "status", status, "pending, completed or all")
	flags.StringVar(&f.priority, "priority", "", "high, medium or low")
	flags.StringVar(&f.category, "category", "", "only this category")
	flags.StringSliceVar(&f.tags, "tag", nil, "only tasks with this tag; several times: with all of them")
	flags.StringVar(&f.dueAfter, "due-after", "", "only tasks due after this date or time")
	flags.StringVar(&f.dueBefore, "due-before", "", "only tasks due before this date or time")
	flags.StringVar(&f.parent, "parent", "", "only the subtasks of this task; none: only tasks that are no subtasks")
	flags.StringVar(&f.blocked, "blocked", "", "true: only tasks that wait for others; false: only those that do not")
	flags.StringVar(&f.archived, "archived", "", "true: only archived tasks; all: those, too")
	flags.StringVar(&f.sort, "sort", sort, "created, updated, due, priority, title or order; with a - before it, reversed")
	flags.IntVar(&f.limit, "limit", 50, "the most tasks to show")
	flags.BoolVar(&f.all, "all", false, "show all there are")
	flags.BoolVar(&f.tree, "tree", false, "show subtasks below their tasks")
	apart(c, "limit", "all")
	p.completeWords(c, "status", "pending", "completed", "all")
	p.completeWords(c, "priority", "high", "medium", "low")
	p.completeWords(c, "blocked", "true", "false")
	p.completeWords(c, "archived", "true", "false", "all")
	p.completeWords(c, "sort", "created", "updated", "due", "priority", "title", "order",
		"-created", "-updated", "-due", "-priority", "-title", "-order")
	p.completeStored(c, "category", categoriesOf)
	p.completeStored(c, "tag", tagsOf)
	p.completeTasks(c, "parent")
}

func (f *filters) registerDue(p *Program, c *cobra.Command) {
	c.Flags().StringVar(&f.due, "due", "", "overdue, today, tomorrow, week, month or none")
	p.completeWords(c, "due", "overdue", "today", "tomorrow", "week", "month", "none")
}

// conditionFlags are those flags of filters that choose tasks.
var conditionFlags = []string{"status", "priority", "category", "tag", "due", "due-after", "due-before", "parent", "blocked", "archived", "sort"}

// nonEmpty refuses conditions that were given and say nothing: they would be
// none.
func nonEmpty(c *cobra.Command) error {
	var problems []error
	for _, name := range conditionFlags {
		if blank(c, name) {
			problems = append(problems, misused("--%s must not be empty: leave it out", name))
		}
	}
	return worst(problems)
}

// params returns the filters as the API's parameters.
func (f *filters) params(ctx context.Context, s *session) (url.Values, error) {
	if err := nonEmpty(f.command); err != nil {
		return nil, err
	}
	params := url.Values{}
	for name, value := range map[string]string{
		"q": f.text, "status": f.status, "priority": f.priority, "category": f.category, "due": f.due, "due_after": f.dueAfter,
		"due_before": f.dueBefore, "blocked": f.blocked, "archived": f.archived, "sort": f.sort,
	} {
		if value != "" {
			params.Set(name, value)
		}
	}
	params["tag"] = f.tags
	if f.tree {
		params.Set("view", "tree")
	}
	switch f.parent {
	case "":
	case "none":
		params.Set("parent", "none")
	default:
		id, err := s.findOne(ctx, f.parent)
		if err != nil {
			return nil, err
		}
		params.Set("parent", id.String())
	}
	return params, nil
}

func (p *Program) list() *cobra.Command {
	var f filters
	c := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List tasks",
		Long: `List tasks: the pending ones, the most urgent due first, unless flags say
otherwise. All conditions must hold. Times are this machine's.

On a terminal the table fits the window: titles are cut, then columns that can be
spared are left away. Elsewhere nothing is cut, unless COLUMNS says how wide it
may be.`,
		Example: `  todo list
  todo list --priority high --tag home --tag garden
  todo list --due week --sort priority
  todo list --status completed --sort -updated --limit 10
  todo list --tree --all
  todo list --json --all | jq -r '.[].title'`,
		Args: cobra.NoArgs,
	}
	f.register(p, c, "pending", "due")
	f.registerDue(p, c)
	return p.verb(c, func(ctx context.Context, s *session, _ []string) error { return s.list(ctx, &f) })
}

// list writes the tasks that the filters choose.
func (s *session) list(ctx context.Context, f *filters) error {
	most := f.limit
	if f.all {
		most = 0
	} else if most < 1 {
		return misused("--limit must be 1 or more; --all shows all there are")
	}
	params, err := f.params(ctx, s)
	if err != nil {
		return err
	}
	if s.json {
		return s.listJSON(ctx, params, most)
	}
	var found []httpapi.Task
	whole, err := s.each(ctx, params, most, func(t httpapi.Task) { found = append(found, t) })
	if err != nil {
		return err
	}
	if len(found) == 0 {
		s.notice("There are none.")
		return nil
	}
	if err := s.printTasks(found); err != nil {
		return err
	}
	if !whole {
		fmt.Fprintln(s.errors, "There are more: --limit or --all shows them.")
	}
	return nil
}

// listJSON writes the tasks as they came, as one array.
func (s *session) listJSON(ctx context.Context, params url.Values, most int) error {
	out := array{s: s}
	_, err := s.pages(ctx, params, most, func(l httpapi.List) error {
		var tasks []json.RawMessage
		if err := json.Unmarshal(s.answer, &tasks); err != nil {
			return fmt.Errorf("reading a list: %w", err)
		}
		return out.add(tasks[:len(l.Tasks)]...)
	})
	if err != nil {
		return err
	}
	return out.end()
}
