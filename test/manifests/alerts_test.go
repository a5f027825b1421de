package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"
	"sigs.k8s.io/yaml"
)

// rule is an alert of a PrometheusRule.
type rule struct {
	Alert, Expr, For string
	Annotations      map[string]string
}

// alerts returns the chart's, by name.
func alerts(t *testing.T, set map[string]any) map[string]rule {
	t.Helper()
	values := tree("monitoring.rules", true)
	for path, value := range set {
		put(values, strings.Split(path, "."), value)
	}
	all, err := objects(rendered(t, release{files: []string{"values-minikube.yaml", "values-ko.yaml"}, set: values})["templates/monitoring.yaml"])
	if err != nil || len(all) != 1 {
		t.Fatal(len(all), err)
	}
	var made struct {
		Spec struct{ Groups []struct{ Rules []rule } }
	}
	if err := yaml.Unmarshal(all[0].yaml, &made); err != nil {
		t.Fatal(err)
	}
	found := map[string]rule{}
	for _, group := range made.Spec.Groups {
		for _, r := range group.Rules {
			found[r.Alert] = r
		}
	}
	return found
}

// sample is one number at one time.
type sample struct {
	at    int64
	value float64
}

func (s sample) T() int64                      { return s.at }
func (s sample) F() float64                    { return s.value }
func (s sample) H() *histogram.Histogram       { return nil }
func (s sample) FH() *histogram.FloatHistogram { return nil }
func (s sample) Type() chunkenc.ValueType      { return chunkenc.ValFloat }

// series are what Prometheus has scraped, once a minute.
type series []storage.Series

// scraped reads series as promtool's tests have them, such as up{job="x"} 0+1x60.
func scraped(t *testing.T, lines []string) series {
	t.Helper()
	var all series
	for _, line := range lines {
		lset, values, err := parser.ParseSeriesDesc(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		var samples []chunks.Sample
		for i, v := range values {
			if !v.Omitted {
				samples = append(samples, sample{int64(i) * time.Minute.Milliseconds(), v.Value})
			}
		}
		all = append(all, storage.NewListSeries(lset, samples))
	}
	return all
}

// Querier implements storage.Queryable.
func (s series) Querier(_, _ int64) (storage.Querier, error) {
	return &storage.MockQuerier{SelectMockFunction: func(_ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
		found := &chosenSeries{at: -1}
		for _, one := range s {
			if matches(one.Labels(), matchers) {
				found.series = append(found.series, one)
			}
		}
		return found
	}}, nil
}

func matches(lset labels.Labels, matchers []*labels.Matcher) bool {
	for _, m := range matchers {
		if !m.Matches(lset.Get(m.Name)) {
			return false
		}
	}
	return true
}

// chosenSeries are those that matched.
type chosenSeries struct {
	series series
	at     int
}

func (c *chosenSeries) Next() bool                        { c.at++; return c.at < len(c.series) }
func (c *chosenSeries) At() storage.Series                { return c.series[c.at] }
func (c *chosenSeries) Err() error                        { return nil }
func (c *chosenSeries) Warnings() annotations.Annotations { return nil }

// fires reports whether an alert fires after so many minutes: whether its
// expression has held until then for as long as it has to.
func (r rule) fires(t *testing.T, scraped series, minutes int) bool {
	t.Helper()
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1e6, Timeout: time.Minute, LookbackDelta: 5 * time.Minute})
	end := time.Unix(0, 0).Add(time.Duration(minutes) * time.Minute)
	start := end
	if r.For != "" {
		held, err := time.ParseDuration(r.For)
		if err != nil {
			t.Fatal(err)
		}
		start = end.Add(-held)
	}
	query, err := engine.NewRangeQuery(t.Context(), scraped, nil, r.Expr, start, end, time.Minute)
	if err != nil {
		t.Fatalf("%s: %v", r.Alert, err)
	}
	defer query.Close()
	result := query.Exec(t.Context())
	found, err := result.Matrix()
	if err != nil {
		t.Fatalf("%s: %v", r.Alert, err)
	}
	steps := int(end.Sub(start)/time.Minute) + 1
	for _, one := range found {
		if len(one.Floats) == steps {
			return true
		}
	}
	return false
}

func TestEveryAlertFiresWhenItShouldAndNotElse(t *testing.T) {
	const ns = `namespace="todo-app"`
	requests := func(status, values string) string {
		return `todo_api_requests_total{` + ns + `, function="list", status="` + status + `"} ` + values
	}
	// took are requests of which 100 a minute take up to a time and 10 longer.
	took := func(endpoint, le string) []string {
		head := `todo_api_request_duration_seconds_bucket{` + ns + `, function="list", endpoint="` + endpoint + `", le="`
		return []string{head + le + `"} 0+100x60`, head + `5"} 0+110x60`, head + `+Inf"} 0+110x60`}
	}
	cron := func(name, which, values string) string {
		return `kube_cronjob_` + which + `{` + ns + `, cronjob="todo-app-` + name + `"} ` + values
	}
	failed := func(job, condition, values string) string {
		return `kube_job_failed{` + ns + `, job_name="` + job + `", condition="` + condition + `"} ` + values
	}
	made := alerts(t, nil)
	type outcomes struct{ fires, rests bool }
	tried := map[string]outcomes{}
	for _, c := range []struct {
		name, alert string
		series      []string
		minutes     int
		fires       bool
	}{
		{"one in ten fails", "TodoRequestsFail", []string{requests("200", "0+90x60"), requests("503", "0+10x60")}, 30, true},
		{"one in a hundred fails", "TodoRequestsFail", []string{requests("200", "0+99x60"), requests("503", "0+1x60")}, 30, false},
		{"callers are wrong", "TodoRequestsFail", []string{requests("200", "0+9x60"), requests("404", "0+90x60")}, 30, false},
		{"nobody asks", "TodoRequestsFail", []string{requests("200", "9x60"), requests("503", "9x60")}, 30, false},
		{"they fail for three minutes", "TodoRequestsFail", []string{requests("200", "0+90x60"), requests("503", "0x27 10+10x3")}, 30, false},
		{"elsewhere they fail", "TodoRequestsFail", []string{`todo_api_requests_total{namespace="other", function="list", status="503"} 0+10x60`}, 30, false},
		{"one in ten takes seconds", "TodoRequestsSlow", took("/api/v1/tasks", "0.5"), 30, true},
		{"it began five minutes ago", "TodoRequestsSlow", []string{
			`todo_api_request_duration_seconds_bucket{` + ns + `, function="list", endpoint="/api/v1/tasks", le="0.5"} 0+110x25 2760+10x5`,
			`todo_api_request_duration_seconds_bucket{` + ns + `, function="list", endpoint="/api/v1/tasks", le="5"} 0+110x60`,
			`todo_api_request_duration_seconds_bucket{` + ns + `, function="list", endpoint="/api/v1/tasks", le="+Inf"} 0+110x60`}, 30, false},
		{"all are fast", "TodoRequestsSlow", []string{
			`todo_api_request_duration_seconds_bucket{` + ns + `, function="list", endpoint="/api/v1/tasks", le="0.5"} 0+110x60`,
			`todo_api_request_duration_seconds_bucket{` + ns + `, function="list", endpoint="/api/v1/tasks", le="+Inf"} 0+110x60`}, 30, false},
		{"clients wait for changes", "TodoRequestsSlow", took("/api/v1/changes", "0.5"), 30, false},
		{"clients listen to events", "TodoRequestsSlow", took("/api/v1/events", "0.5"), 30, false},
		{"all is exported", "TodoRequestsSlow", took("/api/v1/export", "0.5"), 30, false},
		{"much is imported", "TodoRequestsSlow", took("/api/v1/import", "0.5"), 30, false},
		{"a language model answers", "TodoRequestsSlow", took("/api/v1/chat", "0.5"), 30, false},
		{"ChatKit streams", "TodoRequestsSlow", took("/chatkit", "0.5"), 30, false},
		{"conversations are read slowly", "TodoRequestsSlow", took("/api/v1/chat/conversations", "0.5"), 30, true},
		{"a pod starts again and again", "TodoPodsRestart", []string{`kube_pod_container_status_restarts_total{` + ns + `, pod="list"} 0+1x60`}, 30, true},
		{"a pod started again once", "TodoPodsRestart", []string{`kube_pod_container_status_restarts_total{` + ns + `, pod="list"} 0x20 1x40`}, 30, false},
		{"a volume is nearly full", "TodoVolumeNearlyFull", []string{`kubelet_volume_stats_available_bytes{` + ns + `, persistentvolumeclaim="a"} 5x60`, `kubelet_volume_stats_capacity_bytes{` + ns + `, persistentvolumeclaim="a"} 100x60`}, 30, true},
		{"a volume is half full", "TodoVolumeNearlyFull", []string{`kubelet_volume_stats_available_bytes{` + ns + `, persistentvolumeclaim="a"} 50x60`, `kubelet_volume_stats_capacity_bytes{` + ns + `, persistentvolumeclaim="a"} 100x60`}, 30, false},
		{"a migration fails", "TodoJobFails", []string{failed("todo-app-migrate-upgrade", "true", "1x60")}, 30, true},
		{"a backup fails", "TodoJobFails", []string{failed("todo-app-backup-29001234", "true", "1x60")}, 30, true},
		{"a Job that failed was removed", "TodoJobFails", []string{failed("todo-app-migrate", "true", "1x10")}, 30, false},
		{"one try of a Job failed, and another did not", "TodoJobFails", []string{`kube_job_status_failed{` + ns + `, job_name="todo-app-migrate"} 1x60`, failed("todo-app-migrate", "false", "0x60")}, 30, false},
		{"a Job of others fails", "TodoJobFails", []string{failed("reports", "true", "1x60")}, 30, false},
		{"sweeps fail", "TodoSweepLate", []string{cron("sweep", "created", "0x60"), cron("sweep", "status_last_successful_time", "600x60")}, 26, true},
		{"sweeps go well", "TodoSweepLate", []string{cron("sweep", "created", "0x60"), cron("sweep", "status_last_successful_time", "0+60x60")}, 26, false},
		{"no sweep has ever gone well", "TodoSweepLate", []string{cron("sweep", "created", "600x60")}, 26, true},
		{"the first sweep is still to come", "TodoSweepLate", []string{cron("sweep", "created", "1500x60")}, 26, false},
		{"backups fail", "TodoBackupLate", []string{cron("backup", "created", "0x1600"), cron("backup", "status_last_successful_time", "600x1600")}, 1580, true},
		{"a backup went well yesterday", "TodoBackupLate", []string{cron("backup", "created", "0x1600"), cron("backup", "status_last_successful_time", "9000x1600")}, 1580, false},
		{"no backup has ever gone well", "TodoBackupLate", []string{cron("backup", "created", "600x1600")}, 1580, true},
		{"the first backup is still to come", "TodoBackupLate", []string{cron("backup", "created", "9000x1600")}, 1580, false},
		{"connections run out", "TodoConnectionsNearlyUsed", []string{`todo_postgres_connections{` + ns + `} 95x60`, `todo_postgres_connections_max{` + ns + `} 100x60`}, 30, true},
		{"connections run out for a minute", "TodoConnectionsNearlyUsed", []string{`todo_postgres_connections{` + ns + `} 20x28 95x60`, `todo_postgres_connections_max{` + ns + `} 100x90`}, 30, false},
		{"half of the connections are used", "TodoConnectionsNearlyUsed", []string{`todo_postgres_connections{` + ns + `} 50x60`, `todo_postgres_connections_max{` + ns + `} 100x60`}, 30, false},
		{"events wait", "TodoEventsWait", []string{`todo_outbox_oldest_seconds{` + ns + `} 0+60x60`}, 30, true},
		{"events go out", "TodoEventsWait", []string{`todo_outbox_oldest_seconds{` + ns + `} 5x60`}, 30, false},
	} {
		was := tried[c.alert]
		tried[c.alert] = outcomes{was.fires || c.fires, was.rests || !c.fires}
		t.Run(c.alert+", "+c.name, func(t *testing.T) {
			r, ok := made[c.alert]
			if !ok {
				t.Fatal("there is no such alert")
			}
			if got := r.fires(t, scraped(t, c.series), c.minutes); got != c.fires {
				t.Errorf("fires: %v", got)
			}
		})
	}
	for name := range made {
		if tried[name] != (outcomes{true, true}) {
			t.Errorf("%s is not tried both ways", name)
		}
	}
}

func TestWhereSomethingElseBeginsSweepsTheCronJobMayBeLate(t *testing.T) {
	if _, ok := alerts(t, map[string]any{"sweep.suspend": true})["TodoSweepLate"]; ok {
		t.Error("a suspended CronJob is waited for")
	}
}

func TestTheDashboardAsksWhatPrometheusUnderstands(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(root, "chart", "files", "dashboard.json"))
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(data, &dashboard); err != nil || len(dashboard.Panels) == 0 {
		t.Fatal(err)
	}
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			if _, err := parser.ParseExpr(target.Expr); err != nil {
				t.Errorf("%s: %v", panel.Title, err)
			}
		}
	}
}

// What nobody counts is a panel without a line and an alert that never fires.
func TestWhatIsAskedOfPrometheusIsCounted(t *testing.T) {
	var sources strings.Builder
	err := filepath.WalkDir(filepath.Join(root, "internal"), func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		sources.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	dashboard, err := os.ReadFile(filepath.Join(root, "chart", "files", "dashboard.json"))
	if err != nil {
		t.Fatal(err)
	}
	asked := string(dashboard)
	for _, r := range alerts(t, nil) {
		asked += r.Expr
	}
	names := regexp.MustCompile(`\btodo_[a-z_]+`).FindAllString(asked, -1)
	for _, name := range names {
		if !strings.Contains(sources.String(), strings.TrimSuffix(name, "_bucket")) {
			t.Errorf("nothing counts %s", name)
		}
	}
	if len(names) < 20 {
		t.Errorf("only %d names were found", len(names))
	}
}
