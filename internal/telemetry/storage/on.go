//go:build otel

package storage

import (
	"context"
	"errors"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/extra/redisotel/v9"
	"github.com/redis/go-redis/v9"

	"todo-app/internal/telemetry"
)

// Postgres returns what makes a span of each statement within a trace, named
// after what it does and to which table; nil where nothing is told. Neither
// statements nor their arguments are told.
func Postgres(t *telemetry.Telemetry) pgx.QueryTracer {
	if t == nil {
		return nil
	}
	var names names
	return otelpgx.NewTracer(
		otelpgx.WithTracerProvider(t.Tracers()),
		otelpgx.WithMeterProvider(t.Meters()),
		otelpgx.WithSpanNameFunc(names.of),
		otelpgx.WithMetricOperationName(func(_ context.Context, sql string) string { return names.of(sql) }),
		otelpgx.WithDisableSQLStatementInAttributes(),
		otelpgx.WithDisableAcquireTracer(),
	)
}

// Redis has a client make a span of each command within a trace, named after
// the command; keys and values are not told.
func Redis(t *telemetry.Telemetry, client *redis.Client) error {
	if t == nil {
		return nil
	}
	return errors.Join(
		redisotel.InstrumentTracing(client, redisotel.WithTracerProvider(t.Tracers()), redisotel.WithDBStatement(false),
			redisotel.WithCallerEnabled(false), redisotel.WithDialFilter(true)),
		redisotel.InstrumentMetrics(client, redisotel.WithMeterProvider(t.Meters()), redisotel.WithSemConvCompliantMetrics(true)),
	)
}
