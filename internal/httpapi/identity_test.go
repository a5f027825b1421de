package httpapi_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

// asking has a service ask for credentials: "Bearer read", "Bearer write" and "Bearer ops".
func asking(s *httpapi.API) {
	s.TakesKeys = true
	s.Tasks.NewID = func() task.ID { return task.ID(uuid.Must(uuid.NewV7())) } // keys are found by them, whoever's they are
	s.Identify = func(r *http.Request) (task.Caller, error) {
		switch scope, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); scope {
		case "read", "write", "ops":
			return task.Caller{Owner: "alice " + r.Host, Actor: "laptop", Scope: task.Scope(scope), Operator: scope == "ops"}, nil
		case "":
			return task.Caller{}, &httpapi.Problem{Status: http.StatusUnauthorized, Detail: "this needs a credential", Challenge: `Bearer realm="todo-app"`}
		}
		return task.Caller{}, task.ErrUnavailable
	}
}

// bearing sends every request with a credential.
func bearing(c *httpapi.Client, credential string) *httpapi.Client {
	return &httpapi.Client{Base: c.Base, HTTP: c.HTTP, Prepare: func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+credential) }}
}

func TestWithoutACredentialNothingIsToldButHowTheServiceIs(t *testing.T) {
	t.Parallel()
	s := start(t, asking)
	open := map[string]bool{}
	for _, e := range append(append(s.api.Probes(), s.api.Health()...), s.api.Document()...) {
		open[e.Method+" "+e.Path] = true
	}
	open["GET /api/v1/ops/scaling"] = false
	open["GET /calendar/{feed}"] = true // its address is the credential
	for _, e := range everything(s.api) {
		path := strings.NewReplacer("{id}", "0190b6a0-5f3c-7000-8000-5b5e2f0c7a11", "{$}", "", "{name}", "x", "{token}", "x", "{feed}", "x").Replace(e.Path)
		request, err := http.NewRequestWithContext(t.Context(), e.Method, s.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := s.http.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		challenge := response.Header.Get("WWW-Authenticate")
		if refused := response.StatusCode == http.StatusUnauthorized && challenge != ""; refused == open[e.Method+" "+e.Path] {
			t.Errorf("%s %s: %s, challenge %q", e.Method, e.Path, response.Status, challenge)
		}
	}
}

func TestACredentialForReadingChangesNothing(t *testing.T) {
	t.Parallel()
	s := start(t, asking)
	reads, writes := bearing(s.client, "read"), bearing(s.client, "write")
	made, err := writes.Create(t.Context(), task.Patch{Title: task.Value("mine")})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := reads.Get(t.Context(), made.ID); err != nil || got.Title != "mine" {
		t.Error(got, err)
	}
	_, created := reads.Create(t.Context(), task.Patch{Title: task.Value("not mine")})
	_, completed := reads.Complete(t.Context(), made.ID, false)
	_, key := reads.CreateKey(t.Context(), "more", task.ScopeWrite, time.Time{})
	for what, err := range map[string]error{"create": created, "complete": completed, "delete": reads.Delete(t.Context(), made.ID, false), "a key": key} {
		var p *httpapi.Problem
		if !errors.As(err, &p) || p.Status != http.StatusForbidden {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := bearing(s.client, "anything").Get(t.Context(), made.ID); statusOf(err) != http.StatusServiceUnavailable {
		t.Errorf("while nobody can tell whose it is: %v", err)
	}
	history, err := writes.History(t.Context(), made.ID)
	if err != nil || len(history.Entries) != 1 || history.Entries[0].Actor != "laptop" {
		t.Errorf("the history is %+v, %v", history, err)
	}
}

func statusOf(err error) int {
	var p *httpapi.Problem
	if errors.As(err, &p) {
		return p.Status
	}
	return 0
}

func TestAKeyIsShownOnceAndListedAndRevoked(t *testing.T) {
	t.Parallel()
	s := start(t, asking)
	c := bearing(s.client, "write")
	expires := s.clock.now().Add(time.Hour).Truncate(time.Second)
	made, err := c.CreateKey(t.Context(), "lap\"top", task.ScopeRead, expires)
	if err != nil {
		t.Fatal(err)
	}
	if id, secret, ok := task.ParseAPIKey(made.Token); !ok || id != made.ID || secret == "" || made.Scope != task.ScopeRead || !made.ExpiresAt.Equal(expires) {
		t.Errorf("made %+v", made)
	}
	listed, err := c.Keys(t.Context())
	if err != nil || len(listed) != 1 || listed[0].Name != "lap\"top" || listed[0].Token != "" || listed[0].LastUsedAt != nil {
		t.Errorf("listed %+v, %v", listed, err)
	}
	if err := c.RevokeKey(t.Context(), made.ID); err != nil {
		t.Error(err)
	}
	if err := c.RevokeKey(t.Context(), made.ID); statusOf(err) != http.StatusNotFound {
		t.Errorf("once more: %v", err)
	}
	if listed, err := c.Keys(t.Context()); err != nil || len(listed) != 0 {
		t.Errorf("listed %+v, %v", listed, err)
	}
	for _, entry := range s.logs.All() {
		if text := entry.Message + entryText(entry.ContextMap()); strings.Contains(text, made.Token) {
			t.Errorf("the token is logged: %s", text)
		}
	}
}

func entryText(fields map[string]any) string {
	var b strings.Builder
	for _, v := range fields {
		if s, ok := v.(string); ok {
			b.WriteString(s)
		}
	}
	return b.String()
}

func TestAReplayOfMakingAKeyDoesNotShowItAgain(t *testing.T) {
	t.Parallel()
	s := start(t, asking)
	var replies []reply
	for range 2 {
		replies = append(replies, s.ask(t, http.MethodPost, "/api/v1/keys", `{"name":"laptop"}`, "Idempotency-Key: once", "Authorization: Bearer write"))
	}
	first, again := replies[0], replies[1]
	if first.Status != http.StatusCreated || again.Status != http.StatusCreated || again.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("first %+v, then %+v", first, again)
	}
	if !strings.Contains(first.Body, `"token":"todo_`) || strings.Contains(again.Body, "token") {
		t.Errorf("first %s, then %s", first.Body, again.Body)
	}
	if keys, err := bearing(s.client, "write").Keys(t.Context()); err != nil || len(keys) != 1 {
		t.Error(keys, err)
	}
}

func TestKeysThatCannotBe(t *testing.T) {
	t.Parallel()
	s := start(t, asking)
	const writing = "Authorization: Bearer write"
	for body, pointers := range map[string]string{
		`{}`:                               "/name",
		`[]`:                               "",
		`{"name":7,"scope":"admin","x":1}`: "/name /scope /x",
		`{"name":" "}`:                     "/name",
		`{"name":"n","expires_at":"soon"}`: "/expires_at",
		`{"name":"n","expires_at":"2020-01-01T00:00:00Z"}`: "/expires_at",
		`{"name":"n"`: "",
		``:            "",
	} {
		got := s.ask(t, http.MethodPost, "/api/v1/keys", body, "Content-Type: application/json", writing)
		if got.Status != http.StatusBadRequest {
			t.Errorf("%s: %+v", body, got)
		}
		for _, pointer := range strings.Fields(pointers) {
			if !strings.Contains(got.Body, `"pointer":"`+pointer+`"`) {
				t.Errorf("%s: %s does not name %s", body, got.Body, pointer)
			}
		}
	}
	if got := s.ask(t, http.MethodPost, "/api/v1/keys", `{"name":"n","expires_at":null}`, writing); got.Status != http.StatusCreated {
		t.Error(got)
	}
	if got := s.ask(t, http.MethodDelete, "/api/v1/keys/none", "", writing); got.Status != http.StatusNotFound {
		t.Error(got)
	}
	without := start(t)
	if _, err := without.client.CreateKey(t.Context(), "n", task.ScopeWrite, time.Time{}); statusOf(err) != http.StatusConflict {
		t.Errorf("where none are taken: %v", err)
	}
}

func TestThePathsOfEarlierVersionsAreTheirUsersOnly(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.http.Transport = s.http.Transport.(*inspector).next // the document has one name for each operation
	made, err := s.client.Create(t.Context(), task.Patch{Title: task.Value("mine")})
	if err != nil {
		t.Fatal(err)
	}
	mine := "/api/" + strings.ReplaceAll(s.owner, " ", "%20") + "/tasks"
	for _, one := range []struct {
		method, path, body string
		want               int
	}{
		{http.MethodGet, mine, "", http.StatusOK},
		{http.MethodPost, mine, `{"title":"more"}`, http.StatusCreated},
		{http.MethodGet, mine + "/" + made.ID.String(), "", http.StatusOK},
		{http.MethodPut, mine + "/" + made.ID.String(), `{"title":"changed"}`, http.StatusOK},
		{http.MethodPatch, mine + "/" + made.ID.String() + "/complete", "", http.StatusOK},
		{http.MethodPost, mine + "/" + made.ID.String() + "/reopen", "", http.StatusOK},
		{http.MethodDelete, mine + "/" + made.ID.String(), "", http.StatusNoContent},
		{http.MethodGet, "/api/bob/tasks", "", http.StatusForbidden},
		{http.MethodDelete, "/api/bob/tasks?all=true", "", http.StatusForbidden},
		{http.MethodGet, "/api/v1/bob/tasks", "", http.StatusNotFound},
		{http.MethodPost, mine + "/" + made.ID.String(), "", http.StatusMethodNotAllowed},
	} {
		if got := s.ask(t, one.method, one.path, one.body); got.Status != one.want {
			t.Errorf("%s %s: %+v", one.method, one.path, got)
		}
	}
}

func TestThePathsOfEarlierVersionsTakeAnyName(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.http.Transport = s.http.Transport.(*inspector).next
	owner := s.owner
	for _, name := range []string{"ann smith", "team#1", "a/b", "50%", "v1/", "https://issuer.example/u"} {
		s.owner = name + owner
		s.create(t, `{"title":"a"}`)
		s.create(t, `{"title":"b"}`)
		first := s.ask(t, http.MethodGet, "/api/"+url.PathEscape(s.owner)+"/tasks?limit=1", "").status(t, http.StatusOK)
		last := ask(t, s.http, http.MethodGet, link(t, first), "").status(t, http.StatusOK)
		if tasks := last.tasks(t); len(tasks) != 1 || tasks[0].Title != "b" || last.Header.Get("Link") != "" {
			t.Errorf("%s: %+v", name, last)
		}
	}
}
