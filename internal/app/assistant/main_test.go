package assistant_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"go.uber.org/zap"

	"todo-app/internal/app"
	"todo-app/internal/app/apptest"
	"todo-app/internal/app/assistant"
	"todo-app/internal/app/behalf"
	"todo-app/internal/httpapi"
	"todo-app/internal/limit"
	face "todo-app/internal/mcp"
	"todo-app/internal/postgres"
	"todo-app/internal/postgres/postgrestest"
)

// server is the PostgreSQL of this package's tests.
var server *postgrestest.Server

func TestMain(m *testing.M) { os.Exit(postgrestest.Run(m, &server)) }

// site is a service with everything mounted that assistants need.
type site struct{ url string }

func start(t *testing.T, rate limit.Rate) *site {
	t.Helper()
	a := apptest.New(t, server.New(t).URL(postgres.AppRole), zap.NewNop(), func(s *app.Settings) { s.Rate = rate })
	if err := assistant.Attach(a, zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	return &site{apptest.Serve(t, a, app.Create, app.List, app.Update, app.Delete, app.MCP)}
}

// bearer adds a credential to requests, and the zone of tz if there is one.
type bearer string

// RoundTrip implements http.RoundTripper.
func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

// client returns a client of the API itself.
func (s *site) client(token string) *httpapi.Client {
	return &httpapi.Client{Base: s.url, HTTP: &http.Client{Transport: bearer(token)}}
}

// session is an assistant that is connected.
type session struct {
	*mcp.ClientSession
	site  *site
	token string
}

// overHTTP connects an assistant to /mcp.
func (s *site) overHTTP(t *testing.T, token, query string) *session {
	t.Helper()
	return s.connect(t, token, &mcp.StreamableClientTransport{Endpoint: s.url + "/mcp" + query, HTTPClient: &http.Client{Transport: bearer(token)}})
}

// overStream connects one as todo mcp does.
func (s *site) overStream(t *testing.T, token string) *session {
	t.Helper()
	toServer, fromClient := io.Pipe()
	toClient, fromServer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- face.Options{Tasks: behalf.Tasks{Client: s.client(token), Now: time.Now}, Version: "test", Log: zap.NewNop()}.ServeStream(t.Context(), toServer, fromServer)
	}()
	t.Cleanup(func() {
		fromClient.Close()
		<-ended
	})
	return s.connect(t, token, &mcp.IOTransport{Reader: toClient, Writer: fromClient})
}

func (s *site) connect(t *testing.T, token string, transport mcp.Transport) *session {
	t.Helper()
	c, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), transport, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &session{c, s, token}
}

// both runs a test over HTTP and over a stream, each for an owner of its own.
func both(t *testing.T, test func(*testing.T, *session)) {
	s := start(t, limit.Rate{})
	t.Run("over HTTP", func(t *testing.T) { test(t, s.overHTTP(t, apptest.Anybody(t), "")) })
	t.Run("over a stream", func(t *testing.T) { test(t, s.overStream(t, apptest.Anybody(t))) })
}

// object is an answer.
type object map[string]any

// call calls a tool and returns what it answers, which must not be a refusal.
func (s *session) call(t *testing.T, tool, arguments string) object {
	t.Helper()
	answer, refused := s.try(t, tool, arguments)
	if refused {
		t.Fatalf("%s %s is refused: %v", tool, arguments, answer)
	}
	return answer
}

// refused calls a tool that must refuse.
func (s *session) refused(t *testing.T, tool, arguments string) object {
	t.Helper()
	answer, refused := s.try(t, tool, arguments)
	if !refused {
		t.Fatalf("%s %s is not refused: %v", tool, arguments, answer)
	}
	for _, member := range []string{"error", "message", "what_to_do"} {
		if answer.text(member) == "" {
			t.Errorf("%s %s: a refusal without %s: %v", tool, arguments, member, answer)
		}
	}
	return answer
}

func (s *session) try(t *testing.T, tool, arguments string) (object, bool) {
	t.Helper()
	r, err := s.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: json.RawMessage(arguments)})
	if err != nil {
		t.Fatalf("%s %s: %v", tool, arguments, err)
	}
	var answer object
	text := r.Content[0].(*mcp.TextContent).Text
	if err := json.Unmarshal([]byte(text), &answer); err != nil || len(r.Content) != 1 {
		t.Fatalf("%s answers %d parts, the first %q: %v", tool, len(r.Content), text, err)
	}
	if !r.IsError {
		structured, _ := json.Marshal(r.StructuredContent)
		var again any
		json.Unmarshal(structured, &again)
		if plain, _ := json.Marshal(answer); string(plain) != string(mustMarshal(again)) {
			t.Errorf("%s says one thing in text and another in structure:\n%s\n%s", tool, text, structured)
		}
	}
	return answer, r.IsError
}

func mustMarshal(v any) []byte {
	b, _ := json.Marshal(v)
	return b
}

func (o object) text(name string) string { s, _ := o[name].(string); return s }

func (o object) number(name string) int { n, _ := o[name].(float64); return int(n) }

func (o object) in(name string) object { inner, _ := o[name].(map[string]any); return inner }

// all returns the objects of an array.
func (o object) all(name string) (all []object) {
	items, _ := o[name].([]any)
	for _, item := range items {
		all = append(all, item.(map[string]any))
	}
	return all
}

// titles returns what the tasks of an array are called.
func (o object) titles(name string) string {
	var all []string
	for _, one := range o.all(name) {
		all = append(all, one.text("title"))
	}
	return strings.Join(all, ", ")
}

// add adds a task and returns its id.
func (s *session) add(t *testing.T, arguments string) string {
	t.Helper()
	return s.call(t, "add_task", arguments).in("task").text("id")
}

// undoes undoes what an answer says, by what it says.
func (s *session) undoes(t *testing.T, answer object) object {
	t.Helper()
	if answer.in("undo").text("tool") != "undo" || answer.in("undo").number("operation") == 0 {
		t.Fatalf("it does not say how to undo it: %v", answer)
	}
	return s.call(t, "undo", fmt.Sprintf(`{"operation": %d}`, answer.in("undo").number("operation")))
}
