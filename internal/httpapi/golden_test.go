package httpapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"todo-app/internal/httpapi"
)

var update = flag.Bool("update", false, "write the answers in testdata/golden as they are now")

// Each golden file is a conversation with a service that has just begun: a
// request, a line "---", the answer, a line "===", and so on. Ids and times
// are the same in every run, as the service counts the one and steps the
// other; the request id is sent along and left out.
func TestAnswersAreThoseOfTheGoldenFiles(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/golden/*.http")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no golden files", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".http"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s := start(t, func(a *httpapi.API) { a.TakesKeys = true })
			var got strings.Builder
			for i, exchange := range strings.Split(strings.TrimSpace(string(text)), "\n===\n") {
				request, _, _ := strings.Cut(exchange, "\n---")
				request = strings.TrimSpace(request)
				if i > 0 {
					got.WriteString("\n===\n")
				}
				fmt.Fprintf(&got, "%s\n---\n%s", request, s.golden(t, request))
			}
			got.WriteString("\n")
			if *update {
				if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(text), got.String()); diff != "" {
				t.Errorf("answers differ (-want +got); go test -run Golden -update writes them down:\n%s", diff)
			}
		})
	}
}

// golden sends a request as it is written in a golden file and writes its
// answer down.
func (s *service) golden(t *testing.T, text string) string {
	t.Helper()
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	method, target, ok := strings.Cut(lines[0], " ")
	if !ok {
		t.Fatalf("no request begins with %q", lines[0])
	}
	headers := append(lines[1:], "Host: todo.example", "X-Request-Id: golden")
	got := s.ask(t, method, target, body, headers...)
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s\n", got.Status, http.StatusText(got.Status))
	var names []string
	for name := range got.Header {
		if !slices.Contains([]string{"Date", "Server-Timing", "Content-Length", "X-Request-Id", "X-Content-Type-Options"}, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(got.Header[name], ", "))
	}
	if got.Body != "" {
		var indented bytes.Buffer
		if err := json.Indent(&indented, []byte(got.Body), "", "  "); err != nil {
			t.Fatal(err)
		}
		b.WriteString("\n" + indented.String())
	}
	shown := strings.ReplaceAll(b.String(), s.owner, "alice")
	shown = fileDates.ReplaceAllString(shown, "${1}2026-03-01")
	shown = syncTokens.ReplaceAllString(shown, "${1}0.2s")
	return strings.TrimRight(secrets.ReplaceAllString(shown, "${1}…"), "\n")
}

// What differs in every run: the day in the names of files, sync tokens, and
// the secret part of keys.
var (
	fileDates  = regexp.MustCompile(`(filename="tasks-)[0-9-]+`)
	syncTokens = regexp.MustCompile(`("(?:token|next)": ")[0-9a-z]+\.[0-9a-z.]+`)
	secrets    = regexp.MustCompile(`("token": "todo_|/calendar/)[0-9A-Za-z_-]+`)
)
