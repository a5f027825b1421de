package app

import (
	"cmp"
	"context"
	"net"
	"sync"
	"time"

	"go.uber.org/zap"

	"todo-app/internal/app/function"
	"todo-app/internal/httpapi"
)

// Run is the main of a function: it serves until SIGTERM and then drains. It
// ends the process with 1, saying why, if it cannot start or drain. What attach
// adds to an app is what only this function links.
func Run(f Function, attach ...func(*App, *zap.Logger) error) {
	function.Main(f, func() (function.Settings, function.Program, error) {
		s, err := FunctionSettings()
		return s.Settings, func(ctx context.Context, log *zap.Logger) error { return run(ctx, s, log, f, attach...) }, err
	})
}

func run(ctx context.Context, s Settings, log *zap.Logger, f Function, attach ...func(*App, *zap.Logger) error) error {
	s.Service = cmp.Or(s.Service, string(f))
	a, err := New(ctx, s, log)
	if err != nil {
		return err
	}
	if f == Health {
		a.ReportTotals()
	}
	for _, to := range attach {
		if err := to(a, log); err != nil {
			return err
		}
	}
	a.api.Metrics = nil // in a cluster they have a port of their own, not the public one
	return a.Serve(ctx, nil, inImage(f)...)
}

// inImage returns the functions that are in a function's image: the reads that
// wait are deployed apart from those that do not, but are built from the same.
func inImage(f Function) []Function {
	if f == List {
		return []Function{List, Watch}
	}
	return []Function{f}
}

// closeTime bounds what is left to do once requests have drained.
const closeTime = 5 * time.Second

// Serve serves the functions until ctx ends, drains, and closes the app. Ready
// is told the address once it accepts connections; nil tells nobody.
func (a *App) Serve(ctx context.Context, ready func(api net.Addr), functions ...Function) error {
	var longest time.Duration
	for _, f := range functions {
		longest = max(longest, httpapi.Longest(function.Endpoints(a.api, f)))
	}
	a.api.Ending = ctx.Done()
	own := newNotes(a)
	keeping, stop := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { own.keep(keeping) })
	err := a.settings.Serve(ctx, a.Handler(functions...), longest, a.metrics, a.log, ready)
	stop()
	beside.Wait()
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	if ctx.Err() != nil { // else it could not even begin
		own.note(closing)
	}
	if closeErr := a.Close(closing); err == nil {
		err = closeErr
	}
	return err
}
