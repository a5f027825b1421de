package function_test

import (
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"todo-app/internal/app/function"
	"todo-app/internal/httpapi"
)

// route is one line of the chart's routes.yaml.
type route struct {
	function        string
	methods         []string
	exact, prefixes []string
}

func routes(t *testing.T) (all []route) {
	t.Helper()
	data, err := os.ReadFile("../../../chart/files/routes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`function: ([a-z]+)`)
	list := func(line, key string) []string {
		_, rest, ok := strings.Cut(line, key+": [")
		if !ok {
			return nil
		}
		rest, _, _ = strings.Cut(rest, "]")
		return strings.Split(rest, ", ")
	}
	for line := range strings.Lines(string(data)) {
		if found := name.FindStringSubmatch(line); found != nil {
			all = append(all, route{found[1], list(line, "methods"), list(line, "exact"), list(line, "prefixes")})
		}
	}
	return all
}

// serves returns the function that a Gateway sends a request to: by the exact
// path, else by the longest prefix (Gateway API, HTTPRouteMatch).
func serves(all []route, method, path string) (function string) {
	longest := -1
	for _, r := range all {
		if !slices.Contains(r.methods, method) {
			continue
		}
		if slices.Contains(r.exact, path) {
			return r.function
		}
		for _, prefix := range r.prefixes {
			whole := strings.TrimSuffix(prefix, "/")
			if (path == whole || strings.HasPrefix(path, whole+"/")) && len(prefix) > longest {
				function, longest = r.function, len(prefix)
			}
		}
	}
	return function
}

func TestTheChartsRoutesLeadToTheFunctionThatHasTheEndpoint(t *testing.T) {
	all := routes(t)
	if len(all) < 7 {
		t.Fatalf("only %d routes were read", len(all))
	}
	api := &httpapi.API{}
	for _, name := range function.Names() {
		for _, e := range function.Endpoints(api, name) {
			path := strings.ReplaceAll(e.Path, "{id}", "0190b6a0-5f3c-7000-8000-5b5e2f0c7a11")
			want := string(name)
			if e.Path == "/openapi.yaml" { // the front door has it too
				want = string(function.Web)
			}
			if got := serves(all, e.Method, path); got != want {
				t.Errorf("%s %s is routed to %q, not %s", e.Method, e.Path, got, want)
			}
			if e.Method == http.MethodGet && serves(all, http.MethodHead, path) != want {
				t.Errorf("HEAD %s is not routed to %s", e.Path, want)
			}
		}
	}
	for path, want := range map[string]function.Name{"/": function.Web, "/docs": function.Web} {
		if got := serves(all, http.MethodGet, path); got != string(want) {
			t.Errorf("GET %s is routed to %q", path, got)
		}
	}
}
