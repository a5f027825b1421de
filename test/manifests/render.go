package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/releaseutil"
	"sigs.k8s.io/yaml"
)

// release is what Helm knows of a release when it renders.
type release struct {
	files   []string       // values files in chart/, later ones winning
	set     map[string]any // values over those
	upgrade bool
	schema  string // instead of the chart's, unless ""
}

// namespace and name of every render.
const (
	namespace = "todo-app"
	name      = "todo-app"
)

// render returns the rendered templates by their path below chart/, those
// without any object left out.
func (r release) render() (map[string]string, error) {
	chart, err := loader.Load(filepath.Join(root, "chart"))
	if err != nil {
		return nil, err
	}
	if r.schema != "" {
		chart.Schema = []byte(r.schema)
	}
	values := map[string]any{}
	for _, file := range r.files {
		data, err := os.ReadFile(filepath.Join(root, "chart", file))
		if err != nil {
			return nil, err
		}
		var own map[string]any
		if err := yaml.Unmarshal(data, &own); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		values = chartutil.MergeTables(own, values)
	}
	values = chartutil.MergeTables(r.set, values)
	if err := chartutil.ProcessDependenciesWithMerge(chart, values); err != nil {
		return nil, err
	}
	all, err := chartutil.ToRenderValues(chart, values, chartutil.ReleaseOptions{
		Name: name, Namespace: namespace, Revision: 1, IsInstall: !r.upgrade, IsUpgrade: r.upgrade,
	}, chartutil.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	rendered, err := engine.Render(chart, all)
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for path, content := range rendered {
		if strings.TrimSpace(content) != "" {
			found[strings.TrimPrefix(path, chart.Name()+"/")] = content
		}
	}
	return found, nil
}

// object is one Kubernetes object.
type object struct {
	APIVersion string
	Kind       string
	Metadata   struct {
		Name        string
		Namespace   string
		Labels      map[string]string
		Annotations map[string]string
	}
	yaml []byte
}

// objects reads the objects of a rendered template, in its order.
func objects(content string) ([]object, error) {
	split := releaseutil.SplitManifests(content)
	keys := make([]string, 0, len(split))
	for key := range split {
		keys = append(keys, key)
	}
	sort.Sort(releaseutil.BySplitManifestsOrder(keys))
	var found []object
	for _, key := range keys {
		o := object{yaml: []byte(split[key])}
		if err := yaml.Unmarshal(o.yaml, &o); err != nil {
			return nil, fmt.Errorf("%w in:\n%s", err, split[key])
		}
		if o.Kind != "" {
			found = append(found, o)
		}
	}
	return found, nil
}

// order has the templates by what has to be there first when `ko apply`
// comes by them.
var order = []string{
	"serviceaccounts", "resourcequota", "networkpolicies", "bootstrap", "postgres", "redis", "migrate", "functions",
}

// manifests returns config/: the chart as `ko apply -f config/` deploys it.
func manifests(schema string) (map[string]string, error) {
	rendered, err := release{files: []string{"values-minikube.yaml", "values-ko.yaml"}, schema: schema}.render()
	if err != nil {
		return nil, err
	}
	files := map[string]string{"config/000-namespace.yaml": generatedNote + namespaceYAML}
	for path, content := range rendered {
		if !strings.HasSuffix(path, ".yaml") || strings.Contains(path, "/tests/") {
			continue
		}
		template := strings.TrimSuffix(filepath.Base(path), ".yaml")
		rank := slices.Index(order, template)
		if rank < 0 {
			rank = len(order)
		}
		plain, err := withoutHelm(content)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		files[fmt.Sprintf("config/%d00-%s.yaml", rank+1, template)] = generatedNote + plain
	}
	return files, nil
}

const generatedNote = "# Rendered from chart/ by `make generate`; change it there.\n"

const namespaceYAML = `apiVersion: v1
kind: Namespace
metadata:
  name: ` + namespace + `
  labels:
    app.kubernetes.io/part-of: todo-app
    pod-security.kubernetes.io/enforce: restricted
    pod-security.kubernetes.io/warn: restricted
`

// withoutHelm takes out what only Helm understands.
func withoutHelm(content string) (string, error) {
	all, err := objects(content)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	for _, o := range all {
		lines := strings.Split(strings.TrimSpace(string(o.yaml)), "\n")
		out.WriteString("---\n")
		for i, line := range lines {
			bare := strings.TrimSpace(line)
			switch {
			case strings.HasPrefix(bare, "helm.sh/"), strings.HasPrefix(bare, "app.kubernetes.io/managed-by:"), strings.HasPrefix(bare, "# Source:"):
				continue
			case bare == "annotations:" && onlyHelm(lines[i+1:], line):
				continue
			}
			out.WriteString(strings.TrimRight(line, " ") + "\n")
		}
	}
	return out.String(), nil
}

// onlyHelm reports whether all annotations, which follow, are Helm's.
func onlyHelm(lines []string, parent string) bool {
	depth := len(parent) - len(strings.TrimLeft(parent, " "))
	for _, line := range lines {
		if len(line)-len(strings.TrimLeft(line, " ")) <= depth {
			break
		}
		if !strings.HasPrefix(strings.TrimSpace(line), "helm.sh/") {
			return false
		}
	}
	return true
}
