// Package app joins the parts into programs. It is the only package that sees
// all of them.
package app

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"
	_ "time/tzdata" // images have no zone files

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"todo-app/internal/app/function"
	"todo-app/internal/cache"
	"todo-app/internal/event"
	"todo-app/internal/httpapi"
	"todo-app/internal/postgres"
	"todo-app/internal/scaling"
	"todo-app/internal/serve"
	"todo-app/internal/task"
	"todo-app/internal/telemetry"
	"todo-app/internal/telemetry/storage"
)

// App is the parts, joined as the settings say.
type App struct {
	settings  Settings
	log       *zap.Logger
	metrics   *serve.Metrics
	pool      *pgxpool.Pool
	redis     *redis.Client // nil: no cache
	store     *postgres.Store
	cache     *cache.Store // nil: no cache
	deliverer *event.Deliverer
	api       *httpapi.API
	mounted   []httpapi.Endpoint
	deployed  func(ctx context.Context, own string) ([]scaling.Deployed, error)
	telemetry *telemetry.Telemetry
	usable    atomic.Int64 // when the schema was last found usable, Unix seconds
}

// unnamed stands for the service where a process is none of Knative's.
const unnamed = "todo"

// New joins the parts. It connects to nothing yet, so that a function starts
// in milliseconds and while its database is still starting.
func New(ctx context.Context, s Settings, log *zap.Logger) (*App, error) {
	s.Service = cmp.Or(s.Service, unnamed)
	a := &App{settings: s, log: log, metrics: serve.NewMetrics(), deployed: noCluster}
	var err error
	if a.telemetry, err = telemetry.Start(s.Telemetry, s.Service, function.Version, log); err != nil {
		return nil, err
	}
	a.pool, err = postgres.Open(ctx, postgres.Options{URL: s.DatabaseURL, Passwords: s.DatabasePasswords, Role: s.DatabaseRole, MaxConns: s.DatabaseConns, Name: postgres.Holder(s.Service), CA: s.DatabaseCA,
		Tracer: storage.Postgres(a.telemetry)})
	if err != nil {
		return nil, err
	}
	a.store = &postgres.Store{Pool: a.pool, Nonce: mathrand.Int64}
	var store task.Store = a.store
	if s.RedisURL != "" {
		if a.redis, err = cache.Open(s.RedisURL, s.RedisConns, s.RedisCA); err != nil {
			return nil, err
		}
		if err = storage.Redis(a.telemetry, a.redis); err != nil {
			return nil, err
		}
		a.cache = cache.New(store, a.redis)
		store = a.cache
	}
	outbox := &postgres.Outbox{Pool: a.pool, NewID: newID}
	a.deliverer, err = event.NewDeliverer(outbox, event.Settings{Sink: s.Sink, Source: s.Source, Overrides: s.Overrides, Around: a.telemetry.Deliveries, Log: log})
	if err != nil {
		return nil, err
	}
	a.api = &httpapi.API{
		Tasks:     &task.Service{Store: store, Now: time.Now, NewID: newID, NewSecret: rand.Text, Zone: s.Zone, Zones: &task.Zones{}},
		Identify:  identify(s, a.store, log),
		TakesKeys: s.Takes(function.APIKey),
		Bounds:    bounds(s, a.redis),
		URL:       s.ClientURL,
		Log:       log,
		Request:   serve.WithRequest,
		Observe: func(method, pattern string) func(int, time.Duration) {
			return a.metrics.Endpoint(method, pattern).Observe
		},
		Around:    a.telemetry.Endpoint,
		Version:   function.Version,
		Started:   time.Now(),
		Receive:   Receive,
		WriteFile: WriteFile,
		ReadFile:  ReadFile,
		ImportMax: s.ImportMax,
		Ready:     a.ready,
		Checks:    a.checks(),
		Metrics:   a.metrics.Handler(),
		Changed:   a.deliverer.Hasten,
		Scaling:   (&reporter{now: time.Now, gather: a.scalingFacts}).report,
	}
	a.metrics.Add(func(w io.Writer) { function.WriteLoad(w, a.api.Load()) })
	a.metrics.Add(a.writeCounters)
	a.metrics.Add(a.telemetry.Write)
	return a, nil
}

// newID makes ids that follow creation.
func newID() task.ID { return task.ID(uuid.Must(uuid.NewV7())) }

// Receive reads the CloudEvents in a body, for httpapi.API.Receive.
func Receive(r *http.Request, body []byte) ([]httpapi.Command, error) {
	whole := r.Clone(r.Context())
	whole.Body = io.NopCloser(bytes.NewReader(body))
	received, err := event.Receive(whole)
	if errors.Is(err, event.ErrMediaType) {
		return nil, &httpapi.Problem{Status: http.StatusUnsupportedMediaType, Detail: event.ErrMediaType.Error()}
	}
	actions := map[event.Kind]httpapi.Action{
		event.Create: httpapi.ActionCreate, event.Update: httpapi.ActionUpdate, event.Delete: httpapi.ActionDelete,
	}
	commands := make([]httpapi.Command, len(received))
	for i, c := range received {
		commands[i] = httpapi.Command{Action: actions[c.Kind], Key: c.Key, Subject: c.Subject, Data: c.Data, Trace: c.Trace}
	}
	return commands, err
}

// Close ends what runs beside the requests and frees what is held. Call it
// once requests have drained.
func (a *App) Close(ctx context.Context) error {
	err := a.deliverer.Close(ctx)
	a.pool.Close()
	if a.redis != nil {
		err = errors.Join(err, a.redis.Close())
	}
	a.telemetry.Close()
	return err
}

// usableFor is how long a schema once found usable is taken to be so: probes
// come every 50 ms while a pod starts.
const usableFor = 30 * time.Second

// ready tells the readiness probe whether this build can use the schema. While
// Postgres cannot be asked the answer is yes: requests then get their 503.
func (a *App) ready(ctx context.Context) error {
	now := time.Now().Unix()
	if now-a.usable.Load() < int64(usableFor/time.Second) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	err := postgres.CheckSchema(ctx, a.pool)
	if errors.Is(err, task.ErrUnavailable) {
		return nil
	}
	if err == nil {
		a.usable.Store(now)
	}
	return err
}

// checks returns what /health looks at.
func (a *App) checks() []httpapi.Check {
	say := func(detail string) error { return &httpapi.Problem{Detail: detail} }
	return []httpapi.Check{
		{Name: "database", Essential: true, Run: func(ctx context.Context) error {
			if err := a.pool.Ping(ctx); err != nil {
				return fmt.Errorf("%w: %w", say("cannot be reached"), err)
			}
			return nil
		}},
		{Name: "schema", Essential: true, Run: func(ctx context.Context) error {
			err := postgres.CheckSchema(ctx, a.pool)
			var unusable *postgres.SchemaError
			if errors.As(err, &unusable) {
				return say(unusable.Detail)
			} else if err != nil {
				return fmt.Errorf("%w: %w", say("unknown while the database cannot be reached"), err)
			}
			return nil
		}},
		{Name: "cache", Run: func(ctx context.Context) error {
			if a.redis == nil {
				return httpapi.ErrOff
			}
			if err := a.redis.Ping(ctx).Err(); err != nil {
				return fmt.Errorf("%w: %w", say("cannot be reached: answers are right but slower"), err)
			}
			return nil
		}},
	}
}
