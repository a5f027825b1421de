//go:build e2e

package e2e

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"todo-app/internal/task"
)

// yardstickNamespace holds Knative's hello world.
const yardstickNamespace = "yardstick"

const hello = `
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: hello, namespace: ` + yardstickNamespace + `}
spec:
  template:
    spec:
      containers:
      - image: 127.0.0.1:5000/hello
        ports: [{containerPort: 8080}]
`

// coldRounds is how often each is woken.
const coldRounds = 5

// coldStarts wakes the list at its own host, and through a front door that
// sleeps too, in turn with Knative's hello world.
func coldStarts(t *step, r *report) {
	made, err := client("web").Create(t.Context(), task.Patch{Title: task.Value("Asleep")})
	if err != nil {
		t.Fatal(err)
	}
	run(t, "kubectl", "create", "namespace", yardstickNamespace)
	if _, err := tryWith(hello, "kubectl", "apply", "--filename", "-"); err != nil {
		t.Fatal(err)
	}
	run(t, "kubectl", "--namespace", yardstickNamespace, "wait", "ksvc/hello", "--for=condition=Ready", atMost)
	path := "/api/v1/tasks/" + made.ID.String()
	var direct, door, floor []float64
	for range coldRounds {
		asleep(t, "list", "web")
		eventually(t, "hello at zero", func() bool {
			return len(liveIn(t, yardstickNamespace, "serving.knative.dev/service=hello")) == 0
		})
		floor = append(floor, wake(t, "hello."+yardstickNamespace+"."+domain, "/", ""))
		direct = append(direct, wake(t, host("list"), path, "Asleep"))
		asleep(t, "list", "web")
		door = append(door, wake(t, host("web"), path, "Asleep"))
	}
	ratio := func(what string, ours []float64, aim float64) {
		got := median(ours) / median(floor)
		r.add(what, fmt.Sprintf("%.2f s, hello world %.2f s: %.2f", median(ours), median(floor), got), fmt.Sprintf("≤ %.2f", aim), got <= aim)
	}
	ratio("from zero, at the function's host", direct, 1.05)
	ratio("from zero, through a cold front door", door, 2.1)
}

// wake asks a host that sleeps and returns the seconds until its answer, which
// must hold what it should.
func wake(t testing.TB, host, path, want string) float64 {
	t.Helper()
	began := time.Now()
	response, err := httpClient().Get("http://" + host + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	took := time.Since(began).Seconds()
	if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
		t.Errorf("%s%s from zero: %s %s, %v", host, path, response.Status, body, err)
	}
	return took
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// burst sends more to one function than one pod may have at once. It must
// scale out, and lose nothing.
func burst(t *step, r *report) {
	asleep(t, "create")
	const clients, while = 60, 20 * time.Second
	var requests, failures atomic.Int64
	var all sync.WaitGroup
	end := time.Now().Add(while)
	for i := range clients {
		all.Go(func() {
			c := client("create")
			for n := 0; time.Now().Before(end); n++ {
				requests.Add(1)
				if _, err := c.Create(t.Context(), task.Patch{Title: task.Value(fmt.Sprintf("burst %d/%d", i, n))}); err != nil {
					failures.Add(1)
					t.Log(err)
				}
			}
		})
	}
	most := 0
	for time.Now().Before(end) {
		most = max(most, len(pods(t, "create")))
		time.Sleep(500 * time.Millisecond)
	}
	all.Wait()
	if failures.Load() > 0 {
		t.Errorf("%d of %d requests failed", failures.Load(), requests.Load())
	}
	if most < 2 {
		t.Errorf("it had %d pods at most", most)
	}
	r.add("a burst of 60 clients on a sleeping function", fmt.Sprintf("%d pods, %d of %d requests failed", most, failures.Load(), requests.Load()), "≥ 2, 0", most >= 2 && failures.Load() == 0)
}
