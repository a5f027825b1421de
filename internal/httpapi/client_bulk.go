package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"todo-app/internal/task"
)

// Bulk is one action on many tasks: on those with the ids, or on those that a
// list with the Filter has.
type Bulk struct {
	Action task.BulkAction
	IDs    []task.ID
	Filter url.Values // query parameters of a list
	Set    task.Patch // what task.BulkUpdate changes
	DryRun bool       // only say what would become of each
}

// Bulk does one thing to many tasks, at most task.MaxBulk, and says what became
// of each.
func (c *Client) Bulk(ctx context.Context, b Bulk) ([]Outcome, error) {
	body, err := b.encode()
	if err != nil {
		return nil, err
	}
	var became struct {
		Results []Outcome `json:"results"`
	}
	_, err = c.do(ctx, http.MethodPost, bulkPath, body, "", &became)
	return became.Results, err
}

func (b Bulk) encode() ([]byte, error) {
	members := map[string]any{"action": b.Action, "dry_run": b.DryRun}
	if b.IDs != nil {
		members["ids"] = b.IDs
	}
	if b.Filter != nil {
		filter := map[string]any{}
		for name, values := range b.Filter {
			filter[name] = values[0]
			if name == "tag" {
				filter[name] = values
			}
		}
		members["filter"] = filter
	}
	if b.Action == task.BulkUpdate {
		set, err := encodePatch(b.Set)
		if err != nil {
			return nil, err
		}
		members["set"] = json.RawMessage(set)
	}
	return json.Marshal(members)
}

// ArchiveCompleted archives all completed tasks, and counts them.
func (c *Client) ArchiveCompleted(ctx context.Context) (int, error) {
	var gone struct {
		Archived int `json:"archived"`
	}
	_, err := c.do(ctx, http.MethodPost, archiveCompletedPath, nil, "", &gone)
	return gone.Archived, err
}
