//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"todo-app/internal/httpapi"
)

const (
	root      = "../.."
	ingress   = "10.96.0.80:80" // where test/cluster has Knative's public ingress
	domain    = "todo.test"
	namespace = "todo-app"
	release   = "todo-app"

	// For anything that must come, however busy the machine is.
	patience = 10 * time.Minute
	atMost   = "--timeout=10m" // the same for kubectl
)

// functions are those that users reach, each at a host of its own.
var functions = []string{"create", "list", "watch", "update", "delete", "health", "web"}

// run runs a command and returns what it printed; failing ends the test.
func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := try(name, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func try(name string, args ...string) (string, error) {
	return tryWith("", name, args...)
}

func tryWith(stdin, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience+time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = root
	c.Stdin = strings.NewReader(stdin)
	var out, said bytes.Buffer
	c.Stdout, c.Stderr = &out, &said
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s%s", name, strings.Join(args, " "), err, out.String(), said.String())
	}
	return strings.TrimSpace(out.String()), nil
}

// kubectl speaks to the cluster, in the service's namespace.
func kubectl(t testing.TB, args ...string) string {
	t.Helper()
	return run(t, "kubectl", append([]string{"--namespace", namespace}, args...)...)
}

// helm installs or upgrades; more are further arguments.
func helm(t testing.TB, verb string, more ...string) string {
	t.Helper()
	return run(t, "helm", helmArgs(verb, more...)...)
}

func helmArgs(verb string, more ...string) []string {
	args := []string{verb, release, "chart", "--namespace", namespace, "--timeout", "10m",
		"--values", "chart/values-minikube.yaml", "--values", "chart/values-images.yaml",
		"--values", "test/e2e/values.yaml", "--values", os.Getenv("TODO_CLUSTER_VALUES")}
	return append(args, more...)
}

// waitReady waits until every function's newest revision serves, which Helm
// does not.
func waitReady(t testing.TB) {
	t.Helper()
	kubectl(t, "wait", "ksvc", "--all", "--for=condition=Ready", atMost)
}

// eventually waits until the condition holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	end := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s\n%s", patience, what, kubectl(t, "get", "pods,ksvc,revisions"))
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// host returns the name under which the ingress knows a function.
func host(function string) string { return function + "." + namespace + "." + domain }

// dial reaches the ingress, whatever the host is called.
func dial(ctx context.Context, network, _ string) (net.Conn, error) {
	return (&net.Dialer{Timeout: 30 * time.Second}).DialContext(ctx, network, ingress)
}

// httpClient reaches every host through the ingress and never repeats a
// request: on a connection of its own net/http has no reason to.
func httpClient() *http.Client {
	return &http.Client{Timeout: 70 * time.Second, Transport: bearer{&http.Transport{DialContext: dial, DisableKeepAlives: true}}}
}

// bearer sends the installed API key along.
type bearer struct{ next http.RoundTripper }

// key is what bearer sends; see signIn.
var key atomic.Value

// RoundTrip implements http.RoundTripper.
func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	if token, _ := key.Load().(string); token != "" {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return b.next.RoundTrip(r)
}

// signIn reads the installed API key, by the line of the chart's notes.
func signIn(t testing.TB) {
	t.Helper()
	token, err := base64.StdEncoding.DecodeString(kubectl(t, "get", "secret", release, "--output", "jsonpath={.data.api-key}"))
	if err != nil || len(token) == 0 {
		t.Fatalf("the key is %q: %v", token, err)
	}
	key.Store(string(token))
}

// client speaks to a function at its own host.
func client(function string) *httpapi.Client {
	return &httpapi.Client{Base: "http://" + host(function), HTTP: httpClient()}
}

// pods returns the names of a function's pods that are not on their way out.
func pods(t testing.TB, service string) []string {
	t.Helper()
	return live(t, "serving.knative.dev/service="+service)
}

func live(t testing.TB, selector string) []string {
	t.Helper()
	return liveIn(t, namespace, selector)
}

func liveIn(t testing.TB, namespace, selector string) []string {
	t.Helper()
	var list struct {
		Items []struct {
			Metadata struct {
				Name              string
				DeletionTimestamp *time.Time
			}
		}
	}
	if err := json.Unmarshal([]byte(run(t, "kubectl", "--namespace", namespace, "get", "pods", "--selector", selector, "--output", "json")), &list); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range list.Items {
		if p.Metadata.DeletionTimestamp == nil {
			names = append(names, p.Metadata.Name)
		}
	}
	return names
}

// asleep waits until none of the functions has a pod that takes requests;
// those on their way out need half a minute more.
func asleep(t testing.TB, services ...string) {
	t.Helper()
	eventually(t, strings.Join(services, ", ")+" at zero", func() bool {
		for _, s := range services {
			if len(pods(t, s)) > 0 {
				return false
			}
		}
		return true
	})
}
