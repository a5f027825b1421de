package httpapi_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	failures "github.com/pb33f/libopenapi-validator/errors"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"

	"todo-app/internal/httpapi"
	"todo-app/internal/task/chat"
)

// contract is openapi.yaml, read once: compiling its schemas takes longest.
type contract struct {
	validator  validator.Validator
	operations map[string]operation // by method and path
}

type operation struct {
	*v3.Operation
	function string
	query    []string // names of the query parameters
}

var document = sync.OnceValues(func() (*contract, error) {
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		return nil, err
	}
	parsed, err := libopenapi.NewDocument(text)
	if err != nil {
		return nil, err
	}
	model, err := parsed.BuildV3Model()
	if err != nil {
		return nil, err
	}
	c := &contract{operations: map[string]operation{}}
	for path, item := range model.Model.Paths.PathItems.FromOldest() {
		for method, op := range item.GetOperations().FromOldest() {
			found := operation{Operation: op}
			if node, ok := op.Extensions.Get("x-function"); ok {
				found.function = node.Value
			}
			for _, p := range slices.Concat(item.Parameters, op.Parameters) {
				if p.In == "query" {
					found.query = append(found.query, p.Name)
				}
			}
			slices.Sort(found.query)
			c.operations[strings.ToUpper(method)+" "+path] = found
		}
	}
	v, errs := validator.NewValidator(parsed, config.WithFormatAssertions())
	if len(errs) > 0 {
		return nil, errs[0]
	}
	c.validator = v
	return c, nil
})

func contractOf(t testing.TB) *contract {
	t.Helper()
	c, err := document()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// find returns the operation that a request is for.
func (c *contract) find(r *http.Request) (operation, bool) {
	path := "/" + strings.TrimPrefix(r.URL.Path, "/")
	if op, ok := c.operations[r.Method+" "+path]; ok {
		return op, true
	}
	for name, op := range c.operations {
		if matches(name, r.Method+" "+path) {
			return op, true
		}
	}
	return operation{}, false
}

// matches reports whether a method and path are of a pattern with {…} in it.
func matches(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	return len(want) == len(got) && !slices.ContainsFunc(want, func(string) bool {
		same := want[0] == got[0] || strings.HasPrefix(want[0], "{")
		want, got = want[1:], got[1:]
		return !same
	})
}

func TestTheDocumentIsValidOpenAPI(t *testing.T) {
	t.Parallel()
	if ok, errs := contractOf(t).validator.ValidateDocument(); !ok {
		t.Error(describe(errs))
	}
}

func TestTheDocumentAndTheEndpointsAreTheSame(t *testing.T) {
	t.Parallel()
	api := &httpapi.API{Metrics: http.NotFoundHandler()}
	code := map[string]string{} // function by operation
	for function, endpoints := range map[string][]httpapi.Endpoint{
		"create": api.Create(), "list": api.List(), "watch": api.Watch(), "update": api.Update(), "delete": api.Delete(),
		"mcp": api.MCP(), "chat": api.Chat(),
		"health": slices.Concat(api.Health(), api.Probes(), api.Document()),
	} {
		for _, e := range endpoints {
			code[e.Method+" "+e.Path] = function
		}
	}
	for _, e := range api.Events() { // served by three functions; the document names the first
		code[e.Method+" "+strings.TrimSuffix(e.Path, "{$}")] = "create"
	}
	documented := map[string]string{}
	names := map[string]string{}
	for where, op := range contractOf(t).operations {
		documented[where] = op.function
		if other, taken := names[op.OperationId]; taken || op.OperationId == "" {
			t.Errorf("%s and %s are both called %q", where, other, op.OperationId)
		}
		names[op.OperationId] = where
		if !slices.Equal(op.Tags, []string{op.function}) {
			t.Errorf("%s is of function %q and tagged %q", where, op.function, op.Tags)
		}
		_, asksWho := op.Responses.Codes.Get("401")
		if _, bounded := op.Responses.Codes.Get("429"); asksWho && !bounded {
			t.Errorf("%s asks who calls, and does not say that they may ask too often", where)
		}
	}
	equal(t, documented, code)
}

func TestTheDocumentListsTheQueryParametersOfAList(t *testing.T) {
	t.Parallel()
	code := []string{"tz"}
	for _, name := range httpapi.ListParams {
		code = append(code, strings.TrimPrefix(name, "*"))
	}
	slices.Sort(code)
	equal(t, contractOf(t).operations["GET "+tasks].query, code)
}

func TestEveryDocumentedQueryParameterIsKnown(t *testing.T) {
	t.Parallel()
	s := start(t)
	for where, op := range contractOf(t).operations {
		method, path, _ := strings.Cut(where, " ")
		path = strings.ReplaceAll(path, "{name}", "known")
		path = strings.ReplaceAll(path, "{id}", s.create(t, `{"title":"known"}`).ID.String())
		for _, name := range op.query {
			body := map[string]string{http.MethodPut: "{}", http.MethodPatch: "{}", http.MethodPost: "{}"}[method]
			got := s.ask(t, method, path+"?"+name+"=%00", body)
			if strings.Contains(got.Body, "is not known here") || !strings.Contains(got.Body, "query parameter "+name) {
				t.Errorf("%s?%s= is answered with %d %s", where, name, got.Status, got.Body)
			}
		}
	}
}

// The document is what the endpoint serves, with the version that serves it.
func TestTheDocumentIsServed(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got := start(t).ask(t, http.MethodGet, "/openapi.yaml", "").status(t, http.StatusOK)
	equal(t, got.Body, strings.Replace(string(want), "\n  version: dev\n", "\n  version: \"test\"\n", 1))
	if !strings.Contains(got.Body, `version: "test"`) {
		t.Error("the document has no version to put another in place of")
	}
	equal(t, got.Header.Get("Content-Type"), "application/yaml")
}

// inspector holds every exchange of the tests to the document and to what the
// contract promises of all answers.
type inspector struct {
	t    testing.TB
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (i *inspector) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent []byte
	if r.Body != nil {
		var err error
		if sent, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body.Close()
	}
	again := func() *http.Request {
		c := r.Clone(r.Context())
		c.Body = io.NopCloser(bytes.NewReader(sent))
		return c
	}
	response, err := i.next.RoundTrip(again())
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if wrong := inspect(again(), response, body); wrong != "" {
		i.t.Errorf("%s %s %.500s\nwas answered with %d %v\n%s\nbut %s", r.Method, r.URL, sent, response.StatusCode, response.Header, body, wrong)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// inspect returns what is wrong with an exchange.
func inspect(r *http.Request, response *http.Response, body []byte) string {
	header := response.Header
	switch {
	case !requestID.MatchString(header.Get("X-Request-Id")):
		return "X-Request-Id is missing"
	case !timing.MatchString(header.Get("Server-Timing")):
		return "Server-Timing is missing"
	case header.Get("X-Content-Type-Options") != "nosniff":
		return "X-Content-Type-Options is missing"
	}
	if r.Method == http.MethodHead {
		return ""
	}
	if response.StatusCode >= 400 && header.Get("Content-Type") != "application/json" { // the health report is no problem document
		if wrong := inspectProblem(response, body); wrong != "" {
			return wrong
		}
	}
	c, err := document()
	if err != nil {
		return err.Error()
	}
	op, known := c.find(r)
	switch status := response.StatusCode; {
	case !known && status != http.StatusNotFound && status != http.StatusMethodNotAllowed:
		return "the document has no such operation"
	case !known || status == http.StatusMethodNotAllowed || status == http.StatusInternalServerError || bytes.Contains(body, []byte("there is nothing at")):
		return "" // a function at its own host lacks what others have; nothing documents that we fail
	}
	if ok, errs := c.validator.ValidateHttpResponse(r, response); !ok {
		return "the document describes another answer: " + describe(errs)
	}
	if response.StatusCode >= 300 {
		return ""
	}
	for name := range r.URL.Query() {
		if !slices.Contains(op.query, name) {
			return "the document has no query parameter " + name
		}
	}
	if ok, errs := c.validator.ValidateHttpRequestSync(r); !ok {
		return "the document refuses the request: " + describe(errs)
	}
	return ""
}

var (
	requestID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`)
	timing    = regexp.MustCompile(`^app;dur=[0-9.]+(, cold;dur=[0-9.]+)?$`)
	// internals are what no answer may show of how it came about.
	internals = regexp.MustCompile(`(?i)SQLSTATE|pgx|pgconn|postgres:|\bERROR:|select |insert |goroutine|\.go:|runtime error|dial |socket|context canceled`)
)

func inspectProblem(response *http.Response, body []byte) string {
	var p httpapi.Problem
	header := response.Header
	r := reply{Status: response.StatusCode, Body: string(body)}
	if err := r.decode(&p); err != nil {
		return err.Error()
	}
	switch {
	case header.Get("Content-Type") != "application/problem+json":
		return "it is no problem document"
	case p.Type == "" || p.Title != http.StatusText(p.Status) || p.Detail == "":
		return "the problem lacks a type, title or detail"
	case p.Status != response.StatusCode:
		return "the problem has another status"
	case p.Instance != header.Get("X-Request-Id"):
		return "the instance is not the request id"
	case internals.Match(body):
		return "the answer shows internals"
	case (p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests || p.Detail == chat.ErrTurnOpen.Error()) != (header.Get("Retry-After") != ""):
		return "Retry-After belongs to 503, to 429 and to a conversation that is being answered"
	}
	return ""
}

func describe(errs []*failures.ValidationError) string {
	var b strings.Builder
	for _, e := range errs {
		fmt.Fprintf(&b, "%s: %s\n", e.Message, e.Reason)
		for _, s := range e.SchemaValidationErrors {
			fmt.Fprintf(&b, "\t%s at /%s (%s)\n", s.Reason, strings.Join(s.InstancePath, "/"), s.KeywordLocation)
		}
	}
	return b.String()
}
