//go:build e2e

package e2e

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

// koApply deploys config/ with ko alone, from an empty cluster, and once more
// with changed code. The images of PostgreSQL and Redis are the cluster's;
// nothing else differs from the repository.
func koApply(t *step, r *report) {
	empty(t)
	config := t.TempDir()
	files, err := filepath.Glob(filepath.Join(root, "config", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	images := clusterImages(t)
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(data), "\n")
		for i, line := range lines {
			before, image, ok := strings.Cut(line, "image: docker.io/library/")
			if name, _, _ := strings.Cut(image, ":"); ok && images[name] != "" {
				lines[i] = before + "image: " + images[name]
			}
		}
		text := strings.ReplaceAll(strings.Join(lines, "\n"), "kubernetes.io/metadata.name: kourier-system", "kubernetes.io/metadata.name: traefik")
		if err := os.WriteFile(filepath.Join(config, filepath.Base(path)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	apply := func() {
		t.Helper()
		run(t, "ko", "apply", "--base-import-paths", "--filename", config)
		kubectl(t, "wait", "ksvc", "--all", "--for=condition=Ready", atMost)
	}
	apply() // as docs/deployment.md has it, with no other setting
	eventually(t, "the Secret is made", func() bool {
		_, err := try("kubectl", "--namespace", namespace, "get", "secret", release)
		return err == nil
	})
	signIn(t)
	var made httpapi.Task
	eventually(t, "the migration has run", func() (ok bool) {
		done, _ := try("kubectl", "--namespace", namespace, "get", "job", release+"-migrate", "--output", "jsonpath={.status.succeeded}")
		var err error
		made, err = client("web").Create(t.Context(), task.Patch{Title: task.Value("By ko")})
		var problem *httpapi.Problem
		if errors.As(err, &problem) && problem.Status != http.StatusServiceUnavailable && (done == "1" || problem.Status != http.StatusUnauthorized) {
			t.Fatalf("before the database is there: %v", err) // the key is the last that the migration makes
		}
		return err == nil
	})
	before := revision(t, "list")
	t.Setenv("TODO_VERSION", "second")
	apply()
	if after := revision(t, "list"); after == before {
		t.Errorf("the changed code is not deployed: still %s", after)
	}
	if got, err := client("web").Get(t.Context(), made.ID); err != nil || got.Title != "By ko" {
		t.Errorf("got %+v, %v", got, err)
	}
	h, err := client("health").Health(t.Context())
	if err != nil || h.Version != "second" {
		t.Errorf("health says %+v, %v", h, err)
	}
	crud(t, r)
}

// clusterImages returns the cluster's images of PostgreSQL and Redis by name.
func clusterImages(t testing.TB) map[string]string {
	t.Helper()
	data, err := os.ReadFile(os.Getenv("TODO_CLUSTER_VALUES"))
	if err != nil {
		t.Fatal(err)
	}
	images := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if name, image, ok := strings.Cut(strings.TrimSpace(line), `: {image: "`); ok {
			images[name] = strings.TrimSuffix(image, `"}`)
		}
	}
	return images
}
