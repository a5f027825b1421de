package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"knative.dev/serving/pkg/apis/config"
	serving "knative.dev/serving/pkg/apis/serving/v1"
	"knative.dev/serving/pkg/apis/serving/v1beta1"
	"sigs.k8s.io/yaml"
)

// TestKnativesWebhookAdmitsEveryObject runs what Knative's admission webhook
// runs, with the default configuration, so with no feature flag set.
func TestKnativesWebhookAdmitsEveryObject(t *testing.T) {
	defaults, err := config.NewDefaultsConfigFromMap(nil)
	if err != nil {
		t.Fatal(err)
	}
	features, err := config.NewFeaturesConfigFromMap(nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx := config.ToContext(t.Context(), &config.Config{Defaults: defaults, Features: features})
	checked := 0
	each(t, func(t *testing.T, o object) {
		group, _, _ := strings.Cut(strings.TrimPrefix(string(o.yaml[strings.Index(string(o.yaml), "apiVersion: "):]), "apiVersion: "), "\n")
		switch {
		case o.Kind == "Service" && group == "serving.knative.dev/v1":
			var s serving.Service
			if err := o.into(&s); err != nil {
				t.Fatalf("%s: %v", o.Metadata.Name, err)
			}
			s.SetDefaults(ctx)
			if err := s.Validate(ctx); err != nil {
				t.Errorf("%s: %v", o.Metadata.Name, err)
			}
			if spec := s.Spec.Template.Spec; spec.ResponseStartTimeoutSeconds != nil && *spec.ResponseStartTimeoutSeconds != *spec.TimeoutSeconds {
				t.Errorf("%s: a request may take %d s, and its answer has to begin after %d s", o.Metadata.Name, *spec.TimeoutSeconds, *spec.ResponseStartTimeoutSeconds)
			}
			if len(s.Spec.Template.Name) > 0 {
				t.Errorf("%s names its revision, so it could not change", o.Metadata.Name)
			}
			checked++
		case o.Kind == "DomainMapping":
			var d v1beta1.DomainMapping
			if err := o.into(&d); err != nil {
				t.Fatalf("%s: %v", o.Metadata.Name, err)
			}
			d.SetDefaults(ctx)
			if err := d.Validate(ctx); err != nil {
				t.Errorf("%s: %v", o.Metadata.Name, err)
			}
			checked++
		}
	})
	// Beside the functions there is a domain in one profile; in that of agents
	// the janitor.
	if want := 9*len(profiles) + 1 + 1; checked != want {
		t.Errorf("checked %d objects, want %d", checked, want)
	}
}

func TestWhatAQuotaWouldRefuseIsAlwaysSet(t *testing.T) {
	each(t, func(t *testing.T, o object) {
		var s serving.Service
		if o.Kind != "Service" || o.into(&s) != nil || s.Spec.Template.Spec.Containers == nil {
			return
		}
		for _, resource := range []string{"cpu-resource-request", "memory-resource-request", "cpu-resource-limit", "memory-resource-limit"} {
			if s.Spec.Template.Annotations["queue.sidecar.serving.knative.dev/"+resource] == "" {
				t.Errorf("%s: the proxy has no %s", o.Metadata.Name, resource)
			}
		}
	})
}

// TestAdviceNamesValuesThatThereAre: what the chart's values set says where they
// do, and the janitor, which they do not, says nothing.
func TestAdviceNamesValuesThatThereAre(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(root, "chart", "values.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var values struct{ Functions map[string]any }
	if err := yaml.Unmarshal(data, &values); err != nil {
		t.Fatal(err)
	}
	found := 0
	each(t, func(t *testing.T, o object) {
		if o.Kind != "Service" || !strings.Contains(string(o.yaml), "serving.knative.dev/v1") {
			return
		}
		found++
		component, said := o.Metadata.Labels["app.kubernetes.io/component"], o.Metadata.Annotations["todo-app/values"]
		if _, set := values.Functions[component]; set && said != "functions."+component || !set && said != "" {
			t.Errorf("%s is said to be set by %q", o.Metadata.Name, said)
		}
	})
	if found == 0 {
		t.Error("there are no functions")
	}
}
