//go:build e2e

package e2e

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"todo-app/internal/task"
)

// upgradeUnderLoad changes every function's revision while clients ask and
// uploads trickle in.
func upgradeUnderLoad(t *step, r *report) {
	before, old := revision(t, "list"), map[string]bool{}
	for name := range strings.FieldsSeq(kubectl(t, "get", "revisions", "--output", "jsonpath={.items[*].metadata.name}")) {
		old[name] = true
	}
	level := "warning"
	if strings.Contains(kubectl(t, "get", "revision", before, "--output", "jsonpath={.spec.containers[0].env}"), level) {
		level = "info" // this step has been run before
	}
	l := startLoad(t)
	time.Sleep(3 * time.Second)
	helm(t, "upgrade", "--wait", "--set", "settings.logLevel="+level)
	waitReady(t)
	// Knative lets them drain first, which takes half a minute.
	eventually(t, "the old revisions' pods are gone", func() bool {
		left := strings.Fields(kubectl(t, "get", "pods", "--selector", "serving.knative.dev/revision",
			"--output", `jsonpath={.items[*].metadata.labels.serving\.knative\.dev/revision}`))
		return !slices.ContainsFunc(left, func(name string) bool { return old[name] })
	})
	time.Sleep(5 * time.Second)
	l.stop()
	l.spotless(t)
	l.kept(t)
	l.followed(t)
	if after := revision(t, "list"); after == before {
		t.Errorf("the revision is still %s", after)
	}
	requests, failures, p50, p95, p99 := l.figures()
	r.add("helm upgrade under load", fmt.Sprintf("%d of %d requests failed", failures, requests), "0", failures == 0)
	r.add("a request through the front door meanwhile, p95", p95.Round(time.Millisecond).String(), "≤ 200ms", p95 <= 200*time.Millisecond)
	r.add("the same, p99", p99.Round(time.Millisecond).String(), "≤ 500ms", p99 <= 500*time.Millisecond)
	r.add("the same, p50", p50.Round(time.Millisecond).String(), "", true)
}

// changePassword gives the functions' role another password in the two upgrades
// of docs/operations.md while clients ask.
func changePassword(t *step, r *report) {
	secret := kubectl(t, "get", "secret", release, "--output", "jsonpath={.data.app-password}")
	lines, err := base64.StdEncoding.DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	old, _, _ := strings.Cut(string(lines), "\n")
	next := strings.ToLower(rand.Text())
	l := startLoad(t)
	time.Sleep(3 * time.Second)
	for _, known := range []string{old + "\n" + next, next + "\n" + old} {
		patch, err := json.Marshal(map[string]any{"stringData": map[string]string{"app-password": known}})
		if err != nil {
			t.Fatal(err)
		}
		kubectl(t, "patch", "secret", release, "--patch", string(patch))
		helm(t, "upgrade", "--wait", "--set-string", fmt.Sprintf("global.restart=%d", time.Now().Unix()))
		waitReady(t)
		time.Sleep(5 * time.Second)
	}
	l.stop()
	l.spotless(t)
	l.kept(t)
	l.followed(t)
	for password, taken := range map[string]bool{old: false, next: true} {
		_, err := try("kubectl", "--namespace", namespace, "exec", release+"-postgres-0", "--", "sh", "-ec",
			`export PATH="$PG_BIN:$PATH" PGPASSWORD="$0"; exec psql -h 127.0.0.1 -U todo_app -d todo -c 'select 1'`, password)
		if taken != (err == nil) {
			t.Errorf("the role takes its old password, or not its new one: %v", err)
		}
	}
	requests, failures, _, _, _ := l.figures()
	r.add("a password changed under load", fmt.Sprintf("%d of %d requests failed", failures, requests), "0", failures == 0)
}

// withoutDrain takes the pods of the front door away without letting them
// drain. The load must notice: else it would not notice a drain that fails.
func withoutDrain(t *step, r *report) {
	l := startLoad(t)
	time.Sleep(3 * time.Second)
	kubectl(t, "delete", "pods", "--selector", "serving.knative.dev/service=web", "--grace-period=0", "--force")
	time.Sleep(10 * time.Second)
	l.stop()
	l.kept(t)
	l.followed(t)
	requests, failures, _, _, _ := l.figures()
	if failures == 0 {
		t.Error("not one request failed, so the rollout above proves nothing")
	}
	r.add("the same load, pods killed without a drain", fmt.Sprintf("%d of %d requests failed", failures, requests), "≥ 1", failures > 0)
}

func revision(t testing.TB, service string) string {
	t.Helper()
	return kubectl(t, "get", "ksvc", service, "--output", "jsonpath={.status.latestReadyRevisionName}")
}

// splitAndRollback shares the list's traffic between two revisions, then rolls
// the release back on a schema that has moved on meanwhile.
func splitAndRollback(t *step, r *report) {
	now := revision(t, "list")
	var all struct {
		Items []struct{ Metadata struct{ Name string } }
	}
	if err := json.Unmarshal([]byte(kubectl(t, "get", "revisions", "--selector", "serving.knative.dev/service=list", "--output", "json")), &all); err != nil {
		t.Fatal(err)
	}
	old := ""
	for _, item := range all.Items {
		if item.Metadata.Name != now {
			old = item.Metadata.Name
		}
	}
	if old == "" {
		t.Fatal("there is one revision only")
	}
	kubectl(t, "patch", "ksvc", "list", "--type=merge", "--patch", fmt.Sprintf(
		`{"spec":{"traffic":[{"revisionName":%q,"percent":50},{"revisionName":%q,"percent":50}]}}`, old, now))
	kubectl(t, "wait", "ksvc/list", "--for=condition=Ready", atMost)
	eventually(t, "both revisions answer", func() bool {
		for range 10 {
			ask(t, "list", "/api/v1/tasks?limit=1", http.StatusOK)
		}
		return answered(t, old) > 0 && answered(t, now) > 0
	})
	before := [2]float64{answered(t, old), answered(t, now)}
	const asked = 100
	for range asked {
		ask(t, "list", "/api/v1/tasks?limit=1", http.StatusOK)
	}
	share := (answered(t, old) - before[0]) / asked
	r.add("a 50/50 split, share of the old revision", fmt.Sprintf("%.2f", share), "0.35 – 0.65", share >= .35 && share <= .65)
	if share < .35 || share > .65 {
		t.Errorf("the old revision answered %.2f of the requests", share)
	}

	// A later release's migration, which still serves this one's binaries.
	psql(t, `insert into schema_migrations select version + 1, 'of a later release', serves, now() from schema_migrations order by version desc limit 1`)
	t.Cleanup(func() { psql(t, `delete from schema_migrations where name = 'of a later release'`) })
	run(t, "helm", "rollback", release, "1", "--namespace", namespace, "--wait", "--timeout", "10m")
	kubectl(t, "patch", "ksvc", "list", "--type=json", "--patch", `[{"op":"remove","path":"/spec/traffic"}]`)
	waitReady(t)
	asleep(t, functions...)
	for range 2 { // from zero, and once more
		if _, err := client("web").Create(t.Context(), task.Patch{Title: task.Value("After the rollback")}); err != nil {
			t.Error(err)
		}
	}
	ask(t, "list", "/api/v1/tasks?limit=1", http.StatusOK)
}

// ask sends one request to a function's own host.
func ask(t testing.TB, function, path string, want int) string {
	t.Helper()
	response, err := httpClient().Get("http://" + host(function) + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != want {
		t.Errorf("%s%s: %s %s, %v", function, path, response.Status, body, err)
	}
	return string(body)
}

// answered returns how many requests the pods of a revision have answered,
// by their metrics.
func answered(t testing.TB, revision string) (n float64) {
	t.Helper()
	for _, m := range metricsOf(t, "serving.knative.dev/revision="+revision) {
		for name, value := range m {
			if strings.HasPrefix(name, "todo_api_requests_total{") && strings.Contains(name, `endpoint="/api/v1/tasks"`) {
				n += value
			}
		}
	}
	return n
}

// metricsOf scrapes every pod of a selector, as Prometheus would.
func metricsOf(t testing.TB, selector string) (all []map[string]float64) {
	t.Helper()
	for address := range strings.FieldsSeq(kubectl(t, "get", "pods", "--selector", selector,
		"--field-selector=status.phase=Running", "--output", "jsonpath={.items[*].status.podIP}")) {
		response, err := (&http.Client{Timeout: 5 * time.Second}).Get("http://" + address + ":9464/metrics")
		if err != nil {
			continue // on its way out
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			continue
		}
		samples := map[string]float64{}
		for line := range strings.Lines(string(body)) {
			cut := strings.LastIndexByte(line, ' ')
			if value, err := strconv.ParseFloat(strings.TrimSpace(line[cut+1:]), 64); err == nil && line[0] != '#' {
				samples[line[:cut]] = value
			}
		}
		all = append(all, samples)
	}
	return all
}

// upgradeFirstRelease puts the schema of the first release into the database,
// with tasks as that wrote them, has Helm upgrade it and works on with them.
func upgradeFirstRelease(t *step, _ *report) {
	owner := strings.TrimSpace(psql(t, "select min(owner_id) from api_keys"))
	sql := []string{"drop schema public cascade", "create schema public", "grant usage on schema public to public",
		"create table schema_migrations (version integer primary key, name text not null, serves integer not null, applied_at timestamptz not null default now())"}
	for _, file := range []string{"0001_tasks.sql", "0002_changes.sql", "testdata/first_release.sql"} {
		content, err := os.ReadFile("../../internal/postgres/migrations/" + file)
		if err != nil {
			t.Fatal(err)
		}
		sql = append(sql, strings.TrimRight(strings.ReplaceAll(string(content), "OWNER", owner), ";\n"))
	}
	sql = append(sql, "insert into schema_migrations (version, name, serves) values (1, 'tasks', 1), (2, 'changes', 1)")
	psql(t, strings.Join(sql, ";\n"))
	kubectl(t, "delete", "pods", "--selector", "serving.knative.dev/service") // those of that release are no more
	helm(t, "upgrade", "--wait")
	waitReady(t)
	recovered(t, time.Now())

	c := client("web")
	found, err := c.List(t.Context(), url.Values{"q": {"rent"}}, "")
	if err != nil || len(found.Tasks) != 1 || found.Tasks[0].Title != "Pay rent" {
		t.Fatalf("a search finds %+v, %v", found.Tasks, err)
	}
	id := found.Tasks[0].ID
	if _, err := c.Complete(t.Context(), id, false); err != nil {
		t.Fatal(err)
	}
	done, err := c.Get(t.Context(), id)
	if err != nil || !done.Completed() {
		t.Errorf("%+v, %v", done, err)
	}
	stats, err := c.Stats(t.Context())
	if err != nil || stats.Archived != 1 || stats.Completed != 2 {
		t.Errorf("%+v, %v", stats, err)
	}
	history, err := c.History(t.Context(), id)
	if err != nil || len(history.Entries) < 2 {
		t.Errorf("%+v, %v", history, err)
	}
	if _, err := c.Undo(t.Context(), 0); err != nil {
		t.Error(err)
	}
	if open, err := c.Get(t.Context(), id); err != nil || open.Completed() {
		t.Errorf("after the undo %+v, %v", open, err)
	}
}

// psql runs one statement as the owner of everything.
func psql(t testing.TB, sql string) string {
	t.Helper()
	return kubectl(t, "exec", release+"-postgres-0", "--", "sh", "-ec",
		`export PATH="$PG_BIN:$PATH" PGPASSWORD="$(cat /run/secrets/todo-app/owner-password)"; exec psql -h 127.0.0.1 -U todo -d todo -At -v ON_ERROR_STOP=1 -c "$0"`, sql)
}
