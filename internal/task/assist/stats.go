package assist

import (
	"context"
	"encoding/json"
)

// figures is the answer with numbers.
type figures struct {
	Message string          `json:"message"`
	Stats   json.RawMessage `json:"stats"`
	Trends  json.RawMessage `json:"trends,omitempty"`
}

func stats() Tool {
	return Tool{
		Name: "stats", Title: "Statistics",
		Description: "Count the user's tasks: open, completed, overdue, due soon, by priority and category, created and completed today.",
		Params:      []Param{{Name: "trends", Kind: Flag, Description: "Also how much is done of each kind, and how many were completed on each of the last 30 days."}},
		ReadOnly:    true, Idempotent: true,
		do: func(ctx context.Context, c *call, a args) (any, error) {
			answer := figures{Message: "All but total, archived, created_today and completed_today leave archived tasks out."}
			var err error
			if answer.Stats, err = c.Numbers(ctx); err != nil {
				return nil, err
			}
			if trends, _ := get[bool](a, "trends"); trends {
				answer.Trends, err = c.Trends(ctx)
			}
			return answer, err
		},
	}
}
