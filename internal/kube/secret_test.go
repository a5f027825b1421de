package kube_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"todo-app/internal/kube"
)

// apiServer keeps one Secret by the rules of the real one that matter here.
type apiServer struct {
	mu      sync.Mutex
	data    map[string]string // nil: there is none
	version int
	meddle  func(*apiServer) // runs once, after the next read
}

func (s *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	refuse := func(code int, message string) {
		w.WriteHeader(code)
		fmt.Fprintf(w, `{"kind":"Status","message":%q}`, message)
	}
	body, _ := io.ReadAll(r.Body)
	var in struct {
		Metadata struct{ ResourceVersion string }
		Data     map[string]string
	}
	json.Unmarshal(body, &in)
	const one = "/api/v1/namespaces/ns/secrets/name"
	switch {
	case r.Header.Get("Authorization") != "Bearer token":
		refuse(http.StatusForbidden, "who are you?")
	case r.Method == "GET" && r.URL.Path == one:
		if s.data == nil {
			refuse(http.StatusNotFound, "no such secret")
		} else {
			json.NewEncoder(w).Encode(map[string]any{"metadata": map[string]any{"resourceVersion": fmt.Sprint(s.version)}, "data": s.data})
		}
		if s.meddle != nil {
			s.meddle(s)
			s.meddle = nil
		}
	case r.Method == "POST" && r.URL.Path == "/api/v1/namespaces/ns/secrets":
		if s.data != nil {
			refuse(http.StatusConflict, "already exists")
			return
		}
		s.data = in.Data
		s.version++
	case r.Method == "PATCH" && r.URL.Path == one && r.Header.Get("Content-Type") == "application/merge-patch+json":
		if in.Metadata.ResourceVersion != fmt.Sprint(s.version) {
			refuse(http.StatusConflict, "has been modified")
			return
		}
		maps.Copy(s.data, in.Data)
		s.version++
	default:
		refuse(http.StatusTeapot, r.Method+" "+r.URL.Path)
	}
}

func start(t *testing.T, s *apiServer) *kube.Client {
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return &kube.Client{Base: server.URL, HTTP: server.Client(), Token: func() (string, error) { return "token", nil }}
}

func counting() func(string) []byte {
	n := 0
	return func(string) []byte { n++; return fmt.Append(nil, "made ", n) }
}

func encoded(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func TestASecretIsMadeOnceAndNeverChanged(t *testing.T) {
	s := &apiServer{}
	c := start(t, s)
	generate := counting()
	ensure := func(want []string, keys ...string) {
		t.Helper()
		if made, err := c.EnsureSecret(t.Context(), "ns", "name", keys, generate); err != nil || !slices.Equal(made, want) {
			t.Errorf("made %v, %v; want %v", made, err, want)
		}
	}
	ensure([]string{"a", "b"}, "a", "b")
	ensure(nil, "a", "b")
	ensure([]string{"c"}, "a", "b", "c") // an upgrade that needs one more
	want := map[string]string{"a": encoded("made 1"), "b": encoded("made 2"), "c": encoded("made 3")}
	if !maps.Equal(s.data, want) {
		t.Errorf("the secret holds %v, want %v", s.data, want)
	}
}

func TestWhoLosesARaceForTheSecretTakesTheWinners(t *testing.T) {
	for name, s := range map[string]*apiServer{
		"to make it":     {meddle: func(s *apiServer) { s.data = map[string]string{"a": encoded("theirs")} }},
		"to complete it": {data: map[string]string{}, meddle: func(s *apiServer) { s.data["a"] = encoded("theirs"); s.version++ }},
	} {
		t.Run(name, func(t *testing.T) {
			made, err := start(t, s).EnsureSecret(t.Context(), "ns", "name", []string{"a"}, counting())
			if err != nil || len(made) != 0 || s.data["a"] != encoded("theirs") {
				t.Errorf("made %v, %v; the secret holds %v", made, err, s.data)
			}
		})
	}
}

func TestWhatTheServerRefusesIsSaid(t *testing.T) {
	c := start(t, &apiServer{})
	c.Token = func() (string, error) { return "another", nil }
	_, err := c.EnsureSecret(t.Context(), "ns", "name", []string{"a"}, counting())
	var status *kube.StatusError
	if !errors.As(err, &status) || status.Code != http.StatusForbidden || status.Message != "who are you?" {
		t.Error(err)
	}
}

func TestOutsideAClusterThatIsSaid(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	if _, err := kube.InCluster(); err == nil {
		t.Error("no error")
	}
}
