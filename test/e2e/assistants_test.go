//go:build e2e

package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"todo-app/internal/httpapi"
	"todo-app/internal/scaling"
)

// toolbox builds the todo command and returns the folder that it is in.
func toolbox(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	run(t, "go", "build", "-buildvcs=false", "-o", filepath.Join(dir, "todo"), "./cmd/todo")
	return dir
}

// operatorKey issues a key for operators, as docs/kubectl-ai.md has it.
func operatorKey(t testing.TB, todo string) string {
	t.Helper()
	secret := func(key string) string {
		text, err := base64.StdEncoding.DecodeString(kubectl(t, "get", "secret", release, "--output", "jsonpath={.data."+key+"}"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	pod := kubectl(t, "get", "pod", release+"-postgres-0", "--output", "jsonpath={.status.podIP}")
	c := exec.Command(todo, "issue-key", "operator", "e2e", "--ops")
	c.Env = append(os.Environ(), "DATABASE_URL=postgres://todo@"+pod+":5432/todo?sslmode=disable", "DATABASE_PASSWORD="+secret("owner-password"))
	out, err := c.Output()
	if err != nil {
		t.Fatalf("issuing a key for operators: %v", err)
	}
	return strings.TrimSpace(string(out))
}

// operators asks for the facts, under a key that opens these and no task.
func operators(t *step, r *report) {
	token := operatorKey(t, filepath.Join(toolbox(t), "todo"))
	if _, err := client("list").List(t.Context(), nil, ""); err != nil {
		t.Fatal(err)
	}
	asking := func(function string) *httpapi.Client {
		c := client(function)
		c.HTTP = &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
		c.Prepare = func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
		return c
	}
	if _, err := client("health").Scaling(t.Context()); err == nil {
		t.Error("an owner's key opens what is for operators")
	}
	if _, err := asking("list").List(t.Context(), nil, ""); err == nil {
		t.Error("an operator's key opens tasks")
	}
	asleep(t, "list") // its pod has ended, and has noted what it did
	var list scaling.Function
	eventually(t, "what the list's pods did is known", func() bool {
		facts, err := asking("web").Scaling(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !facts.Cluster.Known || !facts.Storage.Known {
			t.Fatalf("not known: %+v, %+v", facts.Cluster, facts.Storage)
		}
		for _, f := range facts.Functions {
			if f.Function == "list" {
				list = f
			}
		}
		return list.Observed != nil && list.Observed.Cold.Starts > 0
	})
	d, o := list.Deployed, list.Observed
	if d == nil || d.Revision == "" || d.Scale.Max == 0 || len(d.Events) == 0 || d.Resources.MemoryLimit == 0 || *list.Connections.Budget == 0 || o.Memory == 0 || o.Requests == 0 {
		t.Errorf("told of the list is %+v, %+v, %+v", d, o, list.Connections)
	}
	r.add("cold starts of the list, by itself", fmt.Sprintf("%d in %.0f ms on average, %.0f ms at most", o.Cold.Starts, o.Cold.Mean, o.Cold.Slowest), "", true)
}

// promptCommands are the commands that the pack tells assistants to use.
func promptCommands(t testing.TB) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "config", "kubectl-ai", "prompt.md"))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for line := range strings.Lines(string(text)) {
		if code, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "    "); ok {
			found = append(found, code)
		}
	}
	if len(found) == 0 {
		t.Fatal("the prompt names no command")
	}
	return found
}

// account is who a command is run as.
type account struct {
	kubeconfig string
	env        []string
}

// newAccount writes a kubeconfig with the pack's script.
func newAccount(t testing.TB, name string, env ...string) account {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(run(t, "config/kubectl-ai/kubeconfig", name)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return account{path, append(os.Environ(), append(env, "KUBECONFIG="+path)...)}
}

func (a account) try(command string) (string, error) {
	c := exec.Command("sh", "-c", command)
	c.Dir, c.Env = root, a.env
	out, err := c.CombinedOutput()
	return string(out), err
}

// answers has a command answer, at the latest when pods that it asks for have
// begun to say something.
func answers(t *step, as account, command string) {
	const tries = 20
	for try := 1; ; try++ {
		out, err := as.try(command)
		if err == nil {
			return
		}
		if try == tries || !strings.Contains(out, "waiting to start") {
			t.Errorf("%s: %v\n%s", command, err, out)
			return
		}
		time.Sleep(time.Second)
	}
}

// refused checks that the cluster does not let an account do something.
func (a account) refused(t *step, who string, commands ...string) {
	for _, command := range commands {
		if out, err := a.try(command); err == nil || !strings.Contains(out, "orbidden") {
			t.Errorf("%s may %s: %v, %s", who, command, err, out)
		}
	}
}

// assistants runs every command of the pack for kubectl-ai under the account
// that it is for, which may change nothing; the one for acting may change a
// Knative Service, and nothing else.
func assistants(t *step, r *report) {
	run(t, "kubectl", "apply", "--filename", "config/kubectl-ai/rbac.yaml")
	bin := toolbox(t)
	front := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host, p.Out.Host = "http", host("web"), host("web")
		},
		Transport: &http.Transport{DialContext: dial},
	})
	defer front.Close()
	env := []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TODO_URL=" + front.URL, "TODO_TOKEN=" + operatorKey(t, filepath.Join(bin, "todo"))}
	reader, actor := newAccount(t, "reader", env...), newAccount(t, "actor", env...)
	commands := promptCommands(t)
	for _, command := range commands {
		answers(t, reader, command)
	}
	const patch = `kubectl patch ksvc list --namespace todo-app --type merge --patch '{"spec":{"template":{"metadata":{"annotations":{"autoscaling.knative.dev/max-scale":"4"}}}}}'`
	reader.refused(t, "the reader", patch,
		"kubectl delete ksvc list --namespace todo-app", "kubectl delete pods --all --namespace todo-app", "kubectl create configmap x --namespace todo-app",
		"kubectl get secrets --namespace todo-app", "kubectl get secret todo-app --namespace todo-app", "kubectl scale deployment --all --replicas 0 --namespace todo-app",
		"kubectl get pods --namespace kube-system", "kubectl get nodes")
	actor.refused(t, "the actor", "kubectl delete ksvc list --namespace todo-app", "kubectl delete pods --all --namespace todo-app",
		"kubectl get secret todo-app --namespace todo-app", "kubectl create configmap x --namespace todo-app",
		"kubectl patch statefulset todo-app-postgres --namespace todo-app --patch '{\"spec\":{\"replicas\":0}}'")
	before := revision(t, "list")
	if out, err := actor.try(patch); err != nil {
		t.Errorf("the actor may not scale: %s", out)
	}
	eventually(t, "a new revision is ready", func() bool { return revision(t, "list") != before })
	kubectl(t, "patch", "ksvc", "list", "--type", "merge", "--patch", `{"spec":{"template":{"metadata":{"annotations":{"autoscaling.knative.dev/max-scale":"3"}}}}}`)
	waitReady(t)
	r.add("commands of the pack for kubectl-ai that answered, and writes that were refused", fmt.Sprintf("%d, 14", len(commands)), "", true)
	theRealOne(t, r, reader)
}

// theRealOne has kubectl-ai answer a question, with a scripted model in place
// of one, where it is installed.
func theRealOne(t *step, r *report, reader account) {
	if _, err := exec.LookPath("kubectl-ai"); err != nil {
		r.add("kubectl-ai itself", "SKIPPED: no kubectl-ai on PATH", "", true)
		t.Log("SKIPPED: there is no kubectl-ai on PATH, so that the real one was not driven")
		return
	}
	m := &model{}
	server := httptest.NewServer(m)
	defer server.Close()
	c := exec.Command("kubectl-ai", "--llm-provider", "openai", "--model", "scripted", "--kubeconfig", reader.kubeconfig, "--quiet", "--skip-permissions",
		"--custom-tools-config", "config/kubectl-ai/tools.yaml", "--extra-prompt-paths", "config/kubectl-ai/prompt.md", "Why is list at zero?")
	c.Dir = root
	c.Env = append(reader.env, "OPENAI_API_KEY=scripted", "OPENAI_ENDPOINT="+server.URL, "OPENAI_MODEL=scripted")
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), conclusion) || !m.taught || !m.saw {
		t.Errorf("kubectl-ai: %v, taught %v, shown the cluster %v\n%s", err, m.taught, m.saw, out)
	}
	r.add("kubectl-ai itself, with a scripted model", "answered", "", true)
}

// conclusion is what the scripted model says in the end.
const conclusion = "nobody has asked it for a while"

// model speaks as much of OpenAI's chat completions as kubectl-ai needs: it asks
// for one command, and answers when it has seen what that printed.
type model struct {
	mu     sync.Mutex
	taught bool // it was given the pack's prompt and tools
	saw    bool // and what the cluster said
}

// ServeHTTP implements http.Handler.
func (m *model) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Stream   bool
		Messages []json.RawMessage
		Tools    json.RawMessage
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || len(asked.Messages) == 0 {
		http.Error(w, "no chat", http.StatusBadRequest)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	last := asked.Messages[len(asked.Messages)-1]
	m.taught = bytes.Contains(asked.Messages[0], []byte("todo-app on Knative")) && bytes.Contains(asked.Tools, []byte("todo_scaling"))
	m.saw = m.saw || bytes.Contains(last, []byte("-0000")) // the name of a revision
	message := map[string]any{"role": "assistant", "content": conclusion}
	finish := "stop"
	if !m.saw {
		arguments := `{"command": "kubectl get podautoscalers --namespace todo-app", "modifies_resource": "no"}`
		message = map[string]any{"role": "assistant", "content": nil, "tool_calls": []any{map[string]any{
			"index": 0, "id": "call_1", "type": "function", "function": map[string]any{"name": "kubectl", "arguments": arguments}}}}
		finish = "tool_calls"
	}
	completion := func(object, part string, said, finish any) string {
		text, _ := json.Marshal(map[string]any{"id": "1", "object": object, "created": 1, "model": "scripted",
			"choices": []any{map[string]any{"index": 0, part: said, "finish_reason": finish}}})
		return string(text)
	}
	if !asked.Stream {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, completion("chat.completion", "message", message, finish))
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	const chunk = "chat.completion.chunk"
	fmt.Fprintf(w, "data: %s\n\ndata: %s\n\ndata: [DONE]\n\n",
		completion(chunk, "delta", message, nil), completion(chunk, "delta", map[string]any{}, finish))
}
