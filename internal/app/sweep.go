package app

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"todo-app/internal/event"
	"todo-app/internal/postgres"
	"todo-app/internal/task"
)

// Sweeper does what no request may wait for and no function can promise:
// archiving what has been done long enough, delivering events that were left
// over, and removing what has served its time. Its settings connect as postgres.SweepRole.
type Sweeper struct {
	log       *zap.Logger
	pool      *pgxpool.Pool
	deliverer *event.Deliverer
	tasks     *task.Service
}

// sweepConns is enough to deliver for a few owners at a time.
const sweepConns = 4

// NewSweeper joins the parts of a sweep.
func NewSweeper(ctx context.Context, s Settings, log *zap.Logger) (*Sweeper, error) {
	pool, err := postgres.Open(ctx, postgres.Options{URL: s.DatabaseURL, Role: s.DatabaseRole, MaxConns: sweepConns, Name: "todo-sweep"})
	if err != nil {
		return nil, err
	}
	deliverer, err := event.NewDeliverer(&postgres.Outbox{Pool: pool, NewID: newID},
		event.Settings{Sink: s.Sink, Source: s.Source, Overrides: s.Overrides, Log: log})
	if err != nil {
		pool.Close()
		return nil, err
	}
	tasks := &task.Service{Store: &postgres.Store{Pool: pool, Nonce: rand.Int64}, Now: time.Now, NewID: newID, Zone: s.Zone, Zones: &task.Zones{}}
	return &Sweeper{log: log, pool: pool, deliverer: deliverer, tasks: tasks}, nil
}

// Sweep archives, delivers and removes until nothing is left. With discard it also
// removes the events that could not be delivered.
func (s *Sweeper) Sweep(ctx context.Context, discard bool) error {
	return s.sweep(ctx, discard, zap.InfoLevel)
}

// sweep sweeps, and tells the log at a level.
func (s *Sweeper) sweep(ctx context.Context, discard bool, level zapcore.Level) error {
	archived, archiveErr := s.autoArchive(ctx)
	delivered, err := s.deliverer.Sweep(ctx)
	purged, purgeErr := (&postgres.Sweeper{Pool: s.pool}).Purge(ctx, time.Now(), discard)
	s.log.Log(level, "swept", zap.Int("archived", archived), zap.Int("delivered", delivered), zap.Int64("keys", purged.Keys),
		zap.Int64("events", purged.Events), zap.Int64("leases", purged.Leases))
	return errors.Join(archiveErr, err, purgeErr)
}

// Every sweeps again and again, with a pause between, until ctx ends.
func (s *Sweeper) Every(ctx context.Context, pause time.Duration, discard bool) {
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := s.sweep(ctx, discard, zap.DebugLevel); err != nil && ctx.Err() == nil {
			s.log.Warn("sweeping", zap.Error(err))
		}
	}
}

// Close frees what the sweeper holds.
func (s *Sweeper) Close(ctx context.Context) error {
	err := s.deliverer.Close(ctx)
	s.pool.Close()
	return err
}
