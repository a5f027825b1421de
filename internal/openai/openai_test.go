package openai_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"todo-app/internal/openai"
	"todo-app/internal/task/assist"
	"todo-app/internal/task/chat"
)

const key = "sk-a-secret-of-the-tests"

// endpoint stands in for a model's: it answers as the protocol has it.
type endpoint struct {
	*httptest.Server
	mu       sync.Mutex
	requests []map[string]any
	headers  []http.Header
	hung     chan struct{} // closed at the end
}

func serve(t *testing.T, answer func(e *endpoint, w http.ResponseWriter, r *http.Request)) *endpoint {
	t.Helper()
	e := &endpoint{hung: make(chan struct{})}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request map[string]any
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil || r.Method != http.MethodPost || r.URL.Path != "/v1/chat/completions" {
			t.Errorf("%s %s: %v", r.Method, r.URL, err)
		}
		e.mu.Lock()
		e.requests, e.headers = append(e.requests, request), append(e.headers, r.Header)
		e.mu.Unlock()
		answer(e, w, r)
	}))
	t.Cleanup(func() {
		close(e.hung)
		e.Close()
	})
	return e
}

// asked returns how often the endpoint was asked.
func (e *endpoint) asked() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.requests)
}

// stream answers with chunks, written so many bytes at a time; 0 for all at once.
func stream(w http.ResponseWriter, bytes int, chunks ...string) {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	var all strings.Builder
	for _, c := range chunks {
		all.WriteString("data: " + c + "\n\n")
	}
	text := all.String()
	for len(text) > 0 {
		n := len(text)
		if bytes > 0 {
			n = min(n, bytes)
		}
		io.WriteString(w, text[:n])
		w.(http.Flusher).Flush()
		text = text[n:]
	}
}

func delta(delta, finish string) string {
	return fmt.Sprintf(`{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":%s,"finish_reason":%s}]}`, delta, finish)
}

const (
	done  = "[DONE]"
	usage = `{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":120,"completion_tokens":34,"total_tokens":154}}`
)

func model(t *testing.T, e *endpoint) *openai.Model {
	t.Helper()
	m, err := openai.New(openai.Settings{URL: e.URL + "/v1", Model: "m", Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func dialogue() chat.Dialogue {
	return chat.Dialogue{
		Instructions: "Be kind.", Tools: assist.Reading()[:1], MaxTokens: 500,
		Lines: []chat.Line{
			{Role: chat.User, Text: "Add it"},
			{Role: chat.Assistant, Text: "Well.", Asked: []chat.Asked{{ID: "1", Name: "add_task", Arguments: `{"title": "X"}`}, {ID: "2", Name: "rm -rf /", Arguments: `{"a`}}},
			{To: "1", Text: "{}"}, {To: "2", Text: "no"},
			{Role: chat.Assistant, Text: "Done."}, {Role: chat.Assistant, Asked: []chat.Asked{{ID: "3"}}}, {To: "3", Text: "no"},
			{Role: chat.User, Text: "اور؟"},
		},
	}
}

// ask asks, and returns the text that was told.
func ask(ctx context.Context, m *openai.Model) (string, chat.Reply, error) {
	var text strings.Builder
	reply, err := m.Reply(ctx, dialogue(), func(s string) { text.WriteString(s) })
	return text.String(), reply, err
}

func TestADialogueIsSentAsTheProtocolHasIt(t *testing.T) {
	t.Setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/")
	t.Setenv("OPENAI_API_KEY", "of the environment")
	t.Setenv("OPENAI_ORG_ID", "of the environment")
	t.Setenv("OPENAI_CUSTOM_HEADERS", "X-Odd: of the environment")
	e := serve(t, func(_ *endpoint, w http.ResponseWriter, _ *http.Request) {
		stream(w, 0, delta(`{"content":"Hi"}`, `"stop"`), done)
	})
	if _, _, err := ask(t.Context(), model(t, e)); err != nil {
		t.Fatal(err)
	}
	h := e.headers[0]
	if h.Get("Authorization") != "Bearer "+key || h.Get("OpenAI-Organization") != "" || h.Get("X-Odd") != "" {
		t.Error(h)
	}
	tools := e.requests[0]["tools"].([]any)
	function := tools[0].(map[string]any)["function"].(map[string]any)
	if function["name"] != "list_tasks" || function["parameters"].(map[string]any)["type"] != "object" || len(tools) != 1 {
		t.Error(tools)
	}
	delete(e.requests[0], "tools")
	var want map[string]any
	if err := json.Unmarshal([]byte(`{
		"model": "m", "stream": true, "stream_options": {"include_usage": true}, "max_completion_tokens": 500,
		"messages": [
			{"role": "system", "content": "Be kind."},
			{"role": "user", "content": "Add it"},
			{"role": "assistant", "content": "Well.", "tool_calls": [
				{"id": "1", "type": "function", "function": {"name": "add_task", "arguments": "{\"title\": \"X\"}"}},
				{"id": "2", "type": "function", "function": {"name": "rm_-rf__", "arguments": "{}"}}]},
			{"role": "tool", "tool_call_id": "1", "content": "{}"},
			{"role": "tool", "tool_call_id": "2", "content": "no"},
			{"role": "assistant", "content": "Done."},
			{"role": "assistant", "tool_calls": [{"id": "3", "type": "function", "function": {"name": "unknown", "arguments": "{}"}}]},
			{"role": "tool", "tool_call_id": "3", "content": "no"},
			{"role": "user", "content": "اور؟"}]}`), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, e.requests[0]); diff != "" {
		t.Error(diff)
	}
}

func TestAReplyIsPutTogetherWhereverItIsCut(t *testing.T) {
	chunks := []string{
		delta(`{"role":"assistant","content":""}`, "null"), delta(`{"content":"کرایہ "}`, "null"), delta(`{"content":"paid"}`, "null"),
		delta(`{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"add_","arguments":""}}]}`, "null"),
		delta(`{"tool_calls":[{"index":0,"function":{"name":"task","arguments":"{\"tit"}},{"index":1,"id":"a","function":{"name":"undo"}}]}`, "null"),
		delta(`{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]}`, "null"),
		delta(`{"tool_calls":[{"index":0,"function":{"arguments":"le\": \"دودھ\"}"}}]}`, "null"),
		delta(`{}`, `"tool_calls"`), usage, done,
	}
	want := chat.Reply{
		Asked: []chat.Asked{{ID: "a", Name: "add_task", Arguments: `{"title": "دودھ"}`}, {ID: "call00001", Name: "undo", Arguments: `{}`}},
		Usage: chat.Usage{InputTokens: 120, OutputTokens: 34},
	}
	for _, bytes := range []int{0, 1, 7, 64} {
		e := serve(t, func(_ *endpoint, w http.ResponseWriter, _ *http.Request) { stream(w, bytes, chunks...) })
		text, reply, err := ask(t.Context(), model(t, e))
		if diff := cmp.Diff(want, reply); diff != "" || err != nil || text != "کرایہ paid" {
			t.Errorf("%d bytes at a time: %q, %v\n%s", bytes, text, err, diff)
		}
	}
}

func TestWhoLeavesBeforeTheFirstPieceIsCounted(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	e := serve(t, func(_ *endpoint, _ http.ResponseWriter, r *http.Request) {
		leave()
		<-r.Context().Done()
	})
	reply, err := model(t, e).Reply(ctx, dialogue(), func(string) {})
	if !errors.Is(err, context.Canceled) || reply.Usage.InputTokens != dialogue().Tokens() {
		t.Errorf("%+v, %v", reply.Usage, err)
	}
}

func TestWhatAnEndpointSaysIsInNoLog(t *testing.T) {
	part := key[:len(key)-1]
	for name, head := range map[string]string{
		"a redirect":  "HTTP/1.1 307 Moved\r\nLocation: /x?leak=" + part + "\r\nContent-Length: 0\r\n\r\n",
		"a header":    "HTTP/1.1 200 OK\r\nno colon " + part + "\r\n\r\n",
		"a length":    "HTTP/1.1 200 OK\r\nContent-Length: " + part + "\r\n\r\n",
		"an encoding": "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + part + "\r\n\r\n",
		"a status":    "HTTP/1.1 " + part + " OK\r\n\r\n",
	} {
		e := serve(t, func(_ *endpoint, w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_, _ = io.WriteString(conn, head)
				_ = conn.Close()
			}
		})
		_, _, err := ask(t.Context(), model(t, e))
		var f *chat.Failure
		if !errors.As(err, &f) || strings.Contains(f.Cause.Error(), part[:9]) || strings.Contains(f.Cause.Error(), "colon") {
			t.Errorf("%s: %v: %v", name, err, errors.Unwrap(err))
		}
	}
}

func TestUsageThatCannotBeIsBounded(t *testing.T) {
	for said, want := range map[string]chat.Usage{
		`{"prompt_tokens":9223372036854775807,"completion_tokens":9223372036854775807}`: {InputTokens: 10_000_000, OutputTokens: 10_000_000},
		`{"prompt_tokens":-5,"completion_tokens":7}`:                                    {OutputTokens: 7},
	} {
		e := serve(t, func(_ *endpoint, w http.ResponseWriter, _ *http.Request) {
			stream(w, 0, delta(`{"content":"Hi"}`, `"stop"`), `{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":`+said+`}`, done)
		})
		if _, reply, err := ask(t.Context(), model(t, e)); err != nil || reply.Usage != want {
			t.Errorf("%s: %+v, %v", said, reply.Usage, err)
		}
	}
}

func TestCallsWithoutPlacesAreToldApartByTheirIds(t *testing.T) {
	e := serve(t, func(_ *endpoint, w http.ResponseWriter, _ *http.Request) {
		stream(w, 0, delta(`{"tool_calls":[{"id":"a","function":{"name":"today","arguments":"{}"}},{"id":"b","function":{"name":"stats","arguments":"{}"}}]}`, `"stop"`), done)
	})
	_, reply, err := ask(t.Context(), model(t, e))
	want := []chat.Asked{{ID: "a", Name: "today", Arguments: "{}"}, {ID: "b", Name: "stats", Arguments: "{}"}}
	if diff := cmp.Diff(want, reply.Asked); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestWhereNoUsageIsSaidItIsEstimated(t *testing.T) {
	e := serve(t, func(_ *endpoint, w http.ResponseWriter, _ *http.Request) {
		stream(w, 0, delta(`{"content":"Eight b."}`, `"length"`), done)
	})
	_, reply, err := ask(t.Context(), model(t, e))
	if err != nil || reply.Usage != (chat.Usage{InputTokens: dialogue().Tokens(), OutputTokens: 3}) || !reply.Cut {
		t.Error(reply, err)
	}
}

func TestEachWayToFailHasAKind(t *testing.T) {
	status := func(codes ...int) func(*endpoint, http.ResponseWriter, *http.Request) {
		return func(e *endpoint, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After-Ms", "1")
			w.WriteHeader(codes[min(e.asked(), len(codes))-1])
			fmt.Fprintf(w, `{"error":{"message":"Incorrect API key provided: %s","type":"%s","code":"invalid_api_key"}}`, key[:9], key)
		}
	}
	with := func(chunks ...string) func(*endpoint, http.ResponseWriter, *http.Request) {
		return func(_ *endpoint, w http.ResponseWriter, _ *http.Request) { stream(w, 0, chunks...) }
	}
	for name, c := range map[string]struct {
		answer func(*endpoint, http.ResponseWriter, *http.Request)
		kind   chat.FailureKind
	}{
		"401": {status(401), chat.Refused}, "404": {status(404), chat.Refused}, "400": {status(400), chat.Refused},
		"429": {status(429), chat.TooBusy}, "500": {status(500), chat.Unreachable}, "503": {status(503), chat.Unreachable}, "504": {status(504), chat.TooSlow},
		"moved": {func(_ *endpoint, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/v1/elsewhere", http.StatusTemporaryRedirect)
		}, chat.Unreachable},
		"a page":         {func(_ *endpoint, w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>Welcome</html>") }, chat.Nonsense},
		"nothing":        {func(*endpoint, http.ResponseWriter, *http.Request) {}, chat.Nonsense},
		"no JSON":        {with(`{"choices":[`), chat.Nonsense},
		"other JSON":     {with(`{"choices":"none"}`, `[1]`), chat.Nonsense},
		"no end":         {with(delta(`{"content":"Hi"}`, "null")), chat.Nonsense},
		"only an end":    {with(done), chat.Nonsense},
		"a filter":       {with(delta(`{}`, `"content_filter"`), done), chat.Refused},
		"an error in it": {with(delta(`{"content":"Hi"}`, "null"), `{"error":{"message":"`+key+`"}}`), chat.Unreachable},
		"cut off": {func(_ *endpoint, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			stream(w, 0, delta(`{"content":"Hi"}`, "null"))
		}, chat.Unreachable},
		"many calls": {func(_ *endpoint, w http.ResponseWriter, _ *http.Request) {
			for i := range 100 {
				stream(w, 0, delta(fmt.Sprintf(`{"tool_calls":[{"index":%d}]}`, i*1_000_000_007), "null"))
			}
			stream(w, 0, delta(`{}`, `"tool_calls"`), done)
		}, chat.Nonsense},
		"endless arguments": {func(_ *endpoint, w http.ResponseWriter, _ *http.Request) {
			for range 40 {
				stream(w, 0, delta(`{"tool_calls":[{"index":0,"function":{"arguments":"`+strings.Repeat("x", 50_000)+`"}}]}`, "null"))
			}
			stream(w, 0, delta(`{}`, `"tool_calls"`), done)
		}, chat.Nonsense},
		"endless remarks": {func(_ *endpoint, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			for range 800 {
				io.WriteString(w, strings.Repeat(": remark\n", 10_000))
			}
			stream(w, 0, delta(`{"content":"Hi"}`, `"stop"`), done)
		}, chat.Nonsense},
	} {
		t.Run(name, func(t *testing.T) {
			e := serve(t, c.answer)
			_, _, err := ask(t.Context(), model(t, e))
			var f *chat.Failure
			if !errors.As(err, &f) || f.Kind != c.kind {
				t.Fatalf("%v: %v", err, errors.Unwrap(err))
			}
			if said := fmt.Sprintf("%+v %#v %v", err, err, f.Cause); strings.Contains(said, key[:9]) {
				t.Error("the key, or a part of it, is in", said)
			}
			if cause := f.Cause.Error(); name == "401" && cause != "the endpoint answered 401 Unauthorized: invalid_api_key" {
				t.Error("a log is told", cause)
			}
		})
	}
}

func TestAnEndpointThatIsBusyIsAskedOnceMore(t *testing.T) {
	e := serve(t, func(e *endpoint, w http.ResponseWriter, _ *http.Request) {
		if e.asked() == 1 {
			w.Header().Set("Retry-After-Ms", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		stream(w, 0, delta(`{"content":"Hi"}`, `"stop"`), done)
	})
	if text, _, err := ask(t.Context(), model(t, e)); text != "Hi" || err != nil {
		t.Error(text, err)
	}
}

func TestTextWithoutEndIsCut(t *testing.T) {
	e := serve(t, func(_ *endpoint, w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			stream(w, 0, delta(`{"content":"`+strings.Repeat("la ", 10_000)+`"}`, "null"))
		}
	})
	text, reply, err := ask(t.Context(), model(t, e))
	if err != nil || !reply.Cut || len(text) > 150_000 || reply.Usage.OutputTokens == 0 {
		t.Error(len(text), reply, err)
	}
}

func TestAnEndpointThatHangsIsLeftWhenTheTimeIsOver(t *testing.T) {
	for name, answer := range map[string]func(*endpoint, http.ResponseWriter, *http.Request){
		"before it answers": func(e *endpoint, _ http.ResponseWriter, _ *http.Request) { <-e.hung },
		"in the midst of it": func(e *endpoint, w http.ResponseWriter, _ *http.Request) {
			stream(w, 0, delta(`{"content":"Hi"}`, "null"))
			<-e.hung
		},
		"asking for patience": func(_ *endpoint, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := serve(t, answer)
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			_, _, err := ask(ctx, model(t, e))
			var f *chat.Failure
			if !errors.As(err, &f) || f.Kind != chat.TooSlow {
				t.Errorf("%v: %v", err, errors.Unwrap(err))
			}
			ctx, leave := context.WithCancel(t.Context())
			leave()
			if _, _, err := ask(ctx, model(t, e)); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
}

func TestAnEndpointThatIsNotThereIsUnreachable(t *testing.T) {
	e := serve(t, nil)
	e.Close()
	_, _, err := ask(t.Context(), model(t, e))
	var f *chat.Failure
	if !errors.As(err, &f) || f.Kind != chat.Unreachable {
		t.Error(err)
	}
}

func TestAnEndpointWithoutAKeyIsSentNone(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "of the environment")
	e := serve(t, func(_ *endpoint, w http.ResponseWriter, _ *http.Request) {
		stream(w, 0, delta(`{"content":"Hi"}`, `"stop"`), done)
	})
	m, err := openai.New(openai.Settings{URL: e.URL + "/v1/", Model: "m"})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := ask(t.Context(), m); err != nil || e.headers[0].Get("Authorization") != "" {
		t.Error(err, e.headers[0])
	}
}

func TestSettingsAreChecked(t *testing.T) {
	for _, s := range []openai.Settings{
		{}, {URL: "https://host/v1"}, {URL: "host/v1", Model: "m"}, {URL: "ftp://host/", Model: "m"}, {URL: "https:///v1", Model: "m"},
		{URL: "https://user:" + key + "@host/", Model: "m"}, {URL: "https://host/?key=" + key, Model: "m"}, {URL: "https://host/#x", Model: "m"}, {URL: "http://%zz" + key, Model: "m"},
	} {
		if _, err := openai.New(s); err == nil || strings.Contains(err.Error(), key) {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

// FuzzAnswer has an endpoint answer anything. It is a reply or one of the known
// failures, and never has the key.
func FuzzAnswer(f *testing.F) {
	var answer []byte
	e := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(answer) }))
	f.Cleanup(e.Close)
	m, err := openai.New(openai.Settings{URL: e.URL, Model: "m", Key: key})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		answer = said
		text, reply, err := ask(t.Context(), m)
		if failure := new(chat.Failure); err != nil && (!errors.As(err, &failure) || failure.Kind != chat.Nonsense && failure.Kind != chat.Refused && failure.Kind != chat.Unreachable) {
			t.Fatalf("%q: %v", said, err)
		}
		if u := reply.Usage; u.InputTokens < 0 || u.OutputTokens < 0 || len(text) > len(said) {
			t.Fatalf("%q: %q, %+v", said, text, reply)
		}
		ids := map[string]bool{}
		for _, a := range reply.Asked {
			if a.ID == "" || ids[a.ID] {
				t.Fatalf("%q: %+v", said, reply)
			}
			ids[a.ID] = true
		}
	})
}
