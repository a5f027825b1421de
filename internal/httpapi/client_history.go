package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"todo-app/internal/task"
)

// History is a page of the changes of one task, oldest first.
type History struct {
	Entries []HistoryEntry
	Next    string // URL of the next page, "" on the last
}

// HistoryEntry is one change of a task.
type HistoryEntry struct {
	At     time.Time                     `json:"at"`
	Actor  string                        `json:"actor"`
	Change task.Change                   `json:"change"`
	Fields map[string][2]json.RawMessage `json:"fields"` // from what to what, by member
}

// History returns the beginning of a task's history.
func (c *Client) History(ctx context.Context, id task.ID) (History, error) {
	return c.history(ctx, pathOf(id)+"/history")
}

// NextHistory returns the page that follows one, as Next does.
func (c *Client) NextHistory(ctx context.Context, h History) (History, error) {
	target, err := c.target(h.Next)
	if err != nil {
		return History{}, err
	}
	return c.history(ctx, target)
}

func (c *Client) history(ctx context.Context, target string) (h History, err error) {
	response, err := c.do(ctx, http.MethodGet, target, nil, "", &h.Entries)
	if err == nil {
		h.Next = nextOf(response)
	}
	return h, err
}
