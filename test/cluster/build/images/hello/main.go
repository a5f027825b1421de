// Hello does what Knative's hello-world sample does. It is a yardstick: whatever a Knative Service
// written in Go costs at least, this costs.
package main

import (
	"cmp"
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	target := cmp.Or(os.Getenv("TARGET"), "World")
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "Hello %s!\n", target)
	})
	log.Fatal(http.ListenAndServe(":"+cmp.Or(os.Getenv("PORT"), "8080"), nil))
}
