package app

import (
	"context"
	"time"

	"todo-app/internal/scaling"
)

// Reports is for tests, which have a clock of their own.
func Reports(now func() time.Time, gather func(context.Context) scaling.Facts) func(context.Context) scaling.Report {
	return (&reporter{now: now, gather: gather}).report
}
