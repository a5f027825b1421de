package app

import (
	"context"
	"time"

	"go.uber.org/zap"

	"todo-app/internal/scaling"
)

// Reports is for tests, which have a clock of their own.
func Reports(now func() time.Time, gather func(context.Context) scaling.Facts) func(context.Context) scaling.Report {
	return (&reporter{now: now, gather: gather}).report
}

// Noting is for tests: it returns what notes once.
func Noting(read func() scaling.Reading, add func(context.Context, scaling.Note) error) func(context.Context) {
	return (&notes{read: read, add: add, log: zap.NewNop()}).note
}
