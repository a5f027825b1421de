package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	batch "k8s.io/api/batch/v1"
	rbac "k8s.io/api/rbac/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"
)

// definition checks objects of one kind as an API server does that has kagent's
// own definition of it.
type definition struct {
	structural *structuralschema.Structural
	schema     validation.SchemaValidator
	rules      *cel.Validator
}

// definitions returns those of testdata, by "kagent.dev/v1alpha2 Agent".
func definitions(t *testing.T) map[string]definition {
	t.Helper()
	files, err := filepath.Glob("testdata/kagent/*.yaml")
	if err != nil || len(files) != 3 {
		t.Fatal(files, err)
	}
	found := map[string]definition{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var crd apiextensionsv1.CustomResourceDefinition
		if err := yaml.UnmarshalStrict(data, &crd); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, version := range crd.Spec.Versions {
			var internal apiextensions.JSONSchemaProps
			if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(version.Schema.OpenAPIV3Schema, &internal, nil); err != nil {
				t.Fatal(err)
			}
			structural, err := structuralschema.NewStructural(&internal)
			if err != nil {
				t.Fatal(err)
			}
			validator, _, err := validation.NewSchemaValidator(&internal)
			if err != nil {
				t.Fatal(err)
			}
			found[crd.Spec.Group+"/"+version.Name+" "+crd.Spec.Names.Kind] = definition{structural, validator, cel.NewValidator(structural, true, celconfig.PerCallLimit)}
		}
	}
	return found
}

// refuse returns what an API server would say against an object.
func (d definition) refuse(t *testing.T, object map[string]any) (faults []string) {
	t.Helper()
	for _, path := range pruning.PruneWithOptions(object, d.structural, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}) {
		faults = append(faults, "unknown field "+path)
	}
	defaulting.Default(object, d.structural)
	for _, err := range validation.ValidateCustomResource(nil, object, d.schema) {
		faults = append(faults, err.Error())
	}
	errs, _ := d.rules.Validate(t.Context(), nil, d.structural, object, nil, celconfig.RuntimeCELCostBudget)
	for _, err := range errs {
		faults = append(faults, err.Error())
	}
	return faults
}

// observed is a release with agents.
var observed = release{files: []string{"values-minikube.yaml", "values-ko.yaml"}, set: tree("kagent.enabled", true, "kagent.taskSecret", "agent-tasks",
	"kagent.model.secret", "model", "kagent.model.baseURL", "https://models.example/v1", "kagent.round.secret", "operator", "events.sink", "http://broker.example:9000/x")}

// forAgents returns all objects that there are for agents.
func forAgents(t *testing.T, r release) (found []object) {
	t.Helper()
	for path, content := range rendered(t, r) {
		if !strings.HasPrefix(path, "templates/kagent-") {
			continue
		}
		all, err := objects(content)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, all...)
	}
	return found
}

// kagentObjects returns the objects of kagent's API by kind and name.
func kagentObjects(t *testing.T, r release) map[string]map[string]any {
	t.Helper()
	all := forAgents(t, r)
	found := map[string]map[string]any{}
	for _, o := range all {
		var object map[string]any
		if err := yaml.Unmarshal(o.yaml, &object); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(fmt.Sprint(object["apiVersion"]), "kagent.dev/") {
			found[o.Kind+" "+o.Metadata.Name] = object
		}
	}
	return found
}

func TestKagentsDefinitionsAdmitEveryObject(t *testing.T) {
	known := definitions(t)
	all := kagentObjects(t, observed)
	if len(all) != 6 {
		t.Errorf("there are %d objects", len(all))
	}
	for name, object := range all {
		d, ok := known[fmt.Sprintf("%v %v", object["apiVersion"], object["kind"])]
		if !ok {
			t.Errorf("%s is of %v", name, object["apiVersion"])
			continue
		}
		if faults := d.refuse(t, object); len(faults) > 0 {
			t.Errorf("%s:\n%s", name, strings.Join(faults, "\n"))
		}
	}
	broken := kagentObjects(t, observed)["Agent todo-app-remediator"]
	spec := broken["spec"].(map[string]any)["declarative"].(map[string]any)
	spec["systemMesage"] = "x"
	first := spec["tools"].([]any)[0].(map[string]any)["mcpServer"].(map[string]any)
	first["toolNames"] = []any{"k8s_get_events"}
	faults := strings.Join(known["kagent.dev/v1alpha2 Agent"].refuse(t, broken), "\n")
	if !strings.Contains(faults, "systemMesage") || !strings.Contains(faults, "RequireApproval") {
		t.Errorf("what is wrong is admitted: %s", faults)
	}
}

// toolsOf returns the tools of an agent, those that need approval marked.
func toolsOf(agent map[string]any) (tools []string) {
	for _, one := range agent["spec"].(map[string]any)["declarative"].(map[string]any)["tools"].([]any) {
		server := one.(map[string]any)["mcpServer"].(map[string]any)
		approve, _ := server["requireApproval"].([]any)
		for _, name := range server["toolNames"].([]any) {
			if slices.Contains(approve, name) {
				name = fmt.Sprint(name, " with approval")
			}
			tools = append(tools, fmt.Sprint(name))
		}
	}
	slices.Sort(tools)
	return tools
}

// TestAgentsReadAndWhatChangesAnythingIsApprovedByPeopleButOneAct lists every
// tool once more by hand.
func TestAgentsReadAndWhatChangesAnythingIsApprovedByPeopleButOneAct(t *testing.T) {
	all := kagentObjects(t, observed)
	looks := []string{"k8s_describe_resource", "k8s_get_events", "k8s_get_pod_logs", "k8s_get_resource_yaml", "k8s_get_resources", "list_failed_jobs", "list_tasks"}
	if diff := cmp.Diff(looks, toolsOf(all["Agent todo-app-observer"])); diff != "" {
		t.Errorf("the observer (-want +got):\n%s", diff)
	}
	mends := append(slices.Clone(looks), "delete_failed_job", "k8s_patch_resource with approval")
	slices.Sort(mends)
	if diff := cmp.Diff(mends, toolsOf(all["Agent todo-app-remediator"])); diff != "" {
		t.Errorf("the remediator (-want +got):\n%s", diff)
	}
}

// TestKagentAsksForTheToolsForTasksWhereItGetsThem: it asks every minute, and
// where a credential is needed it has to have one.
func TestKagentAsksForTheToolsForTasksWhereItGetsThem(t *testing.T) {
	for _, c := range []struct {
		set          map[string]any
		server, tool bool
	}{
		{tree("kagent.enabled", true, "kagent.taskSecret", "agent-tasks"), true, true},
		{tree("kagent.enabled", true), false, false},
		{tree("kagent.enabled", true, "auth.mode", "none"), true, false},
		{tree("kagent.enabled", true, "kagent.taskSecret", "agent-tasks", "functions.mcp.enabled", false), false, false},
	} {
		all := kagentObjects(t, release{files: observed.files, set: c.set})
		_, server := all["RemoteMCPServer todo-app-tasks"]
		tool := slices.Contains(toolsOf(all["Agent todo-app-observer"]), "list_tasks")
		if server != c.server || tool != c.tool {
			t.Errorf("with %v: the server is there: %v, its tool: %v", c.set, server, tool)
		}
	}
}

func TestRolesOfAgentsReachNoSecretAndChangeKnativeServicesAndJobsAlone(t *testing.T) {
	all := forAgents(t, observed)
	changes := map[string][]string{}
	for _, o := range all {
		var role rbac.Role
		if o.Kind != "Role" {
			continue
		}
		if err := o.into(&role); err != nil {
			t.Fatal(err)
		}
		for _, rule := range role.Rules {
			if slices.Contains(rule.Resources, "secrets") || slices.Contains(rule.Resources, "*") || slices.Contains(rule.APIGroups, "*") {
				t.Errorf("%s reaches %v", role.Name, rule)
			}
			for _, verb := range rule.Verbs {
				if !slices.Contains([]string{"get", "list", "watch"}, verb) {
					changes[role.Name] = append(changes[role.Name], verb+" "+strings.Join(rule.Resources, ","))
				}
			}
		}
	}
	want := map[string][]string{"todo-app-agents-patch": {"patch services"}, "todo-app-janitor": {"delete jobs"}}
	if diff := cmp.Diff(want, changes); diff != "" {
		t.Error(diff)
	}
}

func TestAnotherVersionOfKagentsAPIIsAValue(t *testing.T) {
	r := observed
	r.set = tree("kagent.enabled", true, "kagent.apiVersion", "kagent.dev/v1alpha3")
	for name, object := range kagentObjects(t, r) {
		if object["apiVersion"] != "kagent.dev/v1alpha3" {
			t.Errorf("%s is of %v", name, object["apiVersion"])
		}
	}
	if len(forAgents(t, release{files: observed.files})) > 0 {
		t.Error("there are agents that nobody asked for")
	}
}

// TestTheJanitorCleansUpAfterItsOwnReleaseAlone: Jobs say of which release they
// are, and the janitor is told which is its own.
func TestTheJanitorCleansUpAfterItsOwnReleaseAlone(t *testing.T) {
	const instance = "app.kubernetes.io/instance"
	kinds := map[string]bool{}
	each(t, func(t *testing.T, o object) {
		var c batch.CronJob
		if o.Kind != "CronJob" {
			return
		}
		if err := o.into(&c); err != nil {
			t.Fatal(err)
		}
		kinds[c.Labels["app.kubernetes.io/component"]] = true
		for _, labels := range []map[string]string{c.Spec.JobTemplate.Labels, c.Spec.JobTemplate.Spec.Template.Labels} {
			if labels[instance] != name || labels["app.kubernetes.io/part-of"] != "todo-app" || labels["app.kubernetes.io/component"] != c.Labels["app.kubernetes.io/component"] {
				t.Errorf("what %s makes has the labels %v", c.Name, labels)
			}
		}
	})
	if !kinds["sweep"] || !kinds["backup"] || !kinds["restore"] || !kinds["round"] {
		t.Errorf("looked at no more than %v", kinds)
	}
	for _, o := range forAgents(t, observed) {
		if o.Kind != "Service" {
			continue
		}
		spec, _ := pod(t, o)
		if args := spec.Containers[0].Args; !slices.Equal(args, []string{"janitor", "--release=" + name}) {
			t.Errorf("the janitor is started with %v", args)
		}
	}
}
