package functions_test

import (
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// ceiling is the most that a function may add to its base image, compressed:
// a node that has not run it yet has to fetch it while somebody waits.
const ceiling = 6 << 20

// front is what the front door may add; the API reference is within it.
const front = 8 << 20

// observed is the same of a function that tells a collector
// (docs/adr/0019-opentelemetry-by-a-build-tag.md).
const observed = 12 << 20

// protocol is what the function of assistants may add: the SDK of what they speak is
// 0.7 MB (docs/adr/0010-assistants-ask-the-same-endpoints.md).
const protocol = 7 << 20

// talk is what the chat function may add: with the client library of language models
// it is 35.9 MB, 9.2 MB compressed, three more than list.
const talk = 10 << 20

func TestImagesStayUnderTheirCeilings(t *testing.T) {
	if testing.Short() {
		t.Skip("builds every function")
	}
	for name, most := range map[string]int64{
		"create": ceiling, "list": ceiling, "update": ceiling, "delete": ceiling, "health": ceiling, "mcp": protocol, "chat": talk, "web": front,
		"list otel": observed, "web otel": front,
	} {
		name, tag, _ := strings.Cut(name, " ")
		program := filepath.Join(t.TempDir(), name)
		build := exec.Command("go", "build", "-tags", tag, "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", program, "./"+name)
		build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOFLAGS=")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		plain, compressed := size(t, program)
		t.Logf("%-8s %-4s %5.2f MB, %5.2f MB compressed", name, tag, float64(plain)/1e6, float64(compressed)/1e6)
		if compressed > most {
			t.Errorf("%s %s has %d bytes compressed, more than %d", name, tag, compressed, most)
		}
	}
}

// size compresses a program as an image's layer is.
func size(t *testing.T, path string) (plain, compressed int64) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var count counter
	w := gzip.NewWriter(&count)
	if plain, err = io.Copy(w, file); err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return plain, int64(count)
}

type counter int64

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}
