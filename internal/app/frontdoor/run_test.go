package frontdoor_test

import (
	"bufio"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestTheFunctionServesTellsItsMetricsElsewhereAndEndsWhenAsked(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = []string{asFunction + "=1", "TODO_FUNCTION_URL=http://{function}.invalid", "TODO_HOST=127.0.0.1", "PORT=0", "TODO_METRICS_PORT=" + freePort(t)}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	sides := map[string]string{}
	for lines := bufio.NewScanner(out); len(sides) < 2 && lines.Scan(); {
		var line struct{ Address, Side string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Side != "" {
			sides[line.Side] = "http://" + line.Address
		}
	}
	o, metrics := &origin{url: sides["api"]}, &origin{url: sides["metrics"]}
	if r := o.ask(t, "GET", "/health/ready", ""); r.status != http.StatusOK {
		t.Errorf("%d %s", r.status, r.body)
	}
	o.ask(t, "GET", tasks+"/x", "").problem(t, http.StatusServiceUnavailable)
	o.ask(t, "GET", "/metrics", "").problem(t, http.StatusNotFound)
	const counted = `todo_api_requests_total{endpoint="/api/v1/tasks/{id}",method="GET",status="503"} 1`
	if r := metrics.ask(t, "GET", "/metrics", ""); !strings.Contains(r.body, "\n"+counted+"\n") {
		t.Errorf("no %s in\n%s", counted, r.body)
	}
	stop := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	defer stop.Stop()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error("it ended with", err)
	}
}

// freePort returns one that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}
