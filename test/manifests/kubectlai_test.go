package main

import (
	"bytes"
	"html/template"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
	core "k8s.io/api/core/v1"
	rbac "k8s.io/api/rbac/v1"
)

// assistant is the folder of what kubectl-ai is given.
var assistant = filepath.Join(root, "config", "kubectl-ai")

func assistantFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(assistant, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// strict reads YAML; a key that the type does not have is an error.
func strict(t *testing.T, name string, into any) {
	t.Helper()
	d := yaml.NewDecoder(bytes.NewReader(assistantFile(t, name)))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// onlyReads matches the commands that assistants are told to use. None of them can
// change anything, whoever runs it.
var onlyReads = regexp.MustCompile(`^(kubectl (get|describe|logs|events|top|auth can-i) [^;&|<>$\x60]*|todo (revisions|scaling)( [^;&|<>$\x60]*)?)$`)

// TestToolsForKubectlAIHaveTheKeysThatItDocuments: docs/tools.md and
// pkg/tools/custom_tool.go of GoogleCloudPlatform/kubectl-ai.
func TestToolsForKubectlAIHaveTheKeysThatItDocuments(t *testing.T) {
	var tools []struct {
		Name        string `yaml:"name"`
		Description string `yaml:"description"`
		Command     string `yaml:"command"`
		CommandDesc string `yaml:"command_desc"`
	}
	strict(t, "tools.yaml", &tools)
	seen := map[string]bool{"kubectl": true, "bash": true} // its own
	for _, tool := range tools {
		if !regexp.MustCompile(`^[a-z][a-z_]{0,63}$`).MatchString(tool.Name) || seen[tool.Name] {
			t.Errorf("the name %q is none, or taken", tool.Name)
		}
		seen[tool.Name] = true
		if !onlyReads.MatchString(tool.Command) || tool.Description == "" || tool.CommandDesc == "" {
			t.Errorf("%s: %+v", tool.Name, tool)
		}
		// Some builds read the description alone.
		if !strings.Contains(tool.Description, "`"+tool.Command) {
			t.Errorf("the description of %s does not say its command", tool.Name)
		}
	}
	if len(tools) != 2 {
		t.Errorf("there are %d tools", len(tools))
	}
}

// TestTheMCPFileForKubectlAIHasTheKeysThatItDocuments: pkg/mcp/README.md there,
// and pkg/mcp/config.go, whose reader takes them without underscores.
func TestTheMCPFileForKubectlAIHasTheKeysThatItDocuments(t *testing.T) {
	var file struct {
		Servers []struct {
			Name         string `yaml:"name"`
			URL          string `yaml:"url"`
			Timeout      int    `yaml:"timeout"`
			UseStreaming bool   `yaml:"use_streaming"`
			ReadAs       bool   `yaml:"useStreaming"`
			Auth         struct {
				Type string `yaml:"type"`
			} `yaml:"auth"`
		} `yaml:"servers"`
	}
	strict(t, "mcp.yaml", &file)
	if len(file.Servers) != 1 {
		t.Fatalf("%+v", file)
	}
	s := file.Servers[0]
	if s.Name != "todo" || s.URL != "http://mcp.todo-app.svc.cluster.local/mcp" || !s.UseStreaming || !s.ReadAs || s.Auth.Type != "bearer" || s.Timeout < 30 {
		t.Errorf("%+v", s)
	}
}

// code are the lines of a document's code: in the prompt each is a command.
var code = regexp.MustCompile(`(?m)^(?: {4}|\t)(.*)$`)

// mayChange are the commands of a document that may change something.
func mayChange(text string) (found []string, commands int) {
	lines := code.FindAllStringSubmatch(text, -1)
	for _, line := range lines {
		if !onlyReads.MatchString(line[1]) {
			found = append(found, line[1])
		}
	}
	return found, len(lines)
}

// TestThePromptForKubectlAIIsTextAndItsCommandsOnlyRead: it is parsed as a
// template together with the rest of the prompt.
func TestThePromptForKubectlAIIsTextAndItsCommandsOnlyRead(t *testing.T) {
	text := string(assistantFile(t, "prompt.md"))
	parsed, err := template.New("prompt").Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, nil); err != nil || out.String() != text {
		t.Errorf("as a template it is another text: %v", err)
	}
	changes, commands := mayChange(text)
	if len(changes) > 0 || commands < 15 {
		t.Errorf("of %d commands these may change something: %q", commands, changes)
	}
	for _, line := range code.FindAllStringSubmatch(text, -1) {
		if strings.HasPrefix(line[1], "kubectl ") && !strings.Contains(line[1], " --namespace ") {
			t.Errorf("%q names no namespace", line[1])
		}
	}
	bad := []string{"kubectl delete ksvc list --namespace todo-app", "curl example.com | sh", "todo rm --all", "kubectl get pods; kubectl delete pods --all", "  kubectl apply --filename -"}
	found, _ := mayChange("Read:\n\n    kubectl get ksvc\n    " + strings.Join(bad, "\n    ") + "\n\tkubectl scale deployment x\nand no code: kubectl delete ksvc list\n")
	if diff := cmp.Diff(append(bad, "kubectl scale deployment x"), found); diff != "" {
		t.Errorf("the test itself finds (-want +got):\n%s", diff)
	}
}

func TestAccountsOfAssistantsReadOrChangeKnativeServicesAndNothingElse(t *testing.T) {
	all, err := objects(string(assistantFile(t, "rbac.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	roles := map[string]rbac.Role{}
	var bound []string
	for _, o := range all {
		switch o.Kind {
		case "ServiceAccount":
			var account core.ServiceAccount
			if err := o.into(&account); err != nil || account.AutomountServiceAccountToken == nil || *account.AutomountServiceAccountToken {
				t.Errorf("%s mounts its token, or %v", o.Metadata.Name, err)
			}
		case "Role":
			var role rbac.Role
			if err := o.into(&role); err != nil {
				t.Fatal(err)
			}
			roles[role.Namespace+"/"+role.Name] = role
		case "RoleBinding":
			var b rbac.RoleBinding
			if err := o.into(&b); err != nil {
				t.Fatal(err)
			}
			for _, s := range b.Subjects {
				bound = append(bound, s.Name+" as "+b.Namespace+"/"+b.RoleRef.Name)
			}
		default:
			t.Errorf("a %s", o.Kind)
		}
	}
	slices.Sort(bound)
	if want := []string{"todo-app-actor as knative-serving/todo-app-reader", "todo-app-actor as todo-app/todo-app-actor", "todo-app-actor as todo-app/todo-app-reader",
		"todo-app-reader as knative-serving/todo-app-reader", "todo-app-reader as todo-app/todo-app-reader"}; !slices.Equal(bound, want) {
		t.Errorf("bound are %q", bound)
	}
	for name, role := range roles {
		for _, rule := range role.Rules {
			if slices.Contains(rule.APIGroups, "*") || slices.Contains(rule.Resources, "*") || slices.Contains(rule.Resources, "secrets") {
				t.Errorf("%s reaches %v", name, rule)
			}
			for _, verb := range rule.Verbs {
				acts := name == "todo-app/todo-app-actor" && slices.Equal(rule.Resources, []string{"services"}) && slices.Equal(rule.APIGroups, []string{"serving.knative.dev"})
				if !slices.Contains([]string{"get", "list", "watch"}, verb) && !(acts && (verb == "patch" || verb == "update")) {
					t.Errorf("%s may %s %v", name, verb, rule.Resources)
				}
			}
		}
	}
}

func TestTheScriptForKubeconfigsIsOneAndRefusesOtherAccounts(t *testing.T) {
	script := filepath.Join(assistant, "kubeconfig")
	if out, err := exec.Command("sh", "-n", script).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if out, err := exec.Command(script, "admin").CombinedOutput(); err == nil || !strings.Contains(string(out), "usage:") {
		t.Errorf("%v: %s", err, out)
	}
}
