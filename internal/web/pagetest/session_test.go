package pagetest

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"todo-app/internal/app/function"
	"todo-app/internal/auth"
	"todo-app/internal/pgserver"
	"todo-app/internal/postgres"
	"todo-app/internal/postgres/postgrestest"
	"todo-app/internal/task"
)

func TestAServiceThatAsksWhoCallsGetsAKey(t *testing.T) {
	s := serve(t, function.APIKey)
	s.key = keyOf(t, s.database)
	s.does(t, "POST", "/api/v1/tasks", map[string]any{"title": "mine"})
	p := visit(t, s.url+"/#all")
	p.writes("API key", "todo_nonsense"+kb.Enter)
	p.until("a refusal", func() bool { return asks[bool](p, "!!document.querySelector('[role=alert]')") })
	p.photograph("signin")
	p.writes("API key", s.key+kb.Enter)
	p.lists("mine")
	p.do(chromedp.Reload())
	p.lists("mine")
	if asks[bool](p, "localStorage.length > 0") {
		t.Error("the key is kept, and nobody asked for that")
	}
	p.clicks("link", "Settings")
	p.clicks("button", "Sign out")
	p.sees("Paste an API key")
}

// keyOf makes an API key as an operator does.
func keyOf(t *testing.T, db postgrestest.Database) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), db.URL(pgserver.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	secret := rand.Text()
	key, err := task.NewAPIKey{Name: "test", Scope: task.ScopeWrite}.Make(auth.Local, task.ID(uuid.New()), secret, time.Now())
	if err == nil {
		err = postgres.InstallAPIKey(t.Context(), conn, key)
	}
	if err != nil {
		t.Fatal(err)
	}
	return key.Token(secret)
}
