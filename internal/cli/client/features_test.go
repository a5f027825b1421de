package client_test

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// wordOfShell matches a word of the commands in documents: these quote by "
// alone.
var wordOfShell = regexp.MustCompile(`"[^"]*"|[^\s"]+`)

func TestEveryFeatureOfThePageAboutThemIsThereByCommandAndByRequest(t *testing.T) {
	t.Parallel()
	p := start(t).person(t, "TODO_TOKEN=alice", "COLUMNS=100")
	page, err := os.ReadFile("../../../docs/features.md")
	if err != nil {
		t.Fatal(err)
	}
	numbers := 0
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.Trim(line, "|\n"), " | ")
		if len(cells) != 4 || !strings.Contains(cells[2], "`") {
			continue
		}
		if number := strings.Trim(cells[0], " |"); number != "" {
			if numbers++; number != strconv.Itoa(numbers) {
				t.Errorf("after feature %d comes %s", numbers-1, number)
			}
		}
		for _, way := range cells[2:] {
			p.tries(strings.TrimSpace(cells[1]), strings.Split(way, "<br>"))
		}
	}
	if numbers != 27 {
		t.Errorf("there are %d features, not 27", numbers)
	}
}

// tries does one after another what a cell of the page says, with two tasks
// that are there for it.
func (p *person) tries(feature string, steps []string) {
	p.t.Helper()
	const due = `"due": "2026-03-01T08:00:00Z", "category": "home"`
	id := p.ask(http.MethodPost, "/api/v1/tasks", `{"title": "Buy milk", `+due+`}`).ID.String()
	other := p.ask(http.MethodPost, "/api/v1/tasks", `{"title": "Find money", `+due+`}`).ID.String()
	for _, step := range steps {
		step = strings.NewReplacer("ID", id, "OTHER", other).Replace(strings.Trim(step, " `|\n"))
		if command, ok := strings.CutPrefix(step, "todo "); ok {
			args := wordOfShell.FindAllString(command, -1)
			for i := range args {
				args[i] = strings.Trim(args[i], `"`)
			}
			if r := p.run("", args...); r.code != 0 {
				p.t.Errorf("%s: %s ended with %d: %s%s", feature, step, r.code, r.out, r.problem)
			}
			continue
		}
		method, rest, _ := strings.Cut(step, " ")
		target, body, _ := strings.Cut(rest, " ")
		if status, answer := p.request(method, target, body); status/100 != 2 {
			p.t.Errorf("%s: %s was answered %d: %s", feature, step, status, answer)
		}
	}
}

func (p *person) request(method, target, body string) (status int, answer string) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.service.url+target, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer alice")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}
