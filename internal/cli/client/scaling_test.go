package client_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"todo-app/internal/scaling"
)

// scales is a service that tells an operator of some facts.
func scales(t *testing.T, facts scaling.Facts) *service {
	t.Helper()
	body, err := json.Marshal(facts.Report())
	if err != nil {
		t.Fatal(err)
	}
	return pretend(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/ops/scaling" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(body)
	}))
}

func TestScalingIsShownWithWhatIsUnknownAndWhatToSetOtherwise(t *testing.T) {
	t.Parallel()
	nine := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	facts := scaling.Facts{
		Now: nine, Cluster: scaling.Source{Known: true}, Storage: scaling.Source{Known: true},
		Deployed: []scaling.Deployed{
			{Function: "list", Service: "list", Values: "functions.list", Connections: 4, Revision: "list-00002", Wanted: 2, Running: 1, Scale: scaling.Scale{Metric: "concurrency", Target: 20, Max: 3, Concurrency: 40},
				Resources: scaling.Resources{CPURequest: 100, MemoryRequest: 32 << 20, MemoryLimit: 128 << 20},
				Events:    []scaling.Event{{At: nine.Add(-time.Minute), Revision: "list-00002", Text: "Scaled up\x1b[2J"}}},
			{Function: "web", Service: "web", Revision: "web-00001"},
		},
		Use: []scaling.Use{{Hour: nine.Add(-time.Hour), Service: "list", Revision: "list-00002", Pods: 2, Running: time.Hour, Requests: 1000, Failed: 2,
			ColdStarts: 2, Cold: 700 * time.Millisecond, Coldest: 400 * time.Millisecond, CPU: 36 * time.Second, Memory: 24 << 20}},
		Connections: &scaling.Connections{Most: 130, Used: 9, Holds: map[string]int{"list": 3}},
	}
	p := scales(t, facts).person(t, "TODO_TOKEN=operator", "COLUMNS=120")
	p.todo("scaling")
	facts.Cluster, facts.Storage = scaling.Source{Detail: "this is no pod"}, scaling.Source{Detail: "it is away"}
	facts.Deployed, facts.Connections = nil, nil
	away := scales(t, facts).person(t, "TODO_TOKEN=operator", "COLUMNS=60")
	out := away.ok("scaling")
	if !strings.Contains(out, "this is no pod") || !strings.Contains(out, "it is away") {
		t.Error(out)
	}
	var r scaling.Report
	if err := json.Unmarshal([]byte(p.ok("scaling", "--json")), &r); err != nil || len(r.Functions) != 2 || r.Connections.Used != 9 {
		t.Error(r, err)
	}
	p.saw("scaling")
}

func TestScalingIsNotToldToOthers(t *testing.T) {
	t.Parallel()
	p := start(t).person(t, "TODO_TOKEN=alice")
	if r := p.run("", "scaling"); r.code == 0 || r.out != "" || !strings.Contains(r.problem, "for operators") {
		t.Errorf("ended with %d: %s%s", r.code, r.out, r.problem)
	}
}
