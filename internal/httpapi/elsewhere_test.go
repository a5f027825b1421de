package httpapi_test

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"go.uber.org/zap/zapcore"

	"todo-app/internal/httpapi"
)

// A page has the host that its browser asked, which a proxy may hide from us.
func TestAPageOfTheHostThatClientsSeeMayWrite(t *testing.T) {
	t.Parallel()
	s := start(t, func(a *httpapi.API) { a.URL = func(*http.Request) string { return "https://todo.example" } })
	s.ask(t, "POST", tasks, `{"title":"a"}`, "Origin: https://todo.example").status(t, http.StatusCreated)
	s.ask(t, "POST", tasks, `{"title":"a"}`, "Origin: https://evil.example").status(t, http.StatusForbidden)
	s.ask(t, "POST", tasks, `{"title":"a"}`, "Origin: https://todo.example", "Sec-Fetch-Site: cross-site").status(t, http.StatusForbidden)
	s.ask(t, "POST", tasks, `{"title":"a"}`, "Origin: https://todo.example:444").status(t, http.StatusForbidden)
}

func TestAnEndpointElsewhereIsGivenTheIDsAndNoDeadline(t *testing.T) {
	t.Parallel()
	s := start(t)
	url, client := listen(t, s.api.Handler(s.api.List()[0].Elsewhere(func(w http.ResponseWriter, r *http.Request) error {
		if _, bounded := r.Context().Deadline(); bounded || len(r.Header.Get("Traceparent")) != 55 {
			t.Errorf("it is given %v", r.Header)
		}
		w.Header().Set("X-Seen", r.Header.Get("X-Request-Id"))
		return &httpapi.Problem{Status: http.StatusConflict, Detail: "elsewhere"}
	})))
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodHead, url+tasks, nil)
	response, err := client.Transport.(*inspector).next.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusConflict || response.Header.Get("X-Seen") != response.Header.Get("X-Request-Id") {
		t.Errorf("%d %v", response.StatusCode, response.Header)
	}
}

func TestAnAnswerThatBreaksOffEndsItsConnectionAndIsLoggedOnce(t *testing.T) {
	t.Parallel()
	s := start(t)
	url, client := listen(t, s.api.Handler(s.api.List()[0].Elsewhere(func(w http.ResponseWriter, _ *http.Request) error {
		w.WriteHeader(http.StatusOK)
		http.NewResponseController(w).Flush()
		return errors.New("broke off")
	})))
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, url+tasks, nil)
	response, err := client.Transport.(*inspector).next.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.ReadAll(response.Body); err == nil {
		t.Error("it looks whole")
	}
	equal(t, s.logs.FilterLevelExact(zapcore.ErrorLevel).Len(), 1)
}
