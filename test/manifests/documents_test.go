package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// documents returns what people are told, by its path: the documents, the
// README and what Helm says after an install.
func documents(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	texts := map[string]string{}
	for _, path := range append(paths, "../../README.md", "../../chart/templates/NOTES.txt", "../../config/kubectl-ai/prompt.md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[path] = string(text)
	}
	return texts
}

func TestCommandsOfDocumentsAreNotThoseThatFailed(t *testing.T) {
	for why, wrong := range map[string]*regexp.Regexp{
		"kubectl watches one kind at a time":                       regexp.MustCompile(`kubectl get \w+,\S+ .*--watch`),
		"the log writes its levels in capitals":                    regexp.MustCompile(`\blevel"?(: ?|=~?)"?\(?(debug|info|warning|error|critical)`),
		"without --output yaml it is no file that helm would take": regexp.MustCompile(`(?m)helm get values todo-app --namespace todo-app >`),
		"--set makes a number of it, which is refused":             regexp.MustCompile(`--set global\.restart`),
		"the name of a Job is taken for a day":                     regexp.MustCompile(`kubectl create job [^\n$]*--from=cronjob/todo-app-(backup|restore) [a-z]`),
	} {
		for path, text := range documents(t) {
			if found := wrong.FindString(text); found != "" {
				t.Errorf("%s: %q: %s", path, found, why)
			}
		}
	}
}

// section returns what is below a heading, until the next of its rank or above.
func section(text, heading string) string {
	_, rest, found := strings.Cut(text, "\n"+heading+"\n")
	if !found {
		return ""
	}
	rank := len(heading) - len(strings.TrimLeft(heading, "#"))
	for _, line := range strings.Split(rest, "\n") {
		if marks := len(line) - len(strings.TrimLeft(line, "#")); marks > 0 && marks <= rank {
			rest, _, _ = strings.Cut(rest, "\n"+line+"\n")
			break
		}
	}
	return rest
}

func TestEveryAlertLeadsToASectionThatSaysWhatToDo(t *testing.T) {
	operations := documents(t)["../../docs/operations.md"]
	made := alerts(t, map[string]any{"monitoring.runbook": "https://git.example/docs/operations.md"})
	for name, r := range made {
		if got, want := r.Annotations["runbook_url"], "https://git.example/docs/operations.md#"+strings.ToLower(name); got != want {
			t.Errorf("%s leads to %q, and not to %q", name, got, want)
		}
		text := section(operations, "### "+name)
		for _, part := range []string{"**What it says**", "\n    ", "kubectl ", "\n- "} {
			if !strings.Contains(text, part) {
				t.Errorf("the section of %s is without %q", name, part)
			}
		}
	}
	for _, heading := range regexp.MustCompile(`(?m)^### (Todo\w+)$`).FindAllStringSubmatch(operations, -1) {
		if _, ok := made[heading[1]]; !ok {
			t.Errorf("there is no alert %s", heading[1])
		}
	}
}

// allDocuments are those and the ones for developers.
func allDocuments(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../docs/adr/*.md")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	texts := documents(t)
	for _, path := range append(files, "../../ARCHITECTURE.md", "../../SECURITY.md", "../../chart/README.md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[path] = string(text)
	}
	return texts
}

func TestSourcesThatDocumentsNameAreThere(t *testing.T) {
	source := regexp.MustCompile("`((?:bench|chart|cmd|config|functions|internal|scripts|test)/[\\w./-]+)`")
	named := 0
	for path, text := range allDocuments(t) {
		for _, m := range source.FindAllStringSubmatch(text, -1) {
			named++
			if _, err := os.Stat(filepath.Join("../..", m[1])); err != nil && m[1] != "chart/values-images.yaml" { // make images writes it
				t.Errorf("%s names %s", path, m[1])
			}
		}
	}
	if named < 50 {
		t.Errorf("documents name %d sources: this test looks for them in the wrong way", named)
	}
}

func TestLinksOfDocumentsLeadSomewhere(t *testing.T) {
	texts := allDocuments(t)
	link := regexp.MustCompile(`\]\(([^)\s:]*?)(?:#([^)\s]*))?\)`)
	for path, text := range texts {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target := path
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(path), m[1])
			}
			content, err := os.ReadFile(target)
			if _, there := os.Stat(target); there != nil || (err != nil && m[2] != "") {
				t.Errorf("%s: %s is not there", path, m[0])
			} else if m[2] != "" && !anchors(string(content))[m[2]] {
				t.Errorf("%s: %s leads to no heading", path, m[0])
			}
		}
	}
}

// anchors are the places in a document that a link may name, as forges make
// them of headings, and those that it names itself.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		words := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
		found[strings.ReplaceAll(words, " ", "-")] = true
	}
	for _, m := range regexp.MustCompile(`<a id="([^"]+)">`).FindAllStringSubmatch(text, -1) {
		found[m[1]] = true
	}
	return found
}

// TestWhatAClusterNeedsIsDocumented: without the definition of a kind Helm
// refuses the whole release.
func TestWhatAClusterNeedsIsDocumented(t *testing.T) {
	needed := section(documents(t)["../../docs/deployment.md"], "## What is needed")
	versions := map[string]bool{}
	each(t, func(t *testing.T, o object) {
		group, version, _ := strings.Cut(o.APIVersion, "/")
		if builtIn := !strings.Contains(group, ".") || strings.HasSuffix(group, ".k8s.io") && !strings.HasPrefix(group, "gateway."); builtIn || strings.HasSuffix(group, "knative.dev") {
			return
		}
		versions[o.APIVersion] = true
		if !strings.Contains(needed, "`"+group+"/") || !strings.Contains(needed, version+"`") {
			t.Errorf("docs/deployment.md does not say that %s is of %s", o.Kind, o.APIVersion)
		}
	})
	if len(versions) < 5 {
		t.Errorf("looked at no more than %v", versions)
	}
}

func TestEveryDecisionIsInTheIndex(t *testing.T) {
	index, err := os.ReadFile("../../docs/adr/README.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../docs/adr/0*.md")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		if !strings.Contains(string(index), "]("+filepath.Base(path)+") | ") {
			t.Errorf("%s is not in docs/adr/README.md", filepath.Base(path))
		}
	}
}
