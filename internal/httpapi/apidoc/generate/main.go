// Generate writes docs/api.md anew. `make generate` runs it in the folder of
// the OpenAPI document.
package main

import (
	"log"
	"os"

	"todo-app/internal/httpapi/apidoc"
)

func main() {
	document, err := os.ReadFile("openapi.yaml")
	if err != nil {
		log.Fatal(err)
	}
	exchanges, err := os.ReadFile("testdata/golden/tour.http")
	if err != nil {
		log.Fatal(err)
	}
	text, _, err := apidoc.Markdown(document, string(exchanges))
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("../../docs/api.md", []byte(text), 0o644); err != nil {
		log.Fatal(err)
	}
}
