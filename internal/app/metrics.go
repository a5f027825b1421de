package app

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

// registerCounters adds what the parts count to the metrics.
func (a *App) registerCounters() error {
	counters := map[string]func() float64{}
	if a.cache != nil {
		s := &a.cache.Stats
		counters["todo_cache_hits_total"] = func() float64 { return float64(s.Hits.Load()) }
		counters["todo_cache_misses_total"] = func() float64 { return float64(s.Misses.Load()) }
		counters["todo_cache_errors_total"] = func() float64 { return float64(s.Errors.Load()) }
		counters["todo_cache_skipped_total"] = func() float64 { return float64(s.Skipped.Load()) }
		counters["todo_cache_breaker_opened_total"] = func() float64 { return float64(s.Opened.Load()) }
	}
	counters["todo_events_delivered_total"] = func() float64 { return float64(a.deliverer.Stats().Delivered) }
	counters["todo_events_refused_total"] = func() float64 { return float64(a.deliverer.Stats().Refused) }
	counters["todo_events_failed_total"] = func() float64 { return float64(a.deliverer.Stats().Failed) }
	for name, value := range counters {
		opts := prometheus.CounterOpts{Name: name, Help: help[name]}
		if err := a.metrics.Register(prometheus.NewCounterFunc(opts, value)); err != nil {
			return err
		}
	}
	return nil
}

var help = map[string]string{
	"todo_cache_hits_total":           "Reads answered from Redis.",
	"todo_cache_misses_total":         "Reads for which Redis had nothing that still reads right.",
	"todo_cache_errors_total":         "Exchanges with Redis that failed or took too long.",
	"todo_cache_skipped_total":        "Reads that left Redis alone because the breaker was open.",
	"todo_cache_breaker_opened_total": "Times the breaker to Redis opened.",
	"todo_events_delivered_total":     "Events that the sink accepted.",
	"todo_events_refused_total":       "Events that the sink will never accept.",
	"todo_events_failed_total":        "Deliveries that did not succeed and will be tried again.",
}

// RegisterTotals adds the gauges about the whole site. One process of a site
// reports them: the health function, or the only one there is.
func (a *App) RegisterTotals() error { return a.metrics.Register(&totals{app: a}) }

// totals reads the site's figures from Postgres, at most once in a while
// however often it is scraped.
type totals struct {
	app  *App
	lock sync.Mutex
	read time.Time
	kept []prometheus.Metric
}

const (
	totalsEvery   = 15 * time.Second
	totalsTimeout = 2 * time.Second
)

// totalDescriptions are the gauges, in the order of their values.
func totalDescriptions() (tasks, backlog, age *prometheus.Desc) {
	return prometheus.NewDesc("todo_tasks_total", "Tasks of all owners, by status.", []string{"status"}, nil),
		prometheus.NewDesc("todo_outbox_events", "Events that wait for delivery, at most 10,000.", nil, nil),
		prometheus.NewDesc("todo_outbox_oldest_seconds", "How long the oldest of them has waited.", nil, nil)
}

// Describe implements prometheus.Collector.
func (t *totals) Describe(ch chan<- *prometheus.Desc) {
	tasks, backlog, age := totalDescriptions()
	ch <- tasks
	ch <- backlog
	ch <- age
}

// Collect implements prometheus.Collector. While Postgres cannot be asked the
// gauges are absent rather than old.
func (t *totals) Collect(ch chan<- prometheus.Metric) {
	t.lock.Lock()
	defer t.lock.Unlock()
	if time.Since(t.read) >= totalsEvery {
		t.read = time.Now()
		var err error
		if t.kept, err = t.ask(); err != nil {
			t.app.log.Warn("reading the totals for metrics", zap.Error(err))
		}
	}
	for _, m := range t.kept {
		ch <- m
	}
}

func (t *totals) ask() ([]prometheus.Metric, error) {
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
	var waited float64
	if !oldest.IsZero() {
		waited = time.Since(oldest).Seconds()
	}
	tasks, backlog, age := totalDescriptions()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
		return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	return []prometheus.Metric{
		gauge(tasks, float64(n.Pending), "pending"),
		gauge(tasks, float64(n.Completed), "completed"),
		gauge(tasks, float64(n.Archived), "archived"),
		gauge(backlog, float64(events)),
		gauge(age, waited),
	}, nil
}
