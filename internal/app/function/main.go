package function

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	"go.uber.org/zap"

	"todo-app/internal/serve"
)

// Version is set when the program is linked.
var Version = "dev"

// Program is what runs until its context ends.
type Program func(context.Context, *zap.Logger) error

// Main is the main of a function: it runs the program that prepare returns
// until SIGTERM. It ends the process with 1, saying why, if the settings are
// wrong or the program fails.
func Main(f Name, prepare func() (Settings, Program, error)) {
	spareTheCollector()
	s, run, err := prepare()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s cannot start:\n%v\n", f, err)
		os.Exit(1)
	}
	log := serve.NewLogger(nil, string(f), Version, s.LogLevel)
	ctx, stop := serve.Context()
	defer stop()
	if err := run(ctx, log); err != nil {
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

// spare is what a drain may take longer than the longest request.
const spare = 5 * time.Second

// Serve serves h, and metrics where the settings say, until ctx ends, and then
// lets requests finish, of which the longest may take that long. Ready is told
// the address once it accepts connections; nil tells nobody.
func (s Settings) Serve(ctx context.Context, h http.Handler, longest time.Duration, metrics *serve.Metrics, log *zap.Logger, ready func(api net.Addr)) error {
	server := &serve.Server{
		DrainTimeout: longest + spare,
		Addr:         net.JoinHostPort(s.Host, strconv.Itoa(s.Port)),
		Handler:      h,
		Log:          log,
		Ready: func(api, _ net.Addr) {
			log.Info("serving", zap.Stringer("address", api))
			if ready != nil {
				ready(api)
			}
		},
	}
	if s.MetricsPort != 0 {
		server.MetricsAddr = net.JoinHostPort(s.Host, strconv.Itoa(s.MetricsPort))
		server.Metrics = metrics.Handler()
	}
	return server.Run(ctx)
}
