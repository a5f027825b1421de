package httpapi_test

import (
	"os"
	"slices"
	"testing"

	"todo-app/internal/httpapi/apidoc"
)

// unshown are the operations that need no example: the probes answer alike,
// and what the others answer is no JSON.
var unshown = []string{
	"GET /health/live", "GET /health/liveness", "GET /health/readiness", "GET /health/ready", "GET /health/startup",
	"GET /metrics", "GET /openapi.yaml", "GET /api/v1/events", "GET /calendar/{feed}",
}

func TestTheReferenceIsMadeOfTheDocumentAndHasAnExampleOfEachCall(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	exchanges, err := os.ReadFile("testdata/golden/tour.http")
	if err != nil {
		t.Fatal(err)
	}
	text, without, err := apidoc.Markdown(document, string(exchanges))
	if err != nil {
		t.Fatal(err)
	}
	for _, operation := range without {
		if !slices.Contains(unshown, operation) {
			t.Errorf("testdata/golden/tour.http has no exchange for %s that succeeds: add the request, and go test -run Golden -update writes its answer", operation)
		}
	}
	if kept, err := os.ReadFile("../../docs/api.md"); err != nil || string(kept) != text {
		t.Error("docs/api.md is of another document: go generate ./internal/httpapi writes it anew", err)
	}
	if _, _, err := apidoc.Markdown([]byte("no document"), ""); err == nil {
		t.Error("what is no document makes a reference")
	}
}
