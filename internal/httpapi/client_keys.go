package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"todo-app/internal/task"
)

// CreateKey makes an API key. Its Token is told this once.
func (c *Client) CreateKey(ctx context.Context, name string, scope task.Scope, expires time.Time) (k APIKey, err error) {
	body, err := json.Marshal(struct {
		Name      string     `json:"name"`
		Scope     task.Scope `json:"scope"`
		ExpiresAt *time.Time `json:"expires_at"`
	}{name, scope, orNull(expires)})
	if err == nil {
		_, err = c.do(ctx, http.MethodPost, keysPath, body, "", &k)
	}
	return k, err
}

// Keys returns the caller's API keys, oldest first.
func (c *Client) Keys(ctx context.Context) (keys []APIKey, err error) {
	_, err = c.do(ctx, http.MethodGet, keysPath, nil, "", &keys)
	return keys, err
}

// RevokeKey ends an API key.
func (c *Client) RevokeKey(ctx context.Context, id task.ID) error {
	_, err := c.do(ctx, http.MethodDelete, keysPath+"/"+id.String(), nil, "", nil)
	return err
}
