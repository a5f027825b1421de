package main

import (
	"os"
	"path/filepath"
	"regexp"
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
		"the name of a Job is taken for a day":                     regexp.MustCompile(`kubectl create job [^\n$]*--from=cronjob/todo-app-(backup|restore) [a-z]`),
	} {
		for path, text := range documents(t) {
			if found := wrong.FindString(text); found != "" {
				t.Errorf("%s: %q: %s", path, found, why)
			}
		}
	}
}
