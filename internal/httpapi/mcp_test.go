package httpapi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

func TestAMessageThatLastsLongerThanTheServersPatienceIsAnsweredAllTheSame(t *testing.T) {
	t.Parallel()
	const impatient = 200 * time.Millisecond // what a server gives an ordinary answer
	s := start(t)
	assist := s.api.Assist
	s.api.Assist = func(w http.ResponseWriter, r *http.Request, by httpapi.Assisted) {
		<-time.After(2 * impatient)
		assist(w, r, by)
	}
	server := httptest.NewUnstartedServer(s.api.Handler(s.api.MCP()...))
	server.Config.WriteTimeout = impatient
	server.Start()
	t.Cleanup(server.Close)
	ask(t, server.Client(), http.MethodPost, server.URL+"/mcp", ping, acceptsBoth).status(t, http.StatusOK)
}

const (
	ping        = `{"jsonrpc": "2.0", "id": 1, "method": "ping"}`
	acceptsBoth = "Accept: application/json, text/event-stream"
)

func TestOfAMessageThatTakesTooLongItIsSaidWhetherItMayHaveChangedSomething(t *testing.T) {
	t.Parallel()
	for scope, again := range map[task.Scope]string{task.ScopeRead: "2", task.ScopeWrite: ""} {
		s := start(t, func(a *httpapi.API) {
			own := a.Identify
			a.Identify = func(r *http.Request) (task.Caller, error) {
				caller, err := own(r)
				caller.Scope = scope
				return caller, err
			}
			a.Assist = func(_ http.ResponseWriter, r *http.Request, _ httpapi.Assisted) { <-r.Context().Done() }
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/mcp", strings.NewReader(ping))
		r.Header.Set("Content-Type", "application/json")
		got := httptest.NewRecorder()
		s.api.Handler(s.api.MCP()...).ServeHTTP(got, r)
		unknown := strings.Contains(got.Body.String(), task.ErrUnknownOutcome.Error())
		if got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") != again || unknown != (scope == task.ScopeWrite) {
			t.Errorf("%v: %d %v %s", scope, got.Code, got.Header(), got.Body)
		}
	}
}
