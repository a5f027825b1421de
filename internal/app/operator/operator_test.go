package operator_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"todo-app/internal/app/operator"
	"todo-app/internal/kube"
)

func TestTheClusterIsFoundOnceAndItsConnectionsAreUsedAgain(t *testing.T) {
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"items":[{"metadata":{"name":"health"}}]}`)
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	found := 0
	c := operator.Cluster{Find: func() (*kube.Client, string, error) {
		found++
		if found == 1 {
			return nil, "", errors.New("not yet")
		}
		return &kube.Client{Base: server.URL, HTTP: server.Client(), Token: func() (string, error) { return "token", nil }}, "ns", nil
	}}
	if _, err := c.Functions(t.Context(), "health"); err == nil || err.Error() != "not yet" {
		t.Error(err)
	}
	for range 5 {
		if all, err := c.Functions(t.Context(), "health"); err != nil || len(all) != 1 || all[0].Service != "health" {
			t.Error(all, err)
		}
	}
	if n := connections.Load(); found != 2 || n > 3 { // the first three calls begin at once
		t.Errorf("found %d times, %d connections", found, n)
	}
}
