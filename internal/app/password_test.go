package app_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"todo-app/internal/app"
)

func TestPasswordsAreLinesWhileOneIsChanged(t *testing.T) {
	lines := secretFile(t, "new\r\n\nold\n")
	environment(t, map[string]string{"DATABASE_URL": "postgres://todo_app@db/todo", "DATABASE_PASSWORD_FILE": lines, "TODO_AUTH": "none", "TODO_APP_PASSWORD_FILE": lines})
	s, err := app.FunctionSettings()
	if diff := cmp.Diff([]string{"new", "old"}, s.DatabasePasswords); diff != "" || err != nil || s.DatabaseURL != "postgres://todo_app:new@db/todo" {
		t.Error(s.DatabaseURL, err, diff)
	}
	if given, err := app.ReadRolePasswords(); err != nil || given.App != "new" || given.Sweep != "" {
		t.Errorf("a migration gives %+v, %v", given, err)
	}
}

func TestAPasswordOfItsOwnCompletesItsURL(t *testing.T) {
	for name, c := range map[string]struct {
		set             map[string]string
		database, redis string
		faults          []string
	}{
		"both": {map[string]string{
			"DATABASE_URL": "postgres://todo_app@db:5432/todo?sslmode=disable", "DATABASE_PASSWORD": "p@ss/w?rd%",
			"REDIS_URL": "redis://cache:6379/2", "REDIS_PASSWORD": "secret",
		}, "postgres://todo_app:p%40ss%2Fw%3Frd%25@db:5432/todo?sslmode=disable", "redis://:secret@cache:6379/2", nil},
		"in a file": {map[string]string{"DATABASE_URL": "postgres://todo_app@db/todo", "DATABASE_PASSWORD_FILE": secretFile(t, "secret\n")}, "postgres://todo_app:secret@db/todo", "", nil},
		"in a file that nobody has to have": {map[string]string{"DATABASE_URL": "postgres://todo_app@db/todo", "REDIS_URL": "redis://cache",
			"REDIS_PASSWORD_FILE": filepath.Join(t.TempDir(), "none")}, "postgres://todo_app@db/todo", "redis://cache", nil},
		"without a URL":         {map[string]string{"DATABASE_URL": "postgres://todo_app@db/todo", "REDIS_PASSWORD": "secret"}, "postgres://todo_app@db/todo", "", nil},
		"beside one in the URL": {map[string]string{"DATABASE_URL": "postgres://todo_app:one@db/todo", "DATABASE_PASSWORD": "two"}, "", "", []string{"DATABASE_PASSWORD"}},
		"for what is no URL":    {map[string]string{"DATABASE_URL": "host=db user=todo_app", "DATABASE_PASSWORD": "secret"}, "", "", []string{"DATABASE_URL"}},
		"for what is malformed": {map[string]string{"DATABASE_URL": "postgres://todo_app@db:port/todo", "DATABASE_PASSWORD": "secret"}, "", "", []string{"DATABASE_URL"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.set["TODO_AUTH"] = "none"
			environment(t, c.set)
			s, err := app.FunctionSettings()
			if diff := cmp.Diff(c.faults, faults(err)); diff != "" {
				t.Error(diff, err)
			}
			if err == nil && (s.DatabaseURL != c.database || s.RedisURL != c.redis) {
				t.Errorf("got %s and %s", s.DatabaseURL, s.RedisURL)
			}
		})
	}
}
