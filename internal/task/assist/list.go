package assist

import (
	"context"
	"net/url"
	"strconv"

	"todo-app/internal/task"
)

// listed is the answer that has tasks.
type listed struct {
	Message string   `json:"message"`
	Tasks   []*shown `json:"tasks"`
	Next    string   `json:"next_cursor,omitempty"`
}

// status is the parameter that narrows a list by whether tasks are done.
var status = Param{Name: "status", Kind: Text, Enum: []string{"all", "pending", "completed"}, Description: "Whether tasks that are to be done or that are done; all if not said."}

// archived is the parameter that narrows a list by whether tasks are put away.
var archived = Param{Name: "archived", Kind: Text, Enum: []string{"false", "true", "all"}, Description: "Whether they are archived; false if not said."}

// conditions narrow a list. Those named as in the contract are passed on.
var conditions = []Param{
	status,
	{Name: "due", Kind: Text, Enum: []string{"overdue", "today", "tomorrow", "week", "month", "none"},
		Description: "When they are due, by the user's clock: today is the whole day, week the seven days from today on, none without a due."},
	{Name: "due_after", Kind: Text, Description: "Due after that: a day (2026-12-01) or an RFC 3339 time."},
	{Name: "due_before", Kind: Text, Description: "Due before that: a day or an RFC 3339 time."},
	{Name: "priority", Kind: Text, Enum: []string{"high", "medium", "low"}, Description: "Their priority."},
	{Name: "category", Kind: Text, Description: "Their category."},
	{Name: "tags", Kind: Texts, Most: task.MaxTags, Description: "Tags that all of them have."},
	{Name: "parent_id", Kind: Text, Description: "The task that they are subtasks of; none for those that are no subtasks."},
	{Name: "blocked", Kind: Flag, Description: "Whether they wait for others that are open."},
	archived,
}

// paging says which part of a list is wanted.
var paging = []Param{
	{Name: "limit", Kind: Whole, Least: 1, Most: 100, Description: "How many tasks at most; 20 if not said."},
	{Name: "cursor", Kind: Text, Description: "The next_cursor of the answer before, to go on from there with the same conditions."},
}

const defaultLimit = 20

func listTasks() Tool {
	return Tool{
		Name: "list_tasks", Title: "List tasks",
		Description: "List the user's tasks, all of them or those that meet all conditions. Descriptions are left out: read one task at todo://tasks/{id}, or search_tasks for its words.",
		Params: with(conditions, with(paging, Param{Name: "sort", Kind: Text,
			Enum:        []string{"created", "-created", "updated", "-updated", "due", "-due", "priority", "-priority", "title", "-title", "order", "-order"},
			Description: "What comes first: the earliest, the highest priority, or with a minus sign the other end; created if not said."})...),
		ReadOnly: true, Idempotent: true,
		do: func(ctx context.Context, c *call, a args) (any, error) { return c.list(ctx, a, "") },
	}
}

// list answers with a page of tasks, with a query if it is not "".
func (c *call) list(ctx context.Context, a args, query string) (any, error) {
	params, err := c.conditions(ctx, a)
	if err != nil {
		return nil, err
	}
	limit, given := get[int64](a, "limit")
	if !given {
		limit = defaultLimit
	}
	params.Set("limit", strconv.FormatInt(limit, 10))
	for _, name := range []string{"sort", "cursor"} {
		if s, given := get[string](a, name); given && s != "" {
			params.Set(name, s)
		}
	}
	if query != "" {
		params.Set("q", query)
	}
	page, err := c.List(ctx, params)
	if err != nil {
		return nil, err
	}
	answer := listed{Message: counted(len(page.Tasks), page.Next), Next: page.Next}
	answer.Tasks, err = c.showAll(ctx, page.Tasks)
	return answer, err
}

func counted(n int, next string) string {
	message := tasks(n) + "."
	if next != "" {
		message += " There are more: call again with next_cursor as cursor."
	}
	return message
}

// tasks counts tasks in words.
func tasks(n int) string {
	if n == 1 {
		return "1 task"
	}
	return strconv.Itoa(n) + " tasks"
}

// conditions returns the query parameters of the conditions that are given.
func (c *call) conditions(ctx context.Context, a args) (url.Values, error) {
	params := url.Values{}
	for _, p := range conditions {
		switch value := a[p.Name].(type) {
		case string:
			params.Set(p.Name, value)
		case bool:
			params.Set(p.Name, strconv.FormatBool(value))
		case []string: // tags
			params["tag"] = value
		}
	}
	if parent := params.Get("parent_id"); parent != "" {
		params.Del("parent_id")
		if parent != "none" {
			id, err := c.named(ctx, "parent_id", parent)
			if err != nil {
				return nil, err
			}
			parent = id.String()
		}
		params.Set("parent", parent)
	}
	return params, nil
}
