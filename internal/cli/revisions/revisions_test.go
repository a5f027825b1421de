package revisions_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"

	"todo-app/internal/cli/client"
	"todo-app/internal/cli/revisions"
)

var update = flag.Bool("update", false, "write the golden files anew")

// cluster is an API server that has what testdata has: objects in the form
// that Knative gives them.
type cluster struct {
	*httptest.Server
	asked  []string
	answer func(http.ResponseWriter, *http.Request) bool // in place of the files, if it says so
}

func start(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.asked = append(c.asked, r.URL.Path+"?"+r.URL.Query().Get("labelSelector"))
		if c.answer != nil && c.answer(w, r) {
			return
		}
		w.Header().Set("Content-Type", "application/json")
		name := filepath.Base(r.URL.Path)
		http.ServeFile(w, r, filepath.Join("testdata", name+".json"))
	}))
	t.Cleanup(c.Close)
	return c
}

// kubeconfig writes how to reach the cluster.
func (c *cluster) kubeconfig(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: here
contexts:
- {name: here, context: {cluster: here, user: me, namespace: todo-app}}
- {name: there, context: {cluster: here, user: me}}
clusters:
- {name: here, cluster: {server: %q}}
users:
- {name: me, user: {token: secret}}
`, c.URL)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

var now = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// run runs the command in a window of some width; "" is none.
func (c *cluster) run(t *testing.T, width string, args ...string) (string, error) {
	t.Helper()
	cmd := revisions.Command(func() time.Time { return now }, func(name string) string {
		if name == "COLUMNS" {
			return width
		}
		return ""
	})
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(append([]string{"--kubeconfig", c.kubeconfig(t)}, args...))
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func TestRevisionsAreShownWithTheirTrafficAndPods(t *testing.T) {
	c := start(t)
	var got strings.Builder
	for _, run := range []struct {
		width string
		args  []string
	}{{"", nil}, {"", []string{"--all"}}, {"", []string{"list"}}, {"60", nil}, {"40", nil}} {
		out, err := c.run(t, run.width, run.args...)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "$ todo revisions %s (in %q columns)\n%s\n", strings.Join(run.args, " "), run.width, out)
	}
	const path = "testdata/table.txt"
	if *update {
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
	if diff := cmp.Diff([]string{
		"/apis/serving.knative.dev/v1/namespaces/todo-app/services?app.kubernetes.io/part-of=todo-app",
		"/apis/serving.knative.dev/v1/namespaces/todo-app/revisions?",
	}, c.asked[:2]); diff != "" {
		t.Errorf("asked for (-want +got):\n%s", diff)
	}
}

func TestTheObjectsOfTestdataAreKnatives(t *testing.T) {
	for name, list := range map[string]any{"services": &servingv1.ServiceList{}, "revisions": &servingv1.RevisionList{}} {
		text, err := os.ReadFile(filepath.Join("testdata", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(list); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRevisionsAreJSONForPrograms(t *testing.T) {
	out, err := start(t).run(t, "", "--json", "create")
	var got []revisions.Revision
	if err != nil || json.Unmarshal([]byte(out), &got) != nil {
		t.Fatal(out, err)
	}
	want := []revisions.Revision{{
		Function: "create", Revision: "create-00002", Latest: true, Traffic: 90, Tags: []string{}, Ready: "True", Replicas: 2, Desired: 3,
		Image: "ko.local/create@sha256:1f0e3dad99908345f7439f8ffabdffc4aa22a4c95ec18d8a1d4e5b3b8a2a7c11", Created: time.Date(2026, 11, 27, 9, 30, 0, 0, time.UTC),
	}, {
		Function: "create", Revision: "create-00001", Traffic: 10, Tags: []string{"before"}, Ready: "True",
		Image: "ko.local/create@sha256:aa0e3dad99908345f7439f8ffabdffc4aa22a4c95ec18d8a1d4e5b3b8a2a7c11", Created: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC),
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNamespaceContextAndLabelsSayWhereToLook(t *testing.T) {
	c := start(t)
	for _, one := range []struct {
		args []string
		path string
	}{
		{[]string{"--namespace", "other"}, "/apis/serving.knative.dev/v1/namespaces/other/services?app.kubernetes.io/part-of=todo-app"},
		{[]string{"--context", "there", "-l", "x=y"}, "/apis/serving.knative.dev/v1/namespaces/default/services?x=y"},
	} {
		c.asked = nil
		if _, err := c.run(t, "", one.args...); err != nil || c.asked[0] != one.path {
			t.Errorf("%v: %v, %v", one.args, c.asked, err)
		}
	}
}

func TestWhatIsWrongIsSaidWithACodeOfItsOwn(t *testing.T) {
	status := func(code int, reason string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(code)
			fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":%q,"code":%d,"message":"no\u001b[2J"}`, reason, code)
			return true
		}
	}
	for _, one := range []struct {
		answer func(http.ResponseWriter, *http.Request) bool
		args   []string
		code   int
		says   string
	}{
		{nil, []string{"nobody"}, client.NotFound, "there is no such function in namespace todo-app: nobody"},
		{nil, []string{"--context", "nowhere"}, client.Usage, "nowhere"},
		{nil, []string{"--timeout", "0s"}, client.Usage, "--timeout"},
		{status(404, "NotFound"), nil, client.NotFound, "the cluster has no Knative Serving"},
		{status(403, "Forbidden"), nil, client.Denied, "listing the functions in namespace todo-app"},
		{status(401, "Unauthorized"), nil, client.Denied, "listing the functions"},
		{status(503, "ServiceUnavailable"), nil, client.Unreachable, "listing the functions"},
		{status(500, "InternalError"), nil, client.Failed, "listing the functions"},
		{func(w http.ResponseWriter, r *http.Request) bool {
			return !strings.HasSuffix(r.URL.Path, "services") && status(403, "Forbidden")(w, r)
		}, nil, client.Denied, "listing their revisions"},
	} {
		c := start(t)
		c.answer = one.answer
		out, err := c.run(t, "", one.args...)
		var f *client.Failure
		if !errors.As(err, &f) || f.Code != one.code || !strings.Contains(f.Text, one.says) || strings.Contains(f.Text, "\x1b") || out != "" {
			t.Errorf("%v: %q, %v; want %d and %q", one.args, out, err, one.code, one.says)
		}
	}
	empty := start(t)
	empty.answer = func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"kind":"ServiceList","apiVersion":"serving.knative.dev/v1","items":[]}`)
		return true
	}
	if out, err := empty.run(t, ""); err != nil || !strings.HasPrefix(out, "There are no functions here") {
		t.Error(out, err)
	}
	if out, err := empty.run(t, "", "--json"); err != nil || out != "[]\n" {
		t.Errorf("%q, %v", out, err)
	}
	empty.Close()
	_, err := empty.run(t, "")
	var f *client.Failure
	if !errors.As(err, &f) || f.Code != client.Unreachable {
		t.Error(err)
	}
}
