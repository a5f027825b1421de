package httpapi

import (
	"context"
	"net/http"
)

// Stats are the numbers that describe the caller's tasks. All but Total,
// Archived, CreatedToday and CompletedToday are about those that are not
// archived.
type Stats struct {
	Total            int64            `json:"total"`
	Active           int64            `json:"active"`
	Pending          int64            `json:"pending"`
	Completed        int64            `json:"completed"`
	Archived         int64            `json:"archived"`
	CompletionRate   float64          `json:"completion_rate"` // percent
	ByPriority       map[string]int64 `json:"by_priority"`
	ByCategory       map[string]int64 `json:"by_category"` // the largest ones
	Categories       int64            `json:"categories"`  // how many there are
	Overdue          int64            `json:"overdue"`
	Today            int64            `json:"today"`
	Tomorrow         int64            `json:"tomorrow"`
	ThisWeek         int64            `json:"this_week"`
	NoDueDate        int64            `json:"no_due_date"`
	Root             int64            `json:"root"`
	Subtasks         int64            `json:"subtasks"`
	WithDependencies int64            `json:"with_dependencies"`
	Recurring        int64            `json:"recurring"`
	CreatedToday     int64            `json:"created_today"`
	CompletedToday   int64            `json:"completed_today"`
	OldestOverdue    *Task            `json:"oldest_overdue"`
}

// Trends are how much of the caller's tasks is done, and when it was.
type Trends struct {
	Overall    Done            `json:"overall"`
	ByPriority map[string]Done `json:"by_priority"`
	ByCategory map[string]Done `json:"by_category"` // the largest ones
	Categories int64           `json:"categories"`  // how many there are
	Days       []TrendDay      `json:"days"`        // oldest first, the last is today
}

// Done is how much of some tasks is completed.
type Done struct {
	Total     int64   `json:"total"`
	Completed int64   `json:"completed"`
	Percent   float64 `json:"percent"`
}

// TrendDay is how many tasks were completed on one day.
type TrendDay struct {
	Date      string `json:"date"`
	Completed int64  `json:"completed"`
}

// Stats returns how the caller's tasks stand.
func (c *Client) Stats(ctx context.Context) (s Stats, err error) {
	_, err = c.do(ctx, http.MethodGet, statsPath, nil, "", &s)
	return s, err
}

// Trends returns how they have been going.
func (c *Client) Trends(ctx context.Context) (t Trends, err error) {
	_, err = c.do(ctx, http.MethodGet, trendsPath, nil, "", &t)
	return t, err
}
