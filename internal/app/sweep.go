package app

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"todo-app/internal/app/function"
	"todo-app/internal/event"
	"todo-app/internal/postgres"
	"todo-app/internal/task"
	"todo-app/internal/telemetry"
	"todo-app/internal/telemetry/storage"
)

// Sweeper does what no request may wait for and no function can promise: firing
// reminders that are due, archiving what has been done long enough, delivering
// events that were left over, and removing what has served its time. Its
// settings connect as postgres.SweepRole.
type Sweeper struct {
	Now func() time.Time // which reminders are due by

	log       *zap.Logger
	pool      *pgxpool.Pool
	storage   *postgres.Sweeper
	deliverer *event.Deliverer
	tasks     *task.Service
	telemetry *telemetry.Telemetry
}

// sweepConns is enough to deliver for a few owners at a time.
const sweepConns = 4

// NewSweeper joins the parts of a sweep.
func NewSweeper(ctx context.Context, s Settings, log *zap.Logger) (*Sweeper, error) {
	told, err := telemetry.Start(s.Telemetry, "sweep", function.Version, log)
	if err != nil {
		return nil, err
	}
	pool, err := postgres.Open(ctx, postgres.Options{URL: s.DatabaseURL, Passwords: s.DatabasePasswords, Role: s.DatabaseRole, MaxConns: sweepConns, Name: "todo-sweep", CA: s.DatabaseCA,
		Tracer: storage.Postgres(told)})
	if err != nil {
		return nil, err
	}
	deliverer, err := event.NewDeliverer(&postgres.Outbox{Pool: pool, NewID: newID},
		event.Settings{Sink: s.Sink, Source: s.Source, Overrides: s.Overrides, Around: told.Deliveries, Log: log})
	if err != nil {
		pool.Close()
		return nil, err
	}
	tasks := &task.Service{Store: &postgres.Store{Pool: pool, Nonce: rand.Int64}, Now: time.Now, NewID: newID, Zone: s.Zone, Zones: &task.Zones{}}
	sweeper := &postgres.Sweeper{Pool: pool, Nonce: rand.Int64, Keep: s.HistoryLife,
		Zone: func(o task.Owner) *time.Location { return tasks.Zones.Of(o, s.Zone) }}
	return &Sweeper{Now: time.Now, log: log, pool: pool, storage: sweeper, deliverer: deliverer, tasks: tasks, telemetry: told}, nil
}

// Sweep fires, archives, delivers and removes until nothing is left. With discard it also
// removes the events that could not be delivered.
func (s *Sweeper) Sweep(ctx context.Context, discard bool) error {
	return s.sweep(ctx, discard, zap.InfoLevel)
}

// sweep sweeps, and tells the log at a level.
func (s *Sweeper) sweep(ctx context.Context, discard bool, level zapcore.Level) (err error) {
	ctx, end := s.telemetry.Span(ctx, "sweep")
	defer func() { end(err) }()
	var archived, delivered int
	var archiveErr, deliverErr error
	reminded, remindErr := s.remindBeside(ctx, func() {
		archived, archiveErr = s.autoArchive(ctx)
		delivered, deliverErr = s.deliverer.Sweep(ctx)
	})
	purged, purgeErr := s.storage.Purge(ctx, time.Now(), discard)
	s.log.Log(level, "swept", zap.Int("reminded", reminded), zap.Int("archived", archived), zap.Int("delivered", delivered),
		zap.Int64("keys", purged.Keys), zap.Int64("events", purged.Events), zap.Int64("leases", purged.Leases), zap.Int64("operations", purged.Operations),
		zap.Int64("histories", purged.Histories), zap.Int64("records", purged.Records), zap.Int64("use", purged.Use))
	return errors.Join(remindErr, archiveErr, deliverErr, purgeErr)
}

// remindEvery is how often reminders are looked for while something else goes
// on: a slow sink can take longer than until the next sweep should be.
const remindEvery = 20 * time.Second

// remindBeside fires the reminders that are due, then does something and goes on
// firing meanwhile. It returns how many were fired.
func (s *Sweeper) remindBeside(ctx context.Context, do func()) (reminded int, err error) {
	reminded, err = s.storage.Remind(ctx, s.Now())
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	ticker := time.NewTicker(remindEvery)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			return reminded, err
		case <-ticker.C:
			n, again := s.storage.Remind(ctx, s.Now())
			reminded, err = reminded+n, again
		}
	}
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
	s.telemetry.Close()
	return err
}
