//go:build e2e

package e2e

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

// withoutPostgres deletes the database's pod under load. Requests fail
// meanwhile; nothing that was acknowledged may be gone, and the functions
// recover without being restarted.
func withoutPostgres(t *step, r *report) {
	l := startLoad(t)
	time.Sleep(3 * time.Second)
	began := time.Now()
	kubectl(t, "delete", "pod", release+"-postgres-0")
	back := recovered(t, began)
	time.Sleep(5 * time.Second)
	l.stop()
	missing := l.kept(t)
	l.followed(t)
	requests, failures, _, _, _ := l.figures()
	if failures == 0 {
		t.Error("not one request met the outage")
	}
	for _, failure := range l.failures {
		if !failure.answer.refused() {
			t.Error("unlike an outage: ", failure)
		}
	}
	unrestarted(t)
	r.add("postgres deleted under load: acknowledged tasks gone", fmt.Sprintf("%d of %d, with %d of %d requests refused meanwhile", missing, len(l.acked), failures, requests), "0", missing == 0)
	r.add("until a write succeeds again", fmt.Sprintf("%.1f s", back.Seconds()), "≤ 15 s", back <= 15*time.Second)
}

// recovered returns the time from a moment until writes are accepted again.
func recovered(t testing.TB, since time.Time) time.Duration {
	t.Helper()
	eventually(t, "a write succeeds", func() bool {
		_, err := client("create").Create(t.Context(), task.Patch{Title: task.Value("Is it back?")})
		return err == nil
	})
	return time.Since(since)
}

// unrestarted checks that no function's container has been started again.
func unrestarted(t testing.TB) {
	t.Helper()
	restarts := kubectl(t, "get", "pods", "--selector", "serving.knative.dev/service", "--output", "jsonpath={.items[*].status.containerStatuses[*].restartCount}")
	if strings.Trim(restarts, "0 ") != "" {
		t.Errorf("containers were restarted: %s", restarts)
	}
}

// withoutRedis deletes the cache's pod under load: every answer must come,
// and be right.
func withoutRedis(t *step, r *report) {
	l := startLoad(t)
	time.Sleep(3 * time.Second)
	kubectl(t, "delete", "pod", "--selector", "app.kubernetes.io/component=redis")
	time.Sleep(5 * time.Second)
	kubectl(t, "rollout", "status", "deployment/"+release+"-redis", atMost)
	time.Sleep(5 * time.Second)
	l.stop()
	l.spotless(t)
	l.kept(t)
	l.followed(t)
	unrestarted(t)
	requests, failures, _, p95, _ := l.figures()
	r.add("redis deleted under load: wrong or missing answers", fmt.Sprintf("%d of %d, p95 %v", failures, requests, p95.Round(time.Millisecond)), "0", failures == 0)
}

// restartAll deletes every pod at once, as a node that reboots does.
func restartAll(t *step, r *report) {
	made, err := client("web").Create(t.Context(), task.Patch{Title: task.Value("Before the reboot")})
	if err != nil {
		t.Fatal(err)
	}
	before := len(everything(t))
	began := time.Now()
	kubectl(t, "delete", "pods", "--all", "--grace-period=0", "--force")
	back := recovered(t, began)
	var got httpapi.Task
	eventually(t, "the front door and the list are back", func() bool {
		got, err = client("web").Get(t.Context(), made.ID)
		return err == nil
	})
	if got.Title != "Before the reboot" {
		t.Errorf("got %+v", got)
	}
	if after := len(everything(t)); after < before {
		t.Errorf("%d tasks of %d", after, before)
	}
	r.add("every pod killed at once, until a write succeeds", fmt.Sprintf("%.1f s", back.Seconds()), "", true)
}

// restoreVolume takes a backup, loses the database's volume and puts the
// backup into a new one, by the lines of docs/operations.md.
func restoreVolume(t *step, _ *report) {
	want := everything(t)
	if len(want) == 0 {
		t.Fatal("there is nothing to lose")
	}
	job(t, "backup", "backup-now")
	if _, err := client("create").Create(t.Context(), task.Patch{Title: task.Value("After the backup")}); err != nil {
		t.Fatal(err)
	}

	kubectl(t, "scale", "statefulset", release+"-postgres", "--replicas=0")
	kubectl(t, "wait", "pod/"+release+"-postgres-0", "--for=delete", atMost)
	kubectl(t, "delete", "pvc", "data-"+release+"-postgres-0")
	run(t, "test/cluster/cluster", "volumes")
	kubectl(t, "scale", "statefulset", release+"-postgres", "--replicas=1")
	kubectl(t, "rollout", "status", "statefulset/"+release+"-postgres", atMost)
	helm(t, "upgrade", "--wait")          // makes the roles and the schema anew
	job(t, "backup", "backup-of-nothing") // as the night would, before anybody has noticed
	recovered(t, time.Now())
	if got := everything(t); len(got) > 1 {
		t.Errorf("%d tasks survived the volume, so nothing was lost", len(got))
	}
	job(t, "restore", "restore-now")
	got := everything(t)
	for id, title := range want {
		if got[id] != title {
			t.Errorf("the task %s, %q, is now %q", id, title, got[id])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d tasks, want %d", len(got), len(want))
	}
}

// job runs a CronJob's Job now and waits for it.
func job(t testing.TB, name, made string) {
	t.Helper()
	kubectl(t, "create", "job", "--from=cronjob/"+release+"-"+name, made)
	kubectl(t, "wait", "job/"+made, "--for=condition=Complete", atMost)
}

// sinkNamespace holds the sink that events go to.
const sinkNamespace = "sink"

// events gives the service a sink in another namespace and looks for the
// events of a task's life in it.
func events(t *step, r *report) {
	image := kubectl(t, "get", "cronjob", release+"-sweep", "--output", "jsonpath={.spec.jobTemplate.spec.template.spec.containers[0].image}")
	run(t, "kubectl", "create", "namespace", sinkNamespace)
	if _, err := tryWith(fmt.Sprintf(sinkYAML, image), "kubectl", "apply", "--filename", "-"); err != nil {
		t.Fatal(err)
	}
	run(t, "kubectl", "--namespace", sinkNamespace, "rollout", "status", "deployment/sink", atMost)
	helm(t, "upgrade", "--wait", "--set", "events.sink=http://sink."+sinkNamespace+".svc.cluster.local")
	waitReady(t)
	made, err := client("web").Create(t.Context(), task.Patch{Title: task.Value("Tell everyone")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client("web").Complete(t.Context(), made.ID, false); err != nil {
		t.Fatal(err)
	}
	if err := client("web").Delete(t.Context(), made.ID, false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the three events arrive, in order", func() bool {
		log := run(t, "kubectl", "--namespace", sinkNamespace, "logs", "deployment/sink", "--tail=-1")
		at := 0
		for _, kind := range []string{"todo.task.created.v1", "todo.task.completed.v1", "todo.task.deleted.v1"} {
			found := -1
			for offset := at; ; {
				i := strings.Index(log[offset:], kind)
				if i < 0 {
					break
				}
				line := log[offset+i:]
				line, _, _ = strings.Cut(line, "\n")
				if strings.Contains(line, made.ID.String()) {
					found = offset + i
					break
				}
				offset += i + 1
			}
			if found < 0 {
				return false
			}
			at = found
		}
		return true
	})
	reminder(t, r)
}

// reminder is fired by the CronJob, while the functions sleep or not, and once.
func reminder(t *step, r *report) {
	moment := time.Now().Add(time.Minute).Truncate(time.Second)
	made, err := client("web").Create(t.Context(), task.Patch{
		Title: task.Value("Remember"), Reminders: task.Value([]task.Reminder{task.Reminder(moment.UTC().Format(time.RFC3339))}),
	})
	if err != nil {
		t.Fatal(err)
	}
	told := func() (lines []string) { // an event may be delivered twice, under one id
		ids := map[string]bool{}
		for line := range strings.Lines(run(t, "kubectl", "--namespace", sinkNamespace, "logs", "deployment/sink", "--tail=-1")) {
			if strings.Contains(line, "todo.reminder.due.v1") && strings.Contains(line, made.ID.String()) {
				_, id, _ := strings.Cut(line, " id=")
				if id, _, _ = strings.Cut(id, " "); !ids[id] {
					ids[id], lines = true, append(lines, line)
				}
			}
		}
		return lines
	}
	eventually(t, "the reminder arrives", func() bool { return len(told()) > 0 })
	job(t, "sweep", "sweep-again")
	lines := told()
	at, _, _ := strings.Cut(lines[0], " ")
	fired, err := time.Parse(time.RFC3339, at)
	if err != nil || len(lines) != 1 {
		t.Fatalf("reminded by %q, %v", lines, err)
	}
	late := fired.Sub(moment)
	r.add("a reminder, from its moment until the CronJob fires it", fmt.Sprintf("%.0f s", late.Seconds()), "≤ 90 s", late <= 90*time.Second)
}

const sinkYAML = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: sink, namespace: ` + sinkNamespace + `}
spec:
  selector: {matchLabels: {app: sink}}
  template:
    metadata: {labels: {app: sink}}
    spec:
      containers:
      - name: sink
        image: %s
        args: [events, listen, --address=:8080]
        ports: [{containerPort: 8080}]
---
apiVersion: v1
kind: Service
metadata: {name: sink, namespace: ` + sinkNamespace + `}
spec: {selector: {app: sink}, ports: [{port: 80, targetPort: 8080}]}
`

// memory reads what each function holds, at rest and under load.
func memory(t *step, r *report) {
	waitReady(t)
	eventually(t, "every pod is gone, so that those to come are fresh ones", func() bool {
		return kubectl(t, "get", "pods", "--selector", "serving.knative.dev/service", "--output", "name") == ""
	})
	holds := func(names ...string) map[string]float64 {
		most := map[string]float64{}
		for _, name := range names {
			for _, m := range metricsOf(t, "serving.knative.dev/service="+name) {
				most[name] = max(most[name], m["process_memory_bytes"]/(1<<20))
			}
		}
		return most
	}
	c, idle := client("web"), map[string]float64{}
	var made httpapi.Task
	for _, wake := range []struct {
		name string
		do   func() error
	}{
		{"create", func() (err error) {
			made, err = c.Create(t.Context(), task.Patch{Title: task.Value("Awake")})
			return err
		}},
		{"update", func() error { _, err := c.Complete(t.Context(), made.ID, false); return err }},
		{"delete", func() error { return c.Delete(t.Context(), made.ID, false) }},
		{"health", func() error { _, err := c.Health(t.Context()); return err }},
		{"list", func() error { _, err := c.List(t.Context(), nil, ""); return err }},
		{"watch", func() error { _, err := c.Changes(t.Context(), "", 0); return err }},
	} {
		if err := wake.do(); err != nil {
			t.Fatal(err)
		}
		maps.Copy(idle, holds(wake.name, "web")) // before it sleeps again
	}
	l := startLoad(t)
	busy := map[string]float64{}
	for range 10 {
		time.Sleep(time.Second)
		for name, mib := range holds(functions...) {
			busy[name] = max(busy[name], mib)
		}
	}
	l.stop()
	for _, name := range functions {
		if idle[name] == 0 {
			t.Errorf("nothing is known about %s, which was just awake", name)
			continue
		}
		r.add("resident, "+name+", idle / under load", fmt.Sprintf("%.1f / %.1f MiB", idle[name], busy[name]), "≤ 12 / ≤ 32", idle[name] <= 12 && busy[name] <= 32)
		if busy[name] > 200 || idle[name] > 100 {
			t.Errorf("%s holds %.1f MiB at rest and %.1f under load", name, idle[name], busy[name])
		}
	}
}
