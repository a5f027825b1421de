package app_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "todo-app"

// listed is a package as go list tells of it.
type listed struct {
	ImportPath string
	Standard   bool
	Imports    []string
	Deps       []string
}

// packages lists this module's packages and all they are built from, with build
// tags or without any.
func packages(t *testing.T, tags ...string) map[string]listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-tags", strings.Join(tags, ","), "-json=ImportPath,Standard,Imports,Deps", "./...")
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal("go list:", err)
	}
	all := map[string]listed{}
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var p listed
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all[p.ImportPath] = p
	}
	return all
}

// ours reports whether a package is of this module.
func ours(path string) bool { return path == module || strings.HasPrefix(path, module+"/") }

// within reports whether a package is root or lies below it.
func within(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

// joins reports whether a package may see several technologies: those that
// put them together, and what only tests link.
func joins(path string) bool {
	for _, root := range []string{"internal/app", "internal/cli", "cmd", "functions", "bench", "test"} {
		if within(path, module+"/"+root) {
			return true
		}
	}
	return strings.HasSuffix(path, "test")
}

// isDomain reports whether a package is of a domain: task and what lies below
// it, but for what only tests link; and scaling, which operators ask about.
func isDomain(path string) bool {
	return (within(path, module+"/internal/task") || path == module+"/internal/scaling") && !strings.HasSuffix(path, "test")
}

// values is what all who decode JSON strictly share. It knows nothing of ours.
const values = module + "/internal/jsonvalue"

// strays lists the imports of technologies beside the domain, values and
// themselves.
func strays(all map[string]listed) []string {
	var found []string
	for path, p := range all {
		if !ours(path) || joins(path) || path == module+"/internal/task" {
			continue
		}
		part := strings.Join(strings.SplitN(path, "/", 4)[:3], "/") // todo-app/internal/postgres
		for _, imported := range p.Imports {
			if ours(imported) && !isDomain(imported) && imported != values && !within(imported, part) {
				found = append(found, path+" imports "+imported)
			}
		}
	}
	slices.Sort(found)
	return found
}

func TestTechnologiesDoNotKnowEachOther(t *testing.T) {
	all := packages(t)
	for _, name := range []string{"postgres", "cache", "event", "httpapi", "auth", "limit", "serve", "web", "mcp", "chatkit", "openai", "kube", "pgserver", "interchange", "telemetry", "jsonvalue"} {
		if _, ok := all[module+"/internal/"+name]; !ok {
			t.Errorf("there is no package %s", name)
		}
	}
	if found := strays(all); len(found) > 0 {
		t.Error(strings.Join(found, "\n"))
	}
	all["todo-app/internal/cache"] = listed{Imports: []string{"todo-app/internal/postgres"}}
	all["todo-app/internal/event"] = listed{Imports: []string{"todo-app/internal/task/quickadd", "todo-app/internal/task/tasktest"}}
	all["todo-app/internal/postgres/migrations"] = listed{Imports: []string{"todo-app/internal/postgres", "todo-app/internal/app"}}
	want := []string{"todo-app/internal/cache imports todo-app/internal/postgres", "todo-app/internal/event imports todo-app/internal/task/tasktest", "todo-app/internal/postgres/migrations imports todo-app/internal/app"}
	if found := strays(all); !slices.Equal(found, want) {
		t.Error("the test itself finds", found)
	}
}

// rules is the one library of the domain: recurrence rules are a standard
// (RFC 5545) which it states better than code of our own would, and it is
// built from the standard library itself.
const rules = "github.com/teambition/rrule-go"

func TestTheDomainKnowsTheStandardLibraryAndRecurrenceRulesAlone(t *testing.T) {
	all := packages(t)
	for _, path := range slices.Concat(all[module+"/internal/task"].Imports, all[rules].Imports) {
		if !all[path].Standard && path != rules {
			t.Error("task imports", path)
		}
	}
	for _, path := range all[module+"/internal/scaling"].Imports {
		if !all[path].Standard {
			t.Error("scaling imports", path)
		}
	}
	strictly := []string{values, "github.com/go-json-experiment/json/jsontext"}
	for below, allowed := range map[string][]string{"quickadd": nil, "assist": strictly, "chat": nil} {
		imports := all[module+"/internal/task/"+below].Imports
		if len(imports) == 0 {
			t.Error("there is no package task/" + below)
		}
		for _, path := range imports {
			if !all[path].Standard && !isDomain(path) && !slices.Contains(allowed, path) {
				t.Errorf("task/%s imports %s", below, path)
			}
		}
	}
	for _, technology := range []string{"net/http", "database/sql", "os/exec"} {
		if slices.Contains(all[module+"/internal/task"].Deps, technology) {
			t.Error("task is built from", technology)
		}
	}
}

func TestOnlyProgramsAndTheToolboxSeeTheWhole(t *testing.T) {
	for path, p := range packages(t) {
		if ours(path) && slices.Contains(p.Imports, module+"/internal/app") && !joins(path) {
			t.Error(path, "imports internal/app")
		}
	}
}

// heavy is what no function may carry: it costs every cold start and every
// image, or could change the schema under the others.
var heavy = []string{
	module + "/internal/cli", module + "/internal/postgres/migrations", module + "/internal/pgserver", module + "/cmd",
	"github.com/spf13/cobra", "github.com/cloudevents/sdk-go", "github.com/json-iterator/go", "github.com/modern-go/reflect2",
	"k8s.io", "sigs.k8s.io", "knative.dev", "testing",
}

func TestFunctionsCarryNoToolsNoMigrationsAndNoCluster(t *testing.T) {
	all := packages(t)
	functions := 0
	for path, p := range all {
		if !within(path, module+"/functions") || path == module+"/functions" {
			continue
		}
		functions++
		if imports := slices.DeleteFunc(slices.Clone(p.Imports), func(i string) bool { return !ours(i) }); !slices.Equal(imports, []string{joiner(path)}) {
			t.Error(path, "imports", imports)
		}
		for _, dep := range p.Deps {
			for _, root := range heavy {
				if within(dep, root) {
					t.Error(path, "is built from", dep)
				}
			}
		}
	}
	if functions < 8 {
		t.Errorf("there are %d functions", functions)
	}
	for _, heavy := range []string{module + "/internal/postgres/migrations", "knative.dev/serving/pkg/apis/serving/v1", "k8s.io/client-go/rest"} {
		if !slices.Contains(all[module+"/cmd/todo"].Deps, heavy) {
			t.Errorf("not even the toolbox is built from %s: this test looks in the wrong place", heavy)
		}
	}
}

// joiner is what a function's main calls.
func joiner(path string) string {
	switch path {
	case module + "/functions/web":
		return module + "/internal/app/frontdoor"
	case module + "/functions/mcp":
		return module + "/internal/app/assistant"
	case module + "/functions/chat":
		return module + "/internal/app/chat"
	case module + "/functions/health":
		return module + "/internal/app/operator"
	}
	return module + "/internal/app"
}

// alone are the packages that one function alone is built from.
var alone = map[string]string{
	module + "/internal/mcp":                 "mcp",
	"github.com/modelcontextprotocol/go-sdk": "mcp",
	module + "/internal/openai":              "chat",
	module + "/internal/chatkit":             "chat",
	"github.com/openai/openai-go":            "chat",
	module + "/internal/kube":                "health",
}

func TestAssistantsProtocolLanguageModelsAndTheClusterAreEachCarriedByOneFunctionAlone(t *testing.T) {
	for path, p := range packages(t) {
		if !within(path, module+"/functions") || path == module+"/functions" {
			continue
		}
		for root, function := range alone {
			has := slices.ContainsFunc(p.Deps, func(dep string) bool { return within(dep, root) })
			if want := path == module+"/functions/"+function; has != want {
				t.Errorf("%s is built from %s: %v", path, root, has)
			}
		}
	}
}

// observed is what only a build with the tag otel has.
var observed = []string{"go.opentelemetry.io", "google.golang.org/grpc", "google.golang.org/protobuf", "github.com/exaring/otelpgx", "github.com/redis/go-redis/extra"}

func TestOnlyABuildWithTheTagCarriesOpenTelemetry(t *testing.T) {
	without, with := packages(t), packages(t, "otel")
	for path := range without {
		if !within(path, module+"/functions") && path != module+"/cmd/todo" || path == module+"/functions" {
			continue
		}
		for _, dep := range without[path].Deps {
			for _, root := range observed {
				if within(dep, root) && !(path == module+"/cmd/todo" && root == "google.golang.org/protobuf") { // Kubernetes' types have that
					t.Error(path, "is built from", dep)
				}
			}
		}
		if !slices.Contains(with[path].Deps, "go.opentelemetry.io/otel/sdk/trace") {
			t.Error(path, "has no OpenTelemetry with the tag either: this test looks in the wrong place")
		}
	}
}

func TestTheFrontDoorCarriesNoStorageAndNoEvents(t *testing.T) {
	for _, dep := range slices.Concat(packages(t)[module+"/functions/web"].Deps, packages(t, "otel")[module+"/functions/web"].Deps) {
		for _, root := range []string{
			module + "/internal/app", module + "/internal/postgres", module + "/internal/cache", module + "/internal/event",
			"github.com/jackc/pgx", "github.com/jackc/pgx/v5", "github.com/redis/go-redis", "time/tzdata",
		} {
			own := dep == module+"/internal/app/frontdoor" || dep == module+"/internal/app/function"
			if within(dep, root) && !own {
				t.Error("the front door is built from", dep)
			}
		}
	}
}

func TestAFunctionsMainIsOneCall(t *testing.T) {
	mains, err := filepath.Glob(filepath.Join("..", "..", "functions", "*", "*.go"))
	if err != nil || len(mains) < 8 {
		t.Fatal(mains, err)
	}
	for _, path := range mains {
		text, err := os.ReadFile(path)
		if lines := bytes.Count(text, []byte("\n")); err != nil || lines > 10 || filepath.Base(path) != "main.go" {
			t.Errorf("%s has %d lines, %v", path, lines, err)
		}
	}
}
