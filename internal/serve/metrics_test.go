package serve_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"todo-app/internal/serve"
)

// scrape returns each sample's value by its name and labels.
func scrape(t testing.TB, m *serve.Metrics) map[string]float64 {
	t.Helper()
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if answer.Code != http.StatusOK {
		t.Fatalf("got %d: %s", answer.Code, answer.Body)
	}
	samples := make(map[string]float64)
	for line := range strings.Lines(answer.Body.String()) {
		if line[0] == '#' {
			continue
		}
		cut := strings.LastIndexByte(line, ' ')
		value, err := strconv.ParseFloat(strings.TrimSpace(line[cut:]), 64)
		if err != nil {
			t.Fatal(err)
		}
		samples[line[:cut]] = value
	}
	return samples
}

func TestMetricsCarryTheirPromisedNames(t *testing.T) {
	m := serve.NewMetrics()
	m.Endpoint("GET", "/api/v1/tasks/{id}").Observe(200, 3*time.Millisecond)
	samples := scrape(t, m)
	for _, name := range []string{
		`todo_api_requests_total{endpoint="/api/v1/tasks/{id}",method="GET",status="200"}`,
		`todo_api_request_duration_seconds_count{endpoint="/api/v1/tasks/{id}",method="GET"}`,
		`todo_api_request_duration_seconds_bucket{endpoint="/api/v1/tasks/{id}",method="GET",le="0.005"}`,
	} {
		if samples[name] != 1 {
			t.Errorf("%s is %v", name, samples[name])
		}
	}
	if got := samples[`todo_api_request_duration_seconds_bucket{endpoint="/api/v1/tasks/{id}",method="GET",le="0.0025"}`]; got != 0 {
		t.Errorf("3 ms counted as at most 2.5: %v", got)
	}
	for _, name := range []string{
		"process_cpu_seconds_total", "process_memory_bytes", "process_uptime_seconds",
		"process_open_fds", "go_goroutines",
	} {
		if _, ok := samples[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
	if rss := samples["process_memory_bytes"]; rss < 1<<20 || rss > 1<<34 {
		t.Errorf("resident set is %v bytes", rss)
	}
}

func TestHostileMethodsAndStatusesShareOneSeries(t *testing.T) {
	m := serve.NewMetrics()
	for _, method := range []string{"BREW", "get", "", "\xff", "X\n"} {
		for _, status := range []int{-1, 0, 99, 600, 1 << 40} {
			m.Endpoint(method, "/").Observe(status, 0)
		}
	}
	counted := 0
	for name, value := range scrape(t, m) {
		if !strings.HasPrefix(name, "todo_api_requests_total") {
			continue
		}
		counted++
		if name != `todo_api_requests_total{endpoint="/",method="other",status="other"}` || value != 25 {
			t.Errorf("%s is %v", name, value)
		}
	}
	if counted != 1 {
		t.Errorf("%d series", counted)
	}
}

func TestEveryObservationCountsWhenManyComeAtOnce(t *testing.T) {
	m := serve.NewMetrics()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			endpoint := m.Endpoint("POST", "/x")
			for range 1000 {
				endpoint.Observe(201, time.Second)
			}
		})
	}
	all.Wait()
	if got := scrape(t, m)[`todo_api_requests_total{endpoint="/x",method="POST",status="201"}`]; got != 8000 {
		t.Errorf("counted %v", got)
	}
}

func TestOthersAddTheirOwn(t *testing.T) {
	m := serve.NewMetrics()
	m.Add(func(w io.Writer) { fmt.Fprintln(w, "todo_cache_hits_total 1") })
	if got := scrape(t, m)["todo_cache_hits_total"]; got != 1 {
		t.Errorf("got %v", got)
	}
}

func TestObserveDoesNotAllocate(t *testing.T) {
	endpoint := serve.NewMetrics().Endpoint("GET", "/x")
	allocations := testing.AllocsPerRun(100, func() {
		endpoint.Observe(200, time.Millisecond)
		endpoint.Observe(404, time.Millisecond)
		endpoint.Observe(999, time.Millisecond)
	})
	if allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
}

func BenchmarkObserve(b *testing.B) {
	endpoint := serve.NewMetrics().Endpoint("GET", "/x")
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			endpoint.Observe(200, time.Millisecond)
		}
	})
}
