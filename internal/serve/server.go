// Package serve is the process side of a function: its logger, metrics,
// listeners, signals and drain. It knows HTTP but nothing about tasks.
package serve

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

// Server runs the API listener and, where MetricsAddr is set, a second
// listener for Prometheus. Set the fields, call Run once. A zero duration or
// size means the default named beside it.
type Server struct {
	Addr    string       // host:port of the API; port 0 picks a free one
	Handler http.Handler // answers the API, over HTTP/1.1 and unencrypted HTTP/2

	MetricsAddr string       // host:port of the metrics; empty for none
	Metrics     http.Handler // answers GET /metrics at MetricsAddr

	// Log receives the server's own lines; nil drops them.
	Log *zap.Logger
	// Ready, if set, is called once both listeners accept; metrics is nil
	// without a second one.
	Ready func(api, metrics net.Addr)

	ReadHeaderTimeout time.Duration // 5 s, the whole header
	ReadTimeout       time.Duration // 30 s, header and body; a handler may extend it by http.ResponseController
	WriteTimeout      time.Duration // 60 s, from the header's end to the answer's; may be extended likewise
	IdleTimeout       time.Duration // 120 s, between requests of one connection
	MaxHeaderBytes    int           // 64 KiB; net/http allows 4 KiB more

	// DrainTimeout is how long requests in flight may take to finish: 25 s.
	DrainTimeout time.Duration

	once     sync.Once
	draining chan struct{}
	inFlight atomic.Int64
	conns    connections
}

// Draining returns a channel that closes when the drain begins. A handler
// that streams ends itself then.
func (s *Server) Draining() <-chan struct{} {
	s.once.Do(func() { s.draining = make(chan struct{}) })
	return s.draining
}

// Run listens and serves until ctx ends, then drains. It returns nil when
// every request was answered; otherwise the error says which address could
// not be listened on or served, or how many requests were cut.
func (s *Server) Run(ctx context.Context) error {
	log := s.Log
	if log == nil {
		log = zap.NewNop()
	}
	// The end of ctx must not cancel requests in flight; cutting them does.
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()

	sides, err := s.open(base, log)
	if err != nil {
		return err
	}
	stopped := make(chan error, len(sides))
	for _, side := range sides {
		log.Info("listening", zap.Stringer("address", side.listener.Addr()), zap.String("side", side.name))
		go func() { stopped <- side.serve() }()
	}
	s.ready(sides)

	var broken error
	select {
	case broken = <-stopped:
	case <-ctx.Done():
	}
	log.Info("draining", zap.NamedError("cause", cmp.Or(broken, context.Cause(ctx))))
	err = s.drain(sides[0])
	for _, side := range sides {
		side.server.Close()
		<-side.done
	}
	return errors.Join(broken, err)
}

// open binds both listeners, or none.
func (s *Server) open(base context.Context, log *zap.Logger) ([]*side, error) {
	api, err := listen("api", s.Addr, s.httpServer(base, s.gate(), log))
	if err != nil {
		return nil, err
	}
	api.server.ConnState = s.conns.track
	if s.MetricsAddr == "" {
		return []*side{api}, nil
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.Metrics)
	metrics, err := listen("metrics", s.MetricsAddr, s.httpServer(base, mux, log))
	if err != nil {
		return nil, errors.Join(err, api.listener.Close())
	}
	return []*side{api, metrics}, nil
}

func (s *Server) ready(sides []*side) {
	if s.Ready == nil {
		return
	}
	var metrics net.Addr
	if len(sides) > 1 {
		metrics = sides[1].listener.Addr()
	}
	s.Ready(sides[0].listener.Addr(), metrics)
}

func (s *Server) httpServer(base context.Context, handler http.Handler, log *zap.Logger) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           handler,
		Protocols:         protocols,
		ReadHeaderTimeout: cmp.Or(s.ReadHeaderTimeout, 5*time.Second),
		ReadTimeout:       cmp.Or(s.ReadTimeout, 30*time.Second),
		WriteTimeout:      cmp.Or(s.WriteTimeout, 60*time.Second),
		IdleTimeout:       cmp.Or(s.IdleTimeout, 120*time.Second),
		MaxHeaderBytes:    cmp.Or(s.MaxHeaderBytes, 64<<10),
		BaseContext:       func(net.Listener) context.Context { return base },
		ErrorLog:          errorLog(log),
	}
}
