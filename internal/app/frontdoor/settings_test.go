package frontdoor_test

import (
	"fmt"
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

func TestFunctionsThatAreNotDeployedAreNamed(t *testing.T) {
	t.Setenv("TODO_AUTH", "none")
	t.Setenv("TODO_FUNCTION_URL", "http://{function}.example")
	for given, want := range map[string]string{"": "[]", "chat": "[chat]", "mcp, chat": "[mcp chat]", "web": "!", ",": "!", "chat;mcp": "!"} {
		t.Setenv("TODO_FUNCTIONS_OFF", given)
		s, err := frontdoor.ReadSettings()
		if wrong := err != nil; wrong != (want == "!") || !wrong && fmt.Sprint(s.Off) != want {
			t.Errorf("%q: %v %v", given, s.Off, err)
		}
	}
}

func TestEverythingWrongWithTheDoorsSettingsIsListedAtOnce(t *testing.T) {
	for name, value := range map[string]string{"TODO_FUNCTION_URL": "x", "TODO_FUNCTION_CONCURRENCY": "0", "TODO_AUTH": "off", "PORT": "http", "TODO_FUNCTIONS_OFF": "chat,"} {
		t.Setenv(name, value)
	}
	_, err := frontdoor.ReadSettings()
	for _, name := range []string{"TODO_FUNCTION_URL", "TODO_FUNCTION_CONCURRENCY", "TODO_AUTH", "PORT", "TODO_FUNCTIONS_OFF"} {
		if err == nil || strings.Count(err.Error(), name+" ") != 1 {
			t.Errorf("%s is not named once in\n%v", name, err)
		}
	}
}

func TestPeopleSignInWhereTokensAreFrom(t *testing.T) {
	set := map[string]string{"TODO_FUNCTION_URL": "http://{function}.example", "TODO_AUTH": "apikey,jwt", "TODO_JWT_ISSUER": "https://issuer.example/realm",
		"TODO_JWT_AUDIENCE": "todo", "TODO_OIDC_CLIENT_ID": "page", "TODO_OIDC_SCOPE": "openid offline_access"}
	for name, value := range set {
		t.Setenv(name, value)
	}
	want := function.SignIn{APIKeys: true, Issuer: "https://issuer.example/realm", ClientID: "page", Audience: "todo", Scope: "openid offline_access"}
	if s, err := frontdoor.ReadSettings(); err != nil || s.SignIn != want {
		t.Errorf("%+v %v", s.SignIn, err)
	}
	for _, wrong := range [][2]string{{"TODO_AUTH", "apikey"}, {"TODO_JWT_ISSUER", ""}, {"TODO_JWT_ISSUER", "issuer"}, {"TODO_JWT_ISSUER", "http://issuer.example"},
		{"TODO_JWT_ISSUER", "https://me:hunter2@issuer.example"}, {"TODO_JWT_ISSUER", "https://issuer.example; script-src 'unsafe-inline'"},
		{"TODO_JWT_ISSUER", "https://*;x/"}, {"TODO_JWT_ISSUER", "https://issuer.example?a=b"}, {"TODO_OIDC_SCOPE", "profile"}} {
		t.Run(wrong[0]+"="+wrong[1], func(t *testing.T) {
			t.Setenv(wrong[0], wrong[1])
			if _, err := frontdoor.ReadSettings(); err == nil || !strings.HasPrefix(err.Error(), wrong[0]+" ") || strings.Contains(err.Error(), "hunter2") {
				t.Error(err)
			}
		})
	}
	t.Setenv("TODO_JWT_ISSUER", "http://127.0.0.1:9998")
	t.Setenv("TODO_JWT_AUDIENCE", "")
	if s, err := frontdoor.ReadSettings(); err != nil || s.SignIn.Audience != "page" {
		t.Errorf("%+v %v", s.SignIn, err)
	}
	t.Setenv("TODO_OIDC_CLIENT_ID", "")
	if s, err := frontdoor.ReadSettings(); err != nil || s.SignIn != (function.SignIn{APIKeys: true, Scope: "openid offline_access"}) {
		t.Errorf("%+v %v", s.SignIn, err)
	}
}
