package chat_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"todo-app/internal/app"
	"todo-app/internal/app/apptest"
	"todo-app/internal/app/chat"
	"todo-app/internal/httpapi"
	"todo-app/internal/postgres"
	"todo-app/internal/postgres/postgrestest"
)

// server is the PostgreSQL of this package's tests.
var server *postgrestest.Server

func TestMain(m *testing.M) { os.Exit(postgrestest.Run(m, &server)) }

// key is that of the language model.
const key = "sk-a-key-that-nobody-is-told"

// pods starts as many processes over one database, whose language model is at
// an address; "" for none. Their logs are in the last value.
func pods(t *testing.T, n int, model string) ([]string, *observer.ObservedLogs) {
	t.Helper()
	db := server.New(t)
	core, logs := observer.New(zap.DebugLevel)
	log := zap.New(core)
	var urls []string
	for range n {
		a := apptest.New(t, db.URL(postgres.AppRole), log, func(s *app.Settings) {
			if model != "" {
				s.Model = app.Model{URL: model, Name: "m", Key: key}
			}
		})
		if err := chat.Attach(a, log); err != nil {
			t.Fatal(err)
		}
		urls = append(urls, apptest.Serve(t, a, app.Create, app.List, app.Update, app.Delete, app.Chat))
	}
	return urls, logs
}

// bearer adds a credential to requests, and a key if it has one.
type bearer struct{ token, key string }

// RoundTrip implements http.RoundTripper.
func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.token)
	if b.key != "" {
		r.Header.Set("Idempotency-Key", b.key)
	}
	return http.DefaultTransport.RoundTrip(r)
}

func client(url, token string) *httpapi.Client {
	return &httpapi.Client{Base: url, HTTP: &http.Client{Transport: bearer{token: token}}}
}

// asked is what a model is asked.
type asked struct {
	Messages []struct {
		Role    string
		Content string
	}
}

// last returns what a tool answered last, without the mark before it.
func (a asked) last() (result map[string]any) {
	text := a.Messages[len(a.Messages)-1].Content
	_ = json.Unmarshal([]byte(text[strings.Index(text, "{"):]), &result)
	return result
}

// step is how a scripted model goes on: it calls a tool, or says something.
type step func(asked) (tool, arguments, text string)

func says(text string) step { return func(asked) (string, string, string) { return "", "", text } }

func calls(tool, arguments string) step {
	return func(asked) (string, string, string) { return tool, arguments, "" }
}

// model is an endpoint that speaks as OpenAI's does, and says what is scripted.
type model struct {
	*httptest.Server
	mu    sync.Mutex
	steps []step
	down  bool
	heard []asked
}

func scripted(t *testing.T, steps ...step) *model {
	t.Helper()
	m := &model{steps: steps}
	m.Server = httptest.NewServer(m)
	t.Cleanup(m.Close)
	return m
}

// ServeHTTP answers with a stream of chunks, with arguments in pieces of three bytes.
func (m *model) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var question asked
	if err := json.NewDecoder(r.Body).Decode(&question); err != nil || r.Header.Get("Authorization") != "Bearer "+key || m.down || len(m.steps) == 0 {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"error":{"message":"Incorrect API key provided: %s"}}`, key)
		return
	}
	m.heard = append(m.heard, question)
	tool, arguments, text := m.steps[0](question)
	m.steps = m.steps[1:]
	w.Header().Set("Content-Type", "text/event-stream")
	finish := "stop"
	if text != "" {
		chunk(w, map[string]any{"content": text}, nil)
	}
	if tool != "" {
		finish = "tool_calls"
		chunk(w, called(map[string]any{"id": "call_" + tool, "type": "function", "function": map[string]any{"name": tool, "arguments": ""}}), nil)
		for len(arguments) > 0 {
			n := min(3, len(arguments))
			chunk(w, called(map[string]any{"function": map[string]any{"arguments": arguments[:n]}}), nil)
			arguments = arguments[n:]
		}
	}
	chunk(w, map[string]any{}, finish)
	fmt.Fprint(w, `data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":100,"completion_tokens":10}}`+"\n\ndata: [DONE]\n\n")
}

func called(call map[string]any) map[string]any {
	call["index"] = 0
	return map[string]any{"tool_calls": []any{call}}
}

func chunk(w http.ResponseWriter, delta map[string]any, finish any) {
	data, _ := json.Marshal(map[string]any{
		"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m",
		"choices": []any{map[string]any{"index": 0, "delta": delta, "finish_reason": finish}},
	})
	fmt.Fprintf(w, "data: %s\n\n", data)
	w.(http.Flusher).Flush()
}
