package app

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"go.uber.org/zap"
)

// writeCounters tells what the parts have counted: reads that Redis answered,
// had nothing fit for, failed at or was not asked because the breaker was
// open, and how often that opened; events that the sink accepted, will never
// accept, and deliveries to try again; the process's connections.
func (a *App) writeCounters(w io.Writer) {
	if a.cache != nil {
		s := &a.cache.Stats
		metrics.WriteCounterUint64(w, "todo_cache_hits_total", s.Hits.Load())
		metrics.WriteCounterUint64(w, "todo_cache_misses_total", s.Misses.Load())
		metrics.WriteCounterUint64(w, "todo_cache_errors_total", s.Errors.Load())
		metrics.WriteCounterUint64(w, "todo_cache_skipped_total", s.Skipped.Load())
		metrics.WriteCounterUint64(w, "todo_cache_breaker_opened_total", s.Opened.Load())
	}
	s := a.deliverer.Stats()
	metrics.WriteCounterUint64(w, "todo_events_delivered_total", s.Delivered)
	metrics.WriteCounterUint64(w, "todo_events_refused_total", s.Refused)
	metrics.WriteCounterUint64(w, "todo_events_failed_total", s.Failed)
	a.writePools(w)
}

// writePools tells how the process's connections are used: of PostgreSQL's
// also how often, and for how long in all, requests have waited for one.
func (a *App) writePools(w io.Writer) {
	p := a.pool.Stat()
	metrics.WriteMetadataIfNeeded(w, "todo_database_connections", "gauge")
	fmt.Fprintf(w, "todo_database_connections{state=\"used\"} %d\n", p.AcquiredConns())
	fmt.Fprintf(w, "todo_database_connections{state=\"idle\"} %d\n", p.IdleConns())
	metrics.WriteGaugeUint64(w, "todo_database_connections_max", uint64(p.MaxConns()))
	metrics.WriteCounterUint64(w, "todo_database_waits_total", uint64(p.EmptyAcquireCount()))
	metrics.WriteCounterFloat64(w, "todo_database_wait_seconds_total", p.EmptyAcquireWaitTime().Seconds())
	if a.redis != nil {
		r := a.redis.PoolStats()
		metrics.WriteMetadataIfNeeded(w, "todo_redis_connections", "gauge")
		fmt.Fprintf(w, "todo_redis_connections{state=\"used\"} %d\n", r.TotalConns-r.IdleConns)
		fmt.Fprintf(w, "todo_redis_connections{state=\"idle\"} %d\n", r.IdleConns)
		metrics.WriteCounterUint64(w, "todo_redis_timeouts_total", uint64(r.Timeouts))
	}
}

// ReportTotals adds the gauges about the whole site. One process of a site
// reports them: the health function, or the only one there is.
func (a *App) ReportTotals() { a.metrics.Add((&totals{app: a}).write) }

// totals reads the site's figures from Postgres, at most once in a while
// however often it is scraped.
type totals struct {
	app  *App
	lock sync.Mutex
	read time.Time
	kept func(io.Writer)
}

const (
	totalsEvery   = 15 * time.Second
	totalsTimeout = 2 * time.Second
)

// write tells the tasks of all owners by status, the events that wait for
// delivery (at most 10,000 are counted) and how long the oldest has waited, the
// database's size, and how many of the server's connections anybody has.
// While Postgres cannot be asked the gauges are absent rather than old.
func (t *totals) write(w io.Writer) {
	t.lock.Lock()
	defer t.lock.Unlock()
	if time.Since(t.read) >= totalsEvery {
		t.read = time.Now()
		var err error
		if t.kept, err = t.ask(); err != nil {
			t.app.log.Warn("reading the totals for metrics", zap.Error(err))
		}
	}
	if t.kept != nil {
		t.kept(w)
	}
}

func (t *totals) ask() (func(io.Writer), error) {
	ctx, cancel := context.WithTimeout(context.Background(), totalsTimeout)
	defer cancel()
	n, err := t.app.store.Totals(ctx)
	if err != nil {
		return nil, err
	}
	events, oldest, err := t.app.store.Backlog(ctx)
	if err != nil {
		return nil, err
	}
	connections, err := t.app.store.Connections(ctx)
	if err != nil {
		return nil, err
	}
	size, err := t.app.store.Size(ctx)
	if err != nil {
		return nil, err
	}
	var waited float64
	if !oldest.IsZero() {
		waited = time.Since(oldest).Seconds()
	}
	return func(w io.Writer) {
		metrics.WriteMetadataIfNeeded(w, "todo_tasks_total", "gauge") // once for the three
		fmt.Fprintf(w, "todo_tasks_total{status=\"pending\"} %d\n", n.Pending)
		fmt.Fprintf(w, "todo_tasks_total{status=\"completed\"} %d\n", n.Completed)
		fmt.Fprintf(w, "todo_tasks_total{status=\"archived\"} %d\n", n.Archived)
		metrics.WriteGaugeUint64(w, "todo_outbox_events", uint64(events))
		metrics.WriteGaugeFloat64(w, "todo_outbox_oldest_seconds", waited)
		metrics.WriteGaugeUint64(w, "todo_postgres_connections", uint64(connections.Used))
		metrics.WriteGaugeUint64(w, "todo_postgres_connections_max", uint64(connections.Most))
		metrics.WriteGaugeUint64(w, "todo_postgres_bytes", uint64(size))
	}, nil
}
