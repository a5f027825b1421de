//go:build !otel

package storage

import (
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"todo-app/internal/telemetry"
)

// Postgres returns what is told of statements; nil for nothing.
func Postgres(*telemetry.Telemetry) pgx.QueryTracer { return nil }

// Redis has what a client asks Redis told.
func Redis(*telemetry.Telemetry, *redis.Client) error { return nil }
