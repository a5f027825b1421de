package assist

import (
	"context"
	"net/url"
	"strconv"

	"todo-app/internal/task"
)

// day is the answer about today.
type day struct {
	Message string   `json:"message"`
	Date    string   `json:"date"`
	Weekday string   `json:"weekday"`
	Now     string   `json:"now"`
	Zone    string   `json:"time_zone"`
	Overdue []*shown `json:"overdue"`
	Today   []*shown `json:"due_today"`
	More    bool     `json:"more,omitempty"` // than are shown
}

// maxDay is how many tasks of either kind a day shows.
const maxDay = 50

func today() Tool {
	return Tool{
		Name: "today", Title: "Today",
		Description: "What day and time it is for the user, and their open tasks that are overdue or due today. Call it before anything that depends on dates.",
		ReadOnly:    true, Idempotent: true,
		do: func(ctx context.Context, c *call, _ args) (any, error) { return c.today(ctx) },
	}
}

func (c *call) today(ctx context.Context) (d day, err error) {
	v, err := c.viewed(ctx)
	if err != nil {
		return d, err
	}
	now := v.Now.In(v.Zone)
	d = day{Date: now.Format("2006-01-02"), Weekday: now.Weekday().String(), Now: stamp(v.Now, v.Zone), Zone: v.Zone.String()}
	read := func(window task.DueWindow) (all []*shown, err error) {
		page, err := c.List(ctx, url.Values{"due": {string(window)}, "status": {"pending"}, "sort": {"due"}, "limit": {strconv.Itoa(maxDay)}})
		if err != nil {
			return nil, err
		}
		d.More = d.More || page.Next != ""
		// What is overdue since this morning is also due today; it is told once.
		kept := page.Tasks[:0]
		for _, t := range page.Tasks {
			if window == task.DueOverdue || !t.Overdue {
				kept = append(kept, t)
			}
		}
		return c.showAll(ctx, kept)
	}
	if d.Overdue, err = read(task.DueOverdue); err != nil {
		return d, err
	}
	if d.Today, err = read(task.DueToday); err != nil {
		return d, err
	}
	d.Message = strconv.Itoa(len(d.Overdue)) + " overdue, " + strconv.Itoa(len(d.Today)) + " due today."
	if d.More {
		d.Message += " There are more: list_tasks with due has them all."
	}
	return d, nil
}
