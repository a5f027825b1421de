package function

import (
	"io"

	"github.com/VictoriaMetrics/metrics"

	"todo-app/internal/httpapi"
	"todo-app/internal/scaling"
)

// WriteLoad writes what is counted of a process as a whole: whether it was
// started for a request that waited, how long that took, and the most requests
// at once. A process starts once, so that sums are over pods that have come
// and gone: sum(max_over_time(todo_cold_starts_total[1d])).
func WriteLoad(w io.Writer, l httpapi.Load) {
	var starts uint64
	var seconds float64
	if scaling.Awaited(l.Cold) {
		starts, seconds = 1, l.Cold.Seconds()
	}
	metrics.WriteCounterUint64(w, "todo_cold_starts_total", starts)
	metrics.WriteCounterFloat64(w, "todo_cold_start_seconds_total", seconds)
	metrics.WriteGaugeUint64(w, "todo_busiest_requests", uint64(l.Busiest))
}
