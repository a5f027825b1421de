// Package apidoc writes the API's reference for people who read text: the
// OpenAPI document in Markdown, with an exchange for each operation that a
// test has had with a real service.
package apidoc

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pb33f/libopenapi"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

// host is what the examples call the service.
const host = "https://todo.example"

// Markdown returns the reference that an OpenAPI document and exchanges, in
// the form of the golden files, make. It also names the operations that no
// exchange shows.
func Markdown(document []byte, exchanges string) (text string, without []string, err error) {
	parsed, err := libopenapi.NewDocument(document)
	if err != nil {
		return "", nil, err
	}
	model, err := parsed.BuildV3Model()
	if err != nil {
		return "", nil, err
	}
	w := &writer{examples: read(exchanges)}
	w.document(&model.Model)
	slices.Sort(w.without)
	return strings.TrimRight(w.String(), "\n") + "\n", w.without, nil
}

// writer writes the reference.
type writer struct {
	strings.Builder
	examples []exchange
	without  []string
	refusals map[string]string // what they mean, to their status
}

func (w *writer) printf(format string, args ...any) { fmt.Fprintf(w, format, args...) }

func (w *writer) document(d *v3.Document) {
	w.printf("# The API\n\n")
	w.printf("Made from `internal/httpapi/openapi.yaml` by `make generate`. The examples are exchanges with a real service, which a test\n" +
		"repeats; of long answers the middle is left out.\n\n")
	w.printf("%s\n\n", strings.ReplaceAll(d.Info.Description, "\n## ", "\n### "))
	w.refuse(d)
	for _, tag := range d.Tags {
		w.printf("## %s\n\n%s\n\n", tag.Name, strings.TrimSpace(tag.Description))
		for path, item := range d.Paths.PathItems.FromOldest() {
			for method, op := range item.GetOperations().FromOldest() {
				if slices.Contains(op.Tags, tag.Name) {
					w.operation(strings.ToUpper(method), path, slices.Concat(item.Parameters, op.Parameters), op)
				}
			}
		}
	}
}

func (w *writer) operation(method, path string, parameters []*v3.Parameter, op *v3.Operation) {
	w.printf("### %s\n\n`%s %s`\n\n", op.Summary, method, path)
	if op.Description != "" {
		w.printf("%s\n\n", strings.TrimSpace(op.Description))
	}
	w.parameters(parameters)
	w.answers(op)
	for _, e := range w.examples {
		if e.shows(method, path) {
			w.example(e)
			return
		}
	}
	w.without = append(w.without, method+" "+path)
}

// common are the parameters that all operations have, told of once.
var common = []string{"tz", "X-Request-Id", "traceparent"}

func (w *writer) parameters(all []*v3.Parameter) {
	all = slices.DeleteFunc(slices.Clone(all), func(p *v3.Parameter) bool { return slices.Contains(common, p.Name) || p.In == "path" })
	if len(all) == 0 {
		return
	}
	w.printf("| parameter | in | |\n|---|---|---|\n")
	for _, p := range all {
		w.printf("| `%s` | %s | %s |\n", p.Name, p.In, cell(meaning(p)))
	}
	w.printf("\n")
}

// meaning is what a parameter is for, with the values that it may have.
func meaning(p *v3.Parameter) string {
	text := strings.TrimSpace(p.Description)
	if p.Schema == nil {
		return text
	}
	schema := p.Schema.Schema()
	if schema.Items != nil && schema.Items.IsA() {
		schema = schema.Items.A.Schema()
	}
	var values []string
	for _, v := range schema.Enum {
		values = append(values, "`"+v.Value+"`")
	}
	if len(values) > 0 {
		text += " One of " + strings.Join(values, ", ") + "."
	}
	if schema.Default != nil {
		text += " Default `" + schema.Default.Value + "`."
	}
	return text
}

// cell keeps a text within its place in a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n\n", "<br>", "\n", " ").Replace(strings.TrimSpace(text))
}

// answers lists what an operation answers, and by their numbers alone the
// refusals that are told of in the beginning.
func (w *writer) answers(op *v3.Operation) {
	var refusals []string
	w.printf("| answer | |\n|---|---|\n")
	for code, response := range op.Responses.Codes.FromOldest() {
		if code >= "4" && w.refusals[response.Description] == code {
			refusals = append(refusals, code)
			continue
		}
		w.printf("| %s | %s |\n", code, cell(response.Description))
	}
	if len(refusals) > 0 {
		w.printf("| %s | Refused: see [refusals](#refusals). |\n", strings.Join(refusals, ", "))
	}
	w.printf("\n")
}

// refuse tells once of the refusals that operations share.
func (w *writer) refuse(d *v3.Document) {
	w.refusals = map[string]string{}
	for _, item := range d.Paths.PathItems.FromOldest() {
		for _, op := range item.GetOperations().FromOldest() {
			for code, response := range op.Responses.Codes.FromOldest() {
				w.refusals[response.Description] = code
			}
		}
	}
	w.printf("### Refusals\n\n| answer | |\n|---|---|\n")
	shared := map[string]string{}
	for _, response := range d.Components.Responses.FromOldest() {
		if code := w.refusals[response.Description]; code >= "4" {
			shared[response.Description] = code
			w.printf("| %s | %s |\n", code, cell(response.Description))
		}
	}
	w.refusals = shared
	w.printf("\n")
}

func (w *writer) example(e exchange) {
	w.printf("```sh\n%s\n```\n\n", e.curl())
	w.printf("```http\n%s\n```\n\n", shortened(e.answer))
}

// longest is how many lines of an answer are shown.
const longest = 60

// shortened leaves out what is in the middle of a long answer.
func shortened(text string) string {
	lines := strings.Split(text, "\n")
	if len(lines) <= longest {
		return text
	}
	const last = 8
	return strings.Join(slices.Concat(lines[:longest-last], []string{"…"}, lines[len(lines)-last:]), "\n")
}

// exchange is a request and its answer, as a golden file has them.
type exchange struct {
	method, target, body string
	headers              []string
	answer               string
}

// read reads the exchanges of a golden file.
func read(text string) (all []exchange) {
	for part := range strings.SplitSeq(strings.TrimSpace(text), "\n===\n") {
		request, answer, _ := strings.Cut(part, "\n---\n")
		head, body, _ := strings.Cut(strings.TrimSpace(request), "\n\n")
		lines := strings.Split(head, "\n")
		method, target, _ := strings.Cut(lines[0], " ")
		all = append(all, exchange{method, target, body, lines[1:], strings.TrimSpace(answer)})
	}
	return all
}

var variable = regexp.MustCompile(`\\\{[a-z]+\\\}`)

// shows reports whether the exchange is one of an operation, and succeeded.
func (e exchange) shows(method, path string) bool {
	pattern := "^" + variable.ReplaceAllString(regexp.QuoteMeta(path), "[^/]+") + "$"
	at, _, _ := strings.Cut(e.target, "?")
	matches, err := regexp.MatchString(pattern, at)
	return err == nil && matches && e.method == method && strings.HasPrefix(e.answer, "2")
}

// curl returns the request as a command.
func (e exchange) curl() string {
	parts := []string{"curl"}
	if e.method != cmp.Or(map[bool]string{true: "POST"}[e.body != ""], "GET") {
		parts = append(parts, "-X "+e.method)
	}
	parts = append(parts, quote(host+e.target))
	headers := e.headers
	if e.body != "" && !slices.ContainsFunc(headers, func(h string) bool { return strings.HasPrefix(strings.ToLower(h), "content-type:") }) {
		headers = append(slices.Clone(headers), "Content-Type: application/json")
	}
	for _, h := range headers {
		parts = append(parts, "-H "+quote(h))
	}
	if e.body != "" {
		parts = append(parts, "--data-binary "+quote(e.body))
	}
	return strings.Join(parts, " \\\n     ")
}

// quote quotes a word for a shell.
func quote(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }
