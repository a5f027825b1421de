package main

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
)

// traceEvent is what is used of an event of Chromium's trace; times are in microseconds.
type traceEvent struct {
	Name string  `json:"name"`
	TS   float64 `json:"ts"`
	Dur  float64 `json:"dur"`
	TDur float64 `json:"tdur"` // of Dur, what the thread was running
	PID  int     `json:"pid"`
	TID  int     `json:"tid"`
	Args struct {
		Name string `json:"name"` // of a thread
		Data struct {
			URL     string  `json:"documentLoaderURL"`
			Score   float64 `json:"weighted_score_delta"`
			Moved   bool    `json:"had_recent_input"`
			Encoded float64 `json:"encodedDataLength"`
		} `json:"data"`
	} `json:"args"`
}

// categories hold paints, shifts, tasks of threads and requests.
var categories = []string{"blink.user_timing", "loading", "toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline", "__metadata"}

// traced returns the trace of what is done in a tab.
func traced(ctx context.Context, do func() error) ([]traceEvent, error) {
	var (
		mu     sync.Mutex
		events []traceEvent
		broken error
		over   = make(chan struct{})
	)
	listening, deaf := context.WithCancel(ctx)
	defer deaf()
	err := chromedp.Listen(listening, func(event any) {
		switch e := event.(type) {
		case *tracing.EventDataCollected:
			mu.Lock()
			defer mu.Unlock()
			for _, raw := range e.Value {
				var one traceEvent
				text, err := json.Marshal(raw)
				if err == nil {
					err = json.Unmarshal(text, &one)
				}
				var shape *json.UnmarshalTypeError // of events that are none of those we look at
				if err != nil && !errors.As(err, &shape) {
					broken = err
				}
				events = append(events, one)
			}
		case *tracing.EventTracingComplete:
			close(over)
		}
	})
	if err != nil {
		return nil, err
	}
	config := tracing.StartParams{TraceConfig: &tracing.TraceConfig{IncludedCategories: categories, ExcludedCategories: []string{"*"}}}
	if _, err := chromedp.Call(ctx, tracing.Start, config); err != nil {
		return nil, err
	}
	if err := do(); err != nil {
		return nil, err
	}
	if _, err := chromedp.Call(ctx, tracing.End, struct{}{}); err != nil {
		return nil, err
	}
	select {
	case <-over:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	mu.Lock()
	defer mu.Unlock()
	return events, broken
}

// sight is how a page came to be seen, as Lighthouse reckons it.
type sight struct {
	first, largest float64 // contentful paint, milliseconds from the beginning of the navigation
	shift          float64 // cumulative layout shift, unexpected ones only
	bytes          float64 // over the network
	requests       int
	work           // of the main thread
}

// work is what a thread did, in milliseconds.
type work struct {
	running float64 // time on a processor
	longest float64 // of one task, on a processor: waiting for one is the machine's matter
	blocked float64 // what tasks had above 50 ms, added up (total blocking time)
}

const longTask = 50 // milliseconds, as the Long Tasks specification has it

// sightOf reads a trace of the navigation to a URL.
func sightOf(events []traceEvent, url string) sight {
	var s sight
	began, main := 0.0, traceEvent{}
	for _, e := range events {
		if e.Name == "navigationStart" && strings.HasPrefix(e.Args.Data.URL, url) {
			began, main = e.TS, e
		}
	}
	for _, e := range events {
		if e.PID != main.PID || e.TS < began {
			continue
		}
		since := (e.TS - began) / 1000
		switch e.Name {
		case "firstContentfulPaint":
			s.first = since
		case "largestContentfulPaint::Candidate":
			s.largest = since
		case "LayoutShift":
			if !e.Args.Data.Moved {
				s.shift += e.Args.Data.Score
			}
		case "ResourceSendRequest":
			s.requests++
		case "ResourceFinish":
			s.bytes += max(0, e.Args.Data.Encoded)
		}
	}
	s.work = workOf(events, main.PID, began)
	return s
}

// workOf adds up the tasks of a process's main thread from a time on.
func workOf(events []traceEvent, pid int, from float64) (w work) {
	thread := slices.IndexFunc(events, func(e traceEvent) bool {
		return e.Name == "thread_name" && e.PID == pid && e.Args.Name == "CrRendererMain"
	})
	if thread < 0 {
		return w
	}
	for _, e := range events {
		if e.Name != "RunTask" || e.PID != pid || e.TID != events[thread].TID || e.TS < from {
			continue
		}
		took := e.TDur / 1000
		w.running += took
		w.longest = max(w.longest, took)
		w.blocked += max(0, took-longTask)
	}
	return w
}
