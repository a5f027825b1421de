package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
)

func TestTheComposeFileIsValidAndOpensNothingToOthers(t *testing.T) {
	options, err := cli.NewProjectOptions([]string{filepath.Join(root, "compose.yaml")}, cli.WithName("todo-app"))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if names := strings.Join(project.ServiceNames(), " "); names != "postgres redis todo" {
		t.Errorf("services %s", names)
	}
	for _, s := range project.Services {
		for _, p := range s.Ports {
			if p.HostIP != "127.0.0.1" {
				t.Errorf("%s publishes %v to others, without credentials", s.Name, p.Published)
			}
		}
		if s.Image != "" && !strings.Contains(s.Image, "@sha256:") {
			t.Errorf("%s: %s is not pinned", s.Name, s.Image)
		}
	}
}

func TestComposeAndTheChartUseTheSameImages(t *testing.T) {
	values, err := readValues(filepath.Join(root, "chart", "values.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	options, err := cli.NewProjectOptions([]string{filepath.Join(root, "compose.yaml")}, cli.WithName("todo-app"))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, v := range values.children {
		if v.name != "postgres" && v.name != "redis" {
			continue
		}
		for _, c := range v.children {
			if c.name != "image" {
				continue
			}
			compared++
			if strings.TrimPrefix(c.node.Value, "docker.io/library/") != project.Services[v.name].Image {
				t.Errorf("%s: the chart has %s and compose %s", v.name, c.node.Value, project.Services[v.name].Image)
			}
		}
	}
	if compared != 2 {
		t.Errorf("compared %d images", compared)
	}
}
