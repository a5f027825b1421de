// Package assistant joins assistants to the service: the function mcp, which
// links what no other does, and what speaks for assistants elsewhere.
package assistant

import (
	"net/http"
	"time"

	"go.uber.org/zap"

	"todo-app/internal/app"
	"todo-app/internal/app/behalf"
	"todo-app/internal/app/function"
	"todo-app/internal/httpapi"
	"todo-app/internal/mcp"
	"todo-app/internal/task"
)

// Run is the main of the mcp function.
func Run() { app.Run(app.MCP, Attach) }

// Attach has an app answer the messages of assistants.
func Attach(a *app.App, log *zap.Logger) error {
	a.Assist(Serve(a.Handler(app.Create, app.List, app.Update, app.Delete), log))
	return nil
}

// Serve returns what answers the messages of assistants. Each asks endpoints in
// this process, with the caller's own credential, so that an assistant may do
// exactly what the caller may, at the same rate.
func Serve(endpoints http.Handler, log *zap.Logger) func(http.ResponseWriter, *http.Request, httpapi.Assisted) {
	return func(w http.ResponseWriter, r *http.Request, by httpapi.Assisted) {
		key := func() string { return r.Header.Get("Idempotency-Key") }
		mcp.Options{
			Tasks:    behalf.Tasks{Client: behalf.Within(endpoints, r, by.Zone, key), Zone: by.Zone, Now: time.Now},
			ReadOnly: by.Scope != task.ScopeWrite,
			Version:  function.Version,
			Log:      log,
		}.ServeHTTP(w, r)
	}
}
