//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// agentNamespace is where kagent would be. What stands for its controller is
// this process.
const agentNamespace = "kagent"

// controllerYAML leads kagent's controller to this process, which is on the
// node.
const controllerYAML = `
apiVersion: v1
kind: Service
metadata: {name: kagent-controller, namespace: ` + agentNamespace + `}
spec: {ports: [{name: http, port: 8083}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: kagent-controller, namespace: ` + agentNamespace + `, labels: {kubernetes.io/service-name: kagent-controller}}
addressType: IPv4
endpoints: [{addresses: [%q], conditions: {ready: true}}]
ports: [{name: http, port: %d, protocol: TCP}]
`

// controller answers every message by A2A as kagent's does, with one finding.
type controller struct {
	mu    sync.Mutex
	asked []string
}

// ServeHTTP implements http.Handler.
func (c *controller) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	c.mu.Lock()
	c.asked = append(c.asked, r.Method+" "+r.URL.Path+" "+string(body))
	c.mu.Unlock()
	fmt.Fprint(w, `{"jsonrpc":"2.0","id":"1","result":{"kind":"task","status":{"state":"completed"},"artifacts":[{"parts":[{"kind":"text","text":"OK: nobody asked."}]}]}}`)
}

// controls has the cluster find the controller here.
func controls(t *step) *controller {
	run(t, "kubectl", "delete", "namespace", agentNamespace, "--ignore-not-found", atMost) // of an earlier run
	run(t, "kubectl", "create", "namespace", agentNamespace)
	c := &controller{}
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: c}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	node := run(t, "kubectl", "get", "nodes", "--output", `jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}`)
	if _, err := tryWith(fmt.Sprintf(controllerYAML, node, l.Addr().(*net.TCPAddr).Port), "kubectl", "apply", "--filename", "-"); err != nil {
		t.Fatal(err)
	}
	return c
}

// brokenYAML is a CronJob whose Jobs fail, by its name, a release and an image.
const brokenYAML = `
apiVersion: batch/v1
kind: CronJob
metadata: {name: %[1]s, namespace: ` + namespace + `}
spec:
  schedule: "0 0 1 1 *"
  suspend: true
  jobTemplate:
    metadata: {labels: {app.kubernetes.io/part-of: todo-app, app.kubernetes.io/instance: %[2]s}}
    spec:
      backoffLimit: 0
      template:
        metadata: {labels: {app.kubernetes.io/part-of: todo-app}}
        spec:
          restartPolicy: Never
          automountServiceAccountToken: false
          securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
          containers:
          - name: broken
            image: %[3]s
            args: [no-such-command]
            resources: {requests: {cpu: 10m, memory: 32Mi}, limits: {cpu: 500m, memory: 128Mi}}
            securityContext: {allowPrivilegeEscalation: false, runAsUser: 65532, capabilities: {drop: [ALL]}}
`

// agents has the cluster admit the objects for kagent, by kagent's definitions;
// asks for a round, and has the janitor delete what it may.
func agents(t *step, r *report) {
	run(t, "kubectl", "apply", "--server-side", "--filename", "test/manifests/testdata/kagent")
	run(t, "kubectl", "wait", "crd/agents.kagent.dev", "crd/modelconfigs.kagent.dev", "crd/remotemcpservers.kagent.dev", "--for=condition=Established", atMost)
	c := controls(t)
	defer func() { run(t, "kubectl", "delete", "namespace", agentNamespace, "--ignore-not-found", atMost) }()
	token := operatorKey(t, toolbox(t)+"/todo")
	kubectl(t, "delete", "secret", "operator", "--ignore-not-found")
	kubectl(t, "create", "secret", "generic", "operator", "--from-literal", "ops-key="+token)
	defer kubectl(t, "delete", "secret", "operator")
	with := []string{"--wait", "--set", "kagent.enabled=true", "--set", "kagent.round.suspend=true", "--set", "kagent.round.secret=operator", "--set", "kagent.taskSecret=agent-tasks",
		"--set", "kagent.model.name=scripted", "--set", "kagent.model.baseURL=http://model.example/v1"}
	helm(t, "upgrade", with...)
	defer func() { helm(t, "upgrade", "--wait") }()
	waitReady(t)
	found := kubectl(t, "get", "agents,modelconfigs,remotemcpservers", "--output", "name")
	if lines := strings.Split(found, "\n"); len(lines) != 6 {
		t.Errorf("admitted are %q", lines)
	}
	if _, err := try("kubectl", "--namespace", namespace, "patch", "agents", release+"-observer", "--type", "merge", "--patch", `{"spec":{"declarative":{"a2aConfig":null,"tools":[{"type":"McpServer"}]}}}`); err == nil {
		t.Error("an agent that cannot be is admitted, so nothing is proven")
	}
	toolServer(t)
	round(t, r, c)
	janitor(t, r)
}

// toolServer checks what the account of kagent's tool server may.
func toolServer(t *step) {
	const who = "--as=system:serviceaccount:kagent:kagent-tools"
	for what, want := range map[string]string{
		"list services.serving.knative.dev": "yes", "get podautoscalers.autoscaling.internal.knative.dev": "yes", "patch services.serving.knative.dev": "yes",
		"delete services.serving.knative.dev": "no", "get secrets": "no", "delete jobs": "no", "delete pods": "no", "patch statefulsets": "no", "create pods/exec": "no",
	} {
		out, _ := try("kubectl", append([]string{"--namespace", namespace, "auth", "can-i", who}, strings.Fields(what)...)...)
		if got, _, _ := strings.Cut(out, "\n"); (got == "yes") != (want == "yes") {
			t.Errorf("kagent's tool server may %s: %q, want %s", what, out, want)
		}
	}
}

// round makes one by hand.
func round(t *step, r *report, c *controller) {
	kubectl(t, "delete", "job", "round-now", "--ignore-not-found")
	kubectl(t, "create", "job", "round-now", "--from", "cronjob/"+release+"-round")
	defer kubectl(t, "delete", "job", "round-now")
	kubectl(t, "wait", "job/round-now", "--for=condition=Complete", atMost)
	if said := kubectl(t, "logs", "job/round-now"); !strings.Contains(said, "OK: nobody asked.") {
		t.Errorf("the round says %q", said)
	}
	c.mu.Lock()
	asked := strings.Join(c.asked, "\n")
	c.mu.Unlock()
	for _, want := range []string{"POST /api/a2a/" + namespace + "/" + release + "-observer/ ", "message/send", "pod_hours"} {
		if !strings.Contains(asked, want) {
			t.Errorf("the observer was asked without %q: %.2000s", want, asked)
		}
	}
	r.add("a round of the observer", "asked with the facts, answered", "", true)
}

// janitor has it woken from zero, and asked for what it may and may not do.
func janitor(t *step, r *report) {
	image := kubectl(t, "get", "cronjob", release+"-sweep", "--output", "jsonpath={.spec.jobTemplate.spec.template.spec.containers[0].image}")
	for name, of := range map[string]string{"broken": release, "elsewhere": "another-release"} {
		if _, err := tryWith(fmt.Sprintf(brokenYAML, name, of, image), "kubectl", "apply", "--filename", "-"); err != nil {
			t.Fatal(err)
		}
		defer kubectl(t, "delete", "cronjob", name, "--ignore-not-found")
		kubectl(t, "delete", "job", name+"-now", "--ignore-not-found")
		kubectl(t, "create", "job", name+"-now", "--from", "cronjob/"+name)
		kubectl(t, "wait", "job/"+name+"-now", "--for=condition=Failed", atMost)
	}
	asleep(t, "janitor")
	private := run(t, "kubectl", "--namespace", "traefik", "get", "service", "traefik-private", "--output", "jsonpath={.spec.clusterIP}")
	inside := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, private+":80")
	}}}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "e2e"}, nil).Connect(t.Context(),
		&mcp.StreamableClientTransport{Endpoint: "http://janitor." + namespace + ".svc.cluster.local/mcp", HTTPClient: inside}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	call := func(tool string, arguments map[string]any) (string, bool) {
		t.Helper()
		result, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: arguments})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(result.StructuredContent), result.IsError
	}
	if told, bad := call("list_failed_jobs", nil); bad || strings.Contains(told, "-now") {
		t.Errorf("failed are %s, which were made by hand", told)
	}
	if _, bad := call("delete_failed_job", map[string]any{"name": "broken-now"}); !bad {
		t.Error("the janitor deleted what was made by hand")
	}
	for _, name := range []string{"broken-now", "elsewhere-now"} {
		kubectl(t, "annotate", "job", name, "cronjob.kubernetes.io/instantiate-") // now it is as the schedule would have made it
	}
	if told, bad := call("list_failed_jobs", nil); bad || !strings.Contains(told, "broken-now") || strings.Contains(told, "elsewhere-now") {
		t.Errorf("failed are %s", told)
	}
	for _, name := range []string{release + "-migrate", "elsewhere-now", "nobody"} {
		if _, bad := call("delete_failed_job", map[string]any{"name": name}); !bad {
			t.Errorf("the janitor deleted %s", name)
		}
	}
	if told, bad := call("delete_failed_job", map[string]any{"name": "broken-now"}); bad {
		t.Error(told)
	}
	eventually(t, "the failed Job is gone", func() bool {
		_, err := try("kubectl", "--namespace", namespace, "get", "job", "broken-now")
		return err != nil
	})
	r.add("the janitor, from zero", "deleted the failed Job, and no other", "", true)
}
