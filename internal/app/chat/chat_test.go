package chat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"go.uber.org/zap"

	"todo-app/internal/app"
	"todo-app/internal/app/chat"
	"todo-app/internal/app/function"
	"todo-app/internal/httpapi"
	"todo-app/internal/postgres"
	"todo-app/internal/postgres/postgrestest"
)

// server is the PostgreSQL of this package's tests.
var server *postgrestest.Server

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if server, err = postgrestest.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "starting PostgreSQL:", err)
		return 1
	}
	defer server.Close()
	return m.Run()
}

// secret signs the tokens of the tests.
const secret = "a secret of the tests that is long enough"

// site is a service with everything that who chats needs.
type site struct{ url string }

func start(t *testing.T, model app.Model) *site {
	t.Helper()
	db := server.New(t)
	a, err := app.New(t.Context(), app.Settings{
		Settings:    function.Settings{Auth: []function.Auth{function.JWT}},
		Tokens:      app.Tokens{Secret: secret},
		DatabaseURL: db.URL(postgres.AppRole), DatabaseConns: 4, Zone: time.UTC, Source: "/test", Model: model,
	}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	if err := chat.Attach(a, zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	l := httptest.NewServer(a.Handler(app.Create, app.List, app.Update, app.Delete, app.Chat))
	t.Cleanup(func() {
		l.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := a.Close(ctx); err != nil {
			t.Error("closing:", err)
		}
	})
	return &site{l.URL}
}

// bearer adds a credential to requests.
type bearer string

// RoundTrip implements http.RoundTripper.
func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

// token is one of an owner's, for a scope unless that is "".
func token(t *testing.T, owner, scope string) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(secret)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(fmt.Appendf(nil, `{"sub":%q,"scope":%q,"exp":%d}`, owner, scope, time.Now().Add(time.Hour).Unix()))
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (s *site) client(t *testing.T, owner string) *httpapi.Client {
	return &httpapi.Client{Base: s.url, HTTP: &http.Client{Transport: bearer(token(t, owner, ""))}}
}

// model is an endpoint that speaks the protocol of chat completions and says what
// it is told to, in turn.
type model struct {
	mu    sync.Mutex
	says  [][]string // the deltas of each answer
	asked []string   // the bodies of what it was asked
	keys  []string
}

// ServeHTTP implements http.Handler.
func (m *model) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.URL.Path != "/v1/chat/completions" || len(m.says) == 0 {
		http.Error(w, "what?", http.StatusBadRequest)
		return
	}
	m.asked, m.keys = append(m.asked, string(body)), append(m.keys, r.Header.Get("Authorization"))
	w.Header().Set("Content-Type", "text/event-stream")
	for _, delta := range m.says[0] {
		fmt.Fprintf(w, "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":%s,\"finish_reason\":null}]}\n\n", delta)
	}
	fmt.Fprint(w, "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n")
	io.WriteString(w, "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":10,\"total_tokens\":110}}\n\ndata: [DONE]\n\n")
	m.says = m.says[1:]
}

// words are the deltas of an answer in words.
func words(parts ...string) (deltas []string) {
	for _, part := range parts {
		text, err := json.Marshal(part)
		if err != nil {
			panic(err)
		}
		deltas = append(deltas, `{"content":`+string(text)+`}`)
	}
	return deltas
}

// uses are the deltas of a call of a tool, its arguments in pieces.
func uses(tool, arguments string) []string {
	deltas := []string{fmt.Sprintf(`{"role":"assistant","tool_calls":[{"index":0,"id":"call","type":"function","function":{"name":%q,"arguments":""}}]}`, tool)}
	for piece := range slices.Chunk([]byte(arguments), 7) {
		text, err := json.Marshal(string(piece))
		if err != nil {
			panic(err)
		}
		deltas = append(deltas, `{"tool_calls":[{"index":0,"function":{"arguments":`+string(text)+`}}]}`)
	}
	return deltas
}

// modelled starts a service whose model says these answers in turn.
func modelled(t *testing.T, says ...[]string) (*site, *model) {
	t.Helper()
	m := &model{says: says}
	l := httptest.NewServer(m)
	t.Cleanup(l.Close)
	return start(t, app.Model{URL: l.URL + "/v1", Name: "m", Key: "the-model's-key", Turns: 8, Tokens: 60_000, DailyTokens: 500_000, Time: 90 * time.Second}), m
}

func TestAModelBehindItsProtocolUsesTheTasksOfWhoeverChats(t *testing.T) {
	t.Parallel()
	s, m := modelled(t,
		uses("add_task", `{"title": "Buy milk", "due": "tomorrow"}`), words("I have added ", "“Buy milk”."),
		uses("bulk_tasks", `{"action": "delete", "filter": {"status": "pending"}, "dry_run": false}`))
	alice, bob := s.client(t, "alice"), s.client(t, "bob")
	added, err := alice.Chat(t.Context(), httpapi.Say{Message: "we need milk"})
	if err != nil || added.Response != "I have added “Buy milk”." || added.By != "model" || added.Usage.Turns != 2 || added.Usage.InputTokens != 200 {
		t.Fatalf("%+v, %v", added, err)
	}
	for owner, want := range map[*httpapi.Client]int{alice: 1, bob: 0} {
		if l, err := owner.List(t.Context(), nil, ""); err != nil || len(l.Tasks) != want {
			t.Errorf("%+v, %v", l, err)
		}
	}
	asked, err := alice.Chat(t.Context(), httpapi.Say{Conversation: added.Conversation, Message: "clear the list"})
	if err != nil || asked.Confirmation == nil {
		t.Fatalf("%+v, %v", asked, err)
	}
	if _, err := bob.Chat(t.Context(), httpapi.Say{Conversation: added.Conversation, Confirm: asked.Confirmation.ID}); err == nil {
		t.Error("another's yes counts")
	}
	done, err := alice.Chat(t.Context(), httpapi.Say{Conversation: added.Conversation, Confirm: asked.Confirmation.ID})
	if err != nil || len(done.Calls) != 1 || done.Calls[0].Refused {
		t.Errorf("%+v, %v", done, err)
	}
	if l, err := alice.List(t.Context(), nil, ""); err != nil || len(l.Tasks) != 0 {
		t.Errorf("%+v, %v", l, err)
	}
	if len(m.asked) != 3 || !strings.Contains(m.asked[1], "Buy milk") || slices.ContainsFunc(m.keys, func(key string) bool { return key != "Bearer the-model's-key" }) {
		t.Errorf("the model was asked %d times with %q", len(m.asked), m.keys)
	}
}

func TestAModelThatIsNotThereIsNamedAndItsKeyIsNot(t *testing.T) {
	t.Parallel()
	s := start(t, app.Model{URL: "http://127.0.0.1:1/v1", Name: "m", Key: "the-model's-key", Time: 90 * time.Second})
	_, err := s.client(t, "alice").Chat(t.Context(), httpapi.Say{Message: "we need milk"})
	if err == nil || !strings.Contains(err.Error(), "cannot be reached") || strings.Contains(err.Error(), "key") {
		t.Error(err)
	}
}

func TestAModelWithoutAnAddressStopsTheStart(t *testing.T) {
	t.Parallel()
	a, err := app.New(t.Context(), app.Settings{DatabaseURL: server.New(t).URL(postgres.AppRole), DatabaseConns: 1, Model: app.Model{URL: "nowhere", Name: "m"}}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close(context.WithoutCancel(t.Context()))
	if err := chat.Attach(a, zap.NewNop()); err == nil {
		t.Error("it starts")
	}
}
