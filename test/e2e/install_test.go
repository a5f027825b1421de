//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

// install builds the images and installs the chart into an empty namespace
// under Pod Security's "restricted", as a trial first.
func install(t *step, r *report) {
	if os.Getenv("TODO_CLUSTER_VALUES") == "" {
		t.Fatal("this runs inside the cluster's network: make e2e")
	}
	empty(t)
	run(t, "scripts/images")
	kubectl(t, "create", "namespace", namespace)
	kubectl(t, "label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
	helm(t, "install", "--dry-run=server")
	if left := kubectl(t, "get", "all,secrets,pvc", "--output", "name"); left != "" {
		t.Errorf("the trial left something behind: %s", left)
	}
	began := time.Now()
	helm(t, "install", "--wait", "--wait-for-jobs")
	waitReady(t)
	unsigned(t)
	signIn(t)
	r.add("install, until every function is ready", fmt.Sprintf("%.1f s", time.Since(began).Seconds()), "", true)
	restricted(t)
}

// unsigned checks that nobody is let in without a key, at any door.
func unsigned(t testing.TB) {
	t.Helper()
	key.Store("")
	for _, function := range []string{"web", "list"} {
		ask(t, function, "/api/v1/tasks", http.StatusUnauthorized)
	}
}

// empty removes what an earlier run left.
func empty(t testing.TB) {
	try("helm", "uninstall", release, "--namespace", namespace, "--wait")
	for _, name := range []string{namespace, yardstickNamespace, sinkNamespace, agentNamespace} {
		run(t, "kubectl", "delete", "namespace", name, "--ignore-not-found", atMost)
	}
	run(t, "test/cluster/cluster", "volumes")
}

// restricted checks that Pod Security refused nothing, and would have.
func restricted(t testing.TB) {
	if refused := kubectl(t, "get", "events", "--field-selector=reason=FailedCreate", "--output", "jsonpath={.items[*].message}"); refused != "" {
		t.Error(refused)
	}
	if _, err := try("kubectl", "--namespace", namespace, "run", "privileged", "--image=x", "--privileged", "--restart=Never"); err == nil {
		t.Error("a privileged pod is admitted, so nothing is proven")
	}
}

// crud walks a task through its life by the front door and at each function's
// own host.
func crud(t *step, _ *report) {
	web := client("web")
	byHost := map[string]*httpapi.Client{"front door": web}
	for name, pick := range map[string]func(string) *httpapi.Client{
		"through the front door": func(string) *httpapi.Client { return byHost["front door"] },
		"straight at each":       client,
	} {
		t.Run(name, func(t *step) {
			made, err := pick("create").Create(t.Context(), task.Patch{Title: task.Value("Buy milk")})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(made.URL, "http://"+strings.TrimPrefix(pick("create").Base, "http://")+"/api/v1/tasks/") {
				t.Errorf("its url is %s", made.URL)
			}
			if got, err := pick("list").Get(t.Context(), made.ID); err != nil || got.Title != "Buy milk" {
				t.Errorf("read %+v, %v", got, err)
			}
			if got, err := pick("update").Update(t.Context(), made.ID, task.Patch{Title: task.Value("Buy bread")}); err != nil || got.Version != 2 {
				t.Errorf("updated %+v, %v", got, err)
			}
			if got, err := pick("list").Get(t.Context(), made.ID); err != nil || got.Title != "Buy bread" {
				t.Errorf("read %+v, %v", got, err)
			}
			if err := pick("delete").Delete(t.Context(), made.ID, false); err != nil {
				t.Error(err)
			}
			var problem *httpapi.Problem
			if _, err := pick("list").Get(t.Context(), made.ID); !errors.As(err, &problem) || problem.Status != http.StatusNotFound {
				t.Errorf("after the end: %v", err)
			}
			if h, err := pick("health").Health(t.Context()); err != nil || h.Status != "healthy" {
				t.Errorf("health %+v, %v", h, err)
			}
		})
	}
	for path, want := range map[string]int{"/openapi.yaml": 200, "/docs": 200, "/nowhere": 404, "/metrics": 404, "/health/live": 200} {
		response, err := httpClient().Get("http://" + host("web") + path)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s is answered %s", path, response.Status)
		}
	}
}

// itself runs the chart's own test.
func itself(t *step, _ *report) {
	run(t, "helm", "test", release, "--namespace", namespace, "--logs")
}
