package app

import (
	"context"
	"time"

	"go.uber.org/zap"

	"todo-app/internal/httpapi"
	"todo-app/internal/scaling"
	"todo-app/internal/serve"
)

// noteEvery is how often a process notes what it did. What it did since is
// noted when it ends, unless it is killed.
const (
	noteEvery = 5 * time.Minute
	noteTime  = 2 * time.Second // that it may take
)

// notes are what a process has noted of itself, so that each is noted once.
type notes struct {
	app   *App
	since time.Time
	began bool
	cold  bool
	load  httpapi.Load
	cpu   time.Duration
}

// keep notes what the process does, until ctx ends.
func (n *notes) keep(ctx context.Context) {
	ticker := time.NewTicker(noteEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			n.note(ctx)
		}
	}
}

// note notes what the process did since it last did so. Where that cannot be
// written it stays to be noted.
func (n *notes) note(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, noteTime)
	defer cancel()
	now, load := time.Now(), n.app.api.Load()
	cpu, memory := serve.Used()
	use := scaling.Use{
		Hour: now.UTC().Truncate(time.Hour), Service: n.app.settings.Service, Revision: n.app.settings.Revision,
		Running: now.Sub(n.since), Requests: load.Requests - n.load.Requests, Failed: load.Failed - n.load.Failed, Busiest: load.Busiest,
		CPU: cpu - n.cpu, Memory: memory,
	}
	if !n.began {
		use.Pods = 1
	}
	if cold := load.Cold; !n.cold && cold > 0 && cold < scaling.ColdWithin {
		use.ColdStarts, use.Cold, use.Coldest = 1, cold, cold
	}
	if err := n.app.store.AddUse(ctx, use); err != nil {
		n.app.log.Debug("noting what this process did", zap.Error(err))
		return
	}
	n.since, n.began, n.cold, n.load, n.cpu = now, true, n.cold || use.ColdStarts > 0, load, cpu
}
