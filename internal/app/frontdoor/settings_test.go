package frontdoor_test

import (
	"strings"
	"testing"

	"todo-app/internal/app/frontdoor"
	"todo-app/internal/app/function"
)

func TestWhereFunctionsAreIsOneTemplate(t *testing.T) {
	for given, want := range map[string]string{
		"http://{function}.todo-app.svc.cluster.local": "http://list.todo-app.svc.cluster.local",
		"https://todo-{function}.example:8443":         "https://todo-list.example:8443",
		"http://{function}.todo-app/":                  "http://list.todo-app",
		"":                                             "!", "{function}": "!", "http://": "!", "http://todo.example": "!", "ftp://{function}.example": "!",
		"http://{function}.{function}.example": "!", "http://example/{function}": "!", "http://{function}.example/path": "!", "http://{function}.example?a": "!",
		"http://{function}.example#a": "!", "http://user:hunter2@{function}.example": "!", "http://{function} example": "!", "http://a:{function}": "!",
	} {
		t.Setenv("TODO_AUTH", "none")
		t.Setenv("TODO_FUNCTION_URL", given)
		s, err := frontdoor.ReadSettings()
		if want == "!" {
			if err == nil || !strings.HasPrefix(err.Error(), "TODO_FUNCTION_URL is required: ") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%q: %v", given, err)
			}
		} else if err != nil {
			t.Errorf("%q: %v", given, err)
		} else if u := s.FunctionURL(function.List); u.Scheme+"://"+u.Host != want {
			t.Errorf("%q: the list is at %v", given, u)
		}
	}
}

func TestEverythingWrongWithTheDoorsSettingsIsListedAtOnce(t *testing.T) {
	for name, value := range map[string]string{"TODO_FUNCTION_URL": "x", "TODO_FUNCTION_CONCURRENCY": "0", "TODO_AUTH": "off", "PORT": "http"} {
		t.Setenv(name, value)
	}
	_, err := frontdoor.ReadSettings()
	for _, name := range []string{"TODO_FUNCTION_URL", "TODO_FUNCTION_CONCURRENCY", "TODO_AUTH", "PORT"} {
		if err == nil || strings.Count(err.Error(), name+" ") != 1 {
			t.Errorf("%s is not named once in\n%v", name, err)
		}
	}
}
