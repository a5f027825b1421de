package app_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"go.uber.org/zap"

	"todo-app/internal/app"
)

func TestWithoutSignInAnswersGoToTheMachinesOwnNamesOnly(t *testing.T) {
	for _, one := range []struct {
		auth, public, host string
		want               int
	}{
		{"", "", "localhost:8080", http.StatusServiceUnavailable}, // let in, to a database that is not there
		{"", "", "LOCALHOST", http.StatusServiceUnavailable},
		{"", "", "127.0.0.1:8080", http.StatusServiceUnavailable},
		{"", "", "[::1]:8080", http.StatusServiceUnavailable},
		{"", "", "evil.example", http.StatusMisdirectedRequest},
		{"", "", "localhost.evil.example:8080", http.StatusMisdirectedRequest},
		{"", "", "127.0.0.1.evil.example", http.StatusMisdirectedRequest},
		{"", "", "10.0.0.1", http.StatusMisdirectedRequest},
		{"", "", "", http.StatusMisdirectedRequest},
		{"", "https://todo.example", "todo.example", http.StatusServiceUnavailable},
		{"", "https://todo.example", "evil.example", http.StatusMisdirectedRequest},
		{"none", "", "todo.example", http.StatusServiceUnavailable},
		{"apikey", "", "todo.example", http.StatusUnauthorized},
	} {
		environment(t, map[string]string{"DATABASE_URL": "postgres://todo_app@127.0.0.1:1/todo", "TODO_AUTH": one.auth, "TODO_PUBLIC_URL": one.public})
		s, err := app.ServeSettings()
		if err != nil {
			t.Fatal(err)
		}
		a, err := app.New(t.Context(), s, zap.NewNop())
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodGet, "/api/v1/tasks", nil)
		r.Host = one.host
		w := httptest.NewRecorder()
		a.Handler(app.List).ServeHTTP(w, r)
		if w.Code != one.want {
			t.Errorf("auth %q, public %q, host %q: %d %s", one.auth, one.public, one.host, w.Code, w.Body)
		}
		if err := a.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
