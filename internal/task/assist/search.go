package assist

import (
	"context"
	"strings"
)

func searchTasks() Tool {
	return Tool{
		Name: "search_tasks", Title: "Search tasks",
		Description: "Find tasks by words of their titles, descriptions and tags: every word has to begin a word there; case and accents do not matter.",
		Params: with([]Param{{Name: "query", Kind: Text, Required: true, Description: "One to twenty words. Few and telling ones find more."}},
			with([]Param{status, archived}, paging...)...),
		ReadOnly: true, Idempotent: true,
		do: func(ctx context.Context, c *call, a args) (any, error) {
			query, _ := get[string](a, "query")
			if strings.TrimSpace(query) == "" {
				return nil, invalid("query", "must have a word; list_tasks lists all tasks")
			}
			return c.list(ctx, a, query)
		},
	}
}
