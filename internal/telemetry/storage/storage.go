// Package storage tells what is asked of PostgreSQL and Redis. It is apart from
// telemetry because the front door has neither.
package storage
