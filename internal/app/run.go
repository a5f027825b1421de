package app

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	"go.uber.org/zap"

	"todo-app/internal/serve"
)

// Run is the main of a function: it serves until SIGTERM and then drains. It
// ends the process with 1, saying why, if it cannot start or drain.
func Run(f Function) {
	spareTheCollector()
	s, err := FunctionSettings()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s cannot start:\n%v\n", f, err)
		os.Exit(1)
	}
	log := serve.NewLogger(nil, string(f), Version, s.LogLevel)
	ctx, stop := serve.Context()
	defer stop()
	if err := run(ctx, s, log, f); err != nil {
		log.DPanic("ended", zap.Error(err))
		os.Exit(1)
	}
}

// spareTheCollector lets the heap, of a few MiB, grow to three times what is
// live instead of twice, unless the environment says how far: a tenth of the
// CPU of a cached read for some 4 MiB under load.
func spareTheCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200)
	}
}

func run(ctx context.Context, s Settings, log *zap.Logger, f Function) error {
	a, err := New(ctx, s, log)
	if err != nil {
		return err
	}
	if f == Health {
		a.ReportTotals()
	}
	a.api.Metrics = nil // in a cluster they have a port of their own, not the public one
	return a.Serve(ctx, nil, f)
}

// closeTime bounds what is left to do once requests have drained.
const closeTime = 5 * time.Second

// Serve serves the functions until ctx ends, drains, and closes the app. Ready
// is told the address once it accepts connections; nil tells nobody.
func (a *App) Serve(ctx context.Context, ready func(api net.Addr), functions ...Function) error {
	server := &serve.Server{
		Addr:    net.JoinHostPort(a.settings.Host, strconv.Itoa(a.settings.Port)),
		Handler: a.Handler(functions...),
		Log:     a.log,
		Ready: func(api, _ net.Addr) {
			a.log.Info("serving", zap.Stringer("address", api))
			if ready != nil {
				ready(api)
			}
		},
	}
	if a.settings.MetricsPort != 0 {
		server.MetricsAddr = net.JoinHostPort(a.settings.Host, strconv.Itoa(a.settings.MetricsPort))
		server.Metrics = a.metrics.Handler()
	}
	err := server.Run(ctx)
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	if closeErr := a.Close(closing); err == nil {
		err = closeErr
	}
	return err
}
