package frontdoor

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"todo-app/internal/app/function"
)

// Settings are all that the environment decides. docs/settings.md lists the
// variables.
type Settings struct {
	function.Settings

	FunctionURL func(function.Name) *url.URL // where a function is
	Off         []function.Name              // functions that are not deployed
	Concurrency int                          // requests that one function is given at once
	SignIn      function.SignIn
}

// ReadSettings reads the settings. The error lists everything wrong with them.
func ReadSettings() (Settings, error) {
	e := function.SystemEnv()
	s := Settings{
		Settings:    function.ReadSettings(e, ""),
		FunctionURL: function.Parsed(e, "TODO_FUNCTION_URL", "", parseFunctionURL),
		Off:         function.Parsed(e, "TODO_FUNCTIONS_OFF", "", parseNames),
		Concurrency: e.Number("TODO_FUNCTION_CONCURRENCY", 512, 1, 100_000),
	}
	s.SignIn = function.ReadSignIn(e, s.Settings)
	s.Check(e)
	return s, e.Err()
}

// parseNames reads names of functions with commas between.
func parseNames(s string) (names []function.Name, err error) {
	for part := range strings.SplitSeq(s, ",") {
		name := function.Name(strings.TrimSpace(part))
		switch {
		case name == "" && s == "":
		case !slices.Contains(function.Names(), name):
			return nil, fmt.Errorf("must be names of functions with commas between, such as chat,mcp, not %q", s)
		default:
			names = append(names, name)
		}
	}
	return names, nil
}

// placeholder stands for a function's name.
const placeholder = "{function}"

var errFunctionURL = errors.New("is required: a scheme and a host with " + placeholder + " in it once, such as http://" + placeholder + ".todo-app.svc.cluster.local")

// parseFunctionURL reads the template of where functions are.
func parseFunctionURL(s string) (func(function.Name) *url.URL, error) {
	at := func(f function.Name) (*url.URL, error) {
		return url.Parse(strings.Replace(s, placeholder, string(f), 1))
	}
	u, err := at(function.List)
	scheme, rest, _ := strings.Cut(s, "://")
	host, path, _ := strings.Cut(rest, "/")
	if err != nil || scheme != "http" && scheme != "https" || u.Hostname() == "" || u.User != nil || path != "" || u.RawQuery != "" || u.Fragment != "" ||
		strings.Count(s, placeholder) != 1 || !strings.Contains(host, placeholder) {
		return nil, errFunctionURL
	}
	return func(f function.Name) *url.URL {
		to, _ := at(f) // as it was for one
		return to
	}, nil
}
