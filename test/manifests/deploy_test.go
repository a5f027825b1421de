package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// program puts a shell script of that name into a folder.
func program(t *testing.T, folder, name, script string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestImagesWithBuildTagsHaveNamesOfTheirOwn(t *testing.T) {
	folder := t.TempDir()
	program(t, folder, "ko", `echo "$GOFLAGS: $*" >"`+folder+`/asked"; echo ko.local/list:new`)
	for tags, want := range map[string][2]string{"": {"-mod=mod: ", ""}, "otel": {"-mod=mod -tags=otel: ", "-otel"}, "otel,other": {"-mod=mod -tags=otel,other: ", "-otel-other"}} {
		cmd := exec.Command(filepath.Join(root, "scripts", "images"), "list")
		cmd.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"), "KO=ko", "KO_DOCKER_REPO=ko.local", "GOFLAGS=-mod=mod", "TAGS="+tags)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		asked, err := os.ReadFile(filepath.Join(folder, "asked"))
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(asked), "--tags ")
		names, _, _ := strings.Cut(rest, " ")
		for name := range strings.SplitSeq(names, ",") {
			if !strings.HasPrefix(string(asked), want[0]) || !strings.HasSuffix(name, want[1]) || want[1] == "" && strings.Contains(name, "otel") {
				t.Errorf("with the build tags %q: %s", tags, asked)
			}
		}
	}
}

func TestAFunctionIsDeployedAsEveryServiceOfItsImage(t *testing.T) {
	folder := t.TempDir()
	program(t, folder, "ko", `echo ko.local/list:new`)
	program(t, folder, "kubectl", `case "$*" in
*jsonpath*) printf 'create registry.example:5000/todo/create@sha256:1\nlist registry.example:5000/todo/list@sha256:2\nwatch ko.local/list:old\nlistener ko.local/listener:1\n' ;;
*) echo "$*" >>"`+folder+`/calls" ;;
esac`)
	cmd := exec.Command(filepath.Join(root, "scripts", "deploy"), "list")
	cmd.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"), "KO=ko", "KO_DOCKER_REPO=ko.local", "NAMESPACE=there")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	calls, err := os.ReadFile(filepath.Join(folder, "calls"))
	if err != nil {
		t.Fatal(err)
	}
	patch := ` --type json --patch [{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "ko.local/list:new"}]`
	want := "--namespace there patch ksvc list" + patch + "\n" +
		"--namespace there patch ksvc watch" + patch + "\n" +
		"--namespace there wait ksvc list watch --for=condition=Ready --timeout=120s\n" +
		"--namespace there get ksvc list watch\n"
	if got := string(calls); got != want {
		t.Errorf("kubectl was asked\n%s\nnot\n%s", strings.TrimSpace(got), want)
	}
}
