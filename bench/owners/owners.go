// Package owners puts the functions together for many owners. The functions
// themselves serve one owner while they ask for no credentials; everything
// behind that, from the endpoints to storage, is the same here.
package owners

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
	"go.uber.org/zap"

	"todo-app/internal/httpapi"
	"todo-app/internal/serve"
	"todo-app/internal/task"
)

// Header names the owner of a request.
const Header = "X-Owner"

// Handler serves the create, list and update functions from a store.
func Handler(store task.Store, log *zap.Logger) http.Handler {
	metrics := serve.NewMetrics()
	api := &httpapi.API{
		Tasks: &task.Service{Store: store, Now: time.Now, NewID: newID, Zone: time.UTC, Zones: &task.Zones{}},
		Identify: func(r *http.Request) (task.Caller, error) {
			return task.Caller{Owner: r.Header.Get(Header), Scope: task.ScopeWrite}, nil
		},
		URL: func(r *http.Request) string { return "http://" + r.Host },
		Log: log,
		Observe: func(method, pattern string) func(int, time.Duration) {
			return metrics.Endpoint(method, pattern).Observe
		},
		Request: serve.WithRequest,
		Ready:   func(context.Context) error { return nil },
		Changed: func(string) {}, // as without a sink
		Started: time.Now(),
	}
	return api.Handler(slices.Concat(api.Create(), api.List(), api.Update())...)
}

func newID() task.ID { return task.ID(uuid.Must(uuid.NewV7())) }
