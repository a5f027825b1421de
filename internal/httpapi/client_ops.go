package httpapi

import (
	"context"
	"net/http"

	"todo-app/internal/scaling"
)

// Scaling returns how the functions scale, to an operator.
func (c *Client) Scaling(ctx context.Context) (s scaling.Report, err error) {
	_, err = c.do(ctx, http.MethodGet, scalingPath, nil, "", &s)
	return s, err
}
