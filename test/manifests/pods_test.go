package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	rbac "k8s.io/api/rbac/v1"
	serving "knative.dev/serving/pkg/apis/serving/v1"
	"sigs.k8s.io/yaml"
)

// into reads the object as a type of its own; a member that the type does not
// have is an error.
func (o object) into(typed any) error { return yaml.UnmarshalStrict(o.yaml, typed) }

// pod returns the pod that an object makes, if it makes any, and whether it
// is meant to run on and on.
func pod(t *testing.T, o object) (spec *core.PodSpec, runs bool) {
	t.Helper()
	typed := func(into any) {
		if err := o.into(into); err != nil {
			t.Fatalf("%s %s: %v", o.Kind, o.Metadata.Name, err)
		}
	}
	switch o.Kind {
	case "Service":
		var s serving.Service
		if o.into(&s) != nil || s.Spec.Template.Spec.Containers == nil {
			return nil, false
		}
		return &s.Spec.Template.Spec.PodSpec, true
	case "Deployment":
		var d apps.Deployment
		typed(&d)
		return &d.Spec.Template.Spec, true
	case "StatefulSet":
		var s apps.StatefulSet
		typed(&s)
		return &s.Spec.Template.Spec, true
	case "Job":
		var j batch.Job
		typed(&j)
		return &j.Spec.Template.Spec, false
	case "CronJob":
		var c batch.CronJob
		typed(&c)
		return &c.Spec.JobTemplate.Spec.Template.Spec, false
	case "Pod":
		var p core.Pod
		typed(&p)
		return &p.Spec, false
	}
	return nil, false
}

// reads are the components whose pods speak to the API server as long as they
// run.
var reads = map[string]bool{"health": true, "janitor": true}

func TestEveryPodIsBoundedWatchedAndWithoutPrivileges(t *testing.T) {
	each(t, func(t *testing.T, o object) {
		spec, runs := pod(t, o)
		if spec == nil {
			return
		}
		component := o.Metadata.Labels["app.kubernetes.io/component"]
		mounts := spec.AutomountServiceAccountToken
		if (spec.ServiceAccountName == "") != (component == "migrate") || (mounts == nil) != reads[component] ||
			mounts != nil && *mounts != (component == "bootstrap") {
			t.Errorf("%s %s: service account %q", o.Kind, o.Metadata.Name, spec.ServiceAccountName)
		}
		for _, c := range slices.Concat(spec.InitContainers, spec.Containers) {
			for _, list := range []core.ResourceList{c.Resources.Requests, c.Resources.Limits} {
				if list.Cpu().IsZero() || list.Memory().IsZero() {
					t.Errorf("%s %s: resources %v", o.Kind, o.Metadata.Name, c.Resources)
				}
			}
			if runs && (c.LivenessProbe == nil || c.ReadinessProbe == nil) {
				t.Errorf("%s %s lacks a probe", o.Kind, o.Metadata.Name)
			}
			s := c.SecurityContext
			if s == nil || s.RunAsNonRoot == nil || !*s.RunAsNonRoot || s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem ||
				s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || len(s.Capabilities.Drop) != 1 || s.Capabilities.Drop[0] != "ALL" ||
				s.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault {
				t.Errorf("%s %s: security context %v", o.Kind, o.Metadata.Name, s)
			}
			for _, e := range c.Env {
				if strings.HasSuffix(e.Name, "PASSWORD") && (e.ValueFrom == nil || e.ValueFrom.SecretKeyRef == nil || e.Value != "") {
					t.Errorf("%s %s: %s is written down", o.Kind, o.Metadata.Name, e.Name)
				}
			}
		}
	})
}

func TestAuthoritiesReachWhatConnectsAndCostNoVolume(t *testing.T) {
	r := profiles["prod, authorities of one's own"]
	r.upgrade = true
	want := map[string]string{
		"create": "DATABASE_CA=database-ca REDIS_CA=cache-ca", "list": "DATABASE_CA=database-ca REDIS_CA=cache-ca", "update": "DATABASE_CA=database-ca REDIS_CA=cache-ca",
		"delete": "DATABASE_CA=database-ca REDIS_CA=cache-ca", "watch": "DATABASE_CA=database-ca REDIS_CA=cache-ca", "health": "DATABASE_CA=database-ca REDIS_CA=cache-ca",
		"mcp": "DATABASE_CA=database-ca REDIS_CA=cache-ca", "chat": "DATABASE_CA=database-ca REDIS_CA=cache-ca",
		"web": "", "migrate": "DATABASE_CA=database-ca", "sweep": "DATABASE_CA=database-ca", "test": "",
	}
	for path, content := range rendered(t, r) {
		if !strings.HasSuffix(path, ".yaml") {
			continue
		}
		all, err := objects(content)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range all {
			spec, runs := pod(t, o)
			if spec == nil {
				continue
			}
			var found []string
			for _, e := range spec.Containers[0].Env {
				if strings.HasSuffix(e.Name, "_CA") && e.ValueFrom.SecretKeyRef.Key == "ca.crt" {
					found = append(found, e.Name+"="+e.ValueFrom.SecretKeyRef.Name)
				}
			}
			component := o.Metadata.Labels["app.kubernetes.io/component"]
			expected, ok := want[component]
			if got := strings.Join(found, " "); !ok || got != expected {
				t.Errorf("%s is given %q", component, got)
			}
			if runs && len(spec.Volumes) > 0 {
				t.Errorf("%s waits for the volumes %v", component, spec.Volumes)
			}
			delete(want, component)
		}
	}
	for component := range want {
		t.Error("there is no pod of", component)
	}
}

// TestTheBootstrapJobReadsAndChangesItsOwnSecretAlone: it may also make others,
// because what does not exist yet cannot be named.
func TestTheBootstrapJobReadsAndChangesItsOwnSecretAlone(t *testing.T) {
	want := []rbac.PolicyRule{
		{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"create"}},
		{APIGroups: []string{""}, Resources: []string{"secrets"}, ResourceNames: []string{name}, Verbs: []string{"get", "patch"}},
	}
	found := 0
	each(t, func(t *testing.T, o object) {
		if o.Kind != "Role" || o.Metadata.Labels["app.kubernetes.io/component"] != "bootstrap" {
			return
		}
		found++
		var role rbac.Role
		if err := o.into(&role); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, role.Rules); diff != "" {
			t.Errorf("it may (-want +got):\n%s", diff)
		}
		if got := o.Metadata.Annotations["helm.sh/hook-delete-policy"]; got != "before-hook-creation,hook-succeeded" {
			t.Errorf("it goes by %q", got)
		}
	})
	if found == 0 {
		t.Error("there is no role of bootstrap")
	}
}

// TestOnlyHealthReadsTheClusterAndNoMoreThanItTells: every other account mounts
// no token, that of the janitor apart, which agents bring.
func TestOnlyHealthReadsTheClusterAndNoMoreThanItTells(t *testing.T) {
	want := []rbac.PolicyRule{
		{APIGroups: []string{"serving.knative.dev"}, Resources: []string{"services"}, Verbs: []string{"list"}},
		{APIGroups: []string{"autoscaling.internal.knative.dev"}, Resources: []string{"podautoscalers"}, Verbs: []string{"list"}},
		{APIGroups: []string{""}, Resources: []string{"events"}, Verbs: []string{"list"}},
	}
	found := 0
	each(t, func(t *testing.T, o object) {
		component := o.Metadata.Labels["app.kubernetes.io/component"]
		switch o.Kind {
		case "ServiceAccount":
			var account core.ServiceAccount
			if err := o.into(&account); err != nil {
				t.Fatal(err)
			}
			if mounts := account.AutomountServiceAccountToken; mounts == nil || *mounts != reads[component] {
				t.Errorf("%s mounts its token: %v", account.Name, mounts)
			}
		case "Role":
			var role rbac.Role
			if err := o.into(&role); err != nil {
				t.Fatal(err)
			}
			if component != "health" && (component == "bootstrap" || component == "janitor" || component == "agents") {
				return // which other tests look at
			}
			found++
			if diff := cmp.Diff(want, role.Rules); diff != "" || component != "health" {
				t.Errorf("%s may (-want +got):\n%s", role.Name, diff)
			}
		case "RoleBinding":
			var binding rbac.RoleBinding
			if err := o.into(&binding); err != nil {
				t.Fatal(err)
			}
			own := component == "agents" || len(binding.Subjects) == 1 && binding.Subjects[0].Name == binding.RoleRef.Name
			if !own || binding.RoleRef.Kind != "Role" {
				t.Errorf("%s binds %v to %v", binding.Name, binding.Subjects, binding.RoleRef)
			}
		case "ClusterRole", "ClusterRoleBinding":
			t.Errorf("%s %s reaches beyond the namespace", o.Kind, o.Metadata.Name)
		}
	})
	if found == 0 {
		t.Error("there is no role of health")
	}
}

// TestTheLogOfAJobThatFailedIsThereTheNextDay: at its limit a Job takes away the
// pod whose container it starts again, and leaves pods that have failed.
func TestTheLogOfAJobThatFailedIsThereTheNextDay(t *testing.T) {
	each(t, func(t *testing.T, o object) {
		if spec, _ := pod(t, o); (o.Kind == "Job" || o.Kind == "CronJob") && spec.RestartPolicy != core.RestartPolicyNever {
			t.Errorf("%s %s: restartPolicy %s", o.Kind, o.Metadata.Name, spec.RestartPolicy)
		}
	})
	data, err := os.ReadFile(filepath.Join(root, "chart", "values.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var values struct {
		Jobs struct{ TTLSecondsAfterFinished int }
	}
	if err := yaml.Unmarshal(data, &values); err != nil {
		t.Fatal(err)
	}
	if after := values.Jobs.TTLSecondsAfterFinished; after < 24*60*60 {
		t.Errorf("a Job goes after %d seconds", after)
	}
}

// TestNoPodWaitsForAPasswordThatRedisDoesNotHave: of the others there is none to
// do without.
func TestNoPodWaitsForAPasswordThatRedisDoesNotHave(t *testing.T) {
	r := release{files: []string{"values-prod.yaml", "values-ko.yaml"}, set: tree("auth.mode", "none", "database.host", "db.example", "global.existingSecret", "mine",
		"cache.url", "redis://cache.example", "defaults.passwords", "files")}
	all, err := objects(rendered(t, r)["templates/functions.yaml"])
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, o := range all {
		spec, _ := pod(t, o)
		for _, volume := range spec.Volumes {
			if volume.Projected == nil {
				t.Fatalf("%s waits for all of the volume %s", o.Metadata.Name, volume.Name)
			}
			for _, source := range volume.Projected.Sources {
				key, optional := source.Secret.Items[0].Key, source.Secret.Optional != nil && *source.Secret.Optional
				if optional != (key == "redis-password") {
					t.Errorf("%s: %s may be missing: %v", o.Metadata.Name, key, optional)
				}
				found++
			}
		}
	}
	if found == 0 {
		t.Error("there are no passwords")
	}
}
