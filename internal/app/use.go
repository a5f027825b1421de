package app

import (
	"context"
	"time"

	"github.com/google/uuid"
	"go.uber.org/zap"

	"todo-app/internal/scaling"
	"todo-app/internal/serve"
)

// noteEvery is how often a process notes what it did; it does so when an hour
// ends, too. What it did since is noted when it ends, unless it is killed.
const (
	noteEvery = 5 * time.Minute
	noteTime  = 2 * time.Second // that it may take
)

// notes are what a process notes of itself.
type notes struct {
	diary scaling.Diary
	read  func() scaling.Reading
	add   func(context.Context, scaling.Note) error
	log   *zap.Logger
	left  []scaling.Note // that could not be written, or nobody knows whether they were
}

func newNotes(a *App) *notes {
	s := a.settings
	return &notes{
		diary: scaling.Diary{Process: uuid.NewString(), Service: s.Service, Revision: s.Revision, Started: a.api.Started},
		read:  a.reading, add: a.store.AddUse, log: a.log,
	}
}

// keep notes what the process does, until ctx ends.
func (n *notes) keep(ctx context.Context) {
	timer := time.NewTimer(scaling.Next(time.Now(), noteEvery))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			n.note(ctx)
			timer.Reset(scaling.Next(time.Now(), noteEvery))
		}
	}
}

// note notes what the process did since it last did so, and before that what
// could not be written then.
func (n *notes) note(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, noteTime)
	defer cancel()
	n.left = append(n.left, n.diary.Note(n.read()))
	for len(n.left) > 0 {
		if err := n.add(ctx, n.left[0]); err != nil {
			n.log.Debug("noting what this process did", zap.Error(err))
			return
		}
		n.left = n.left[1:]
	}
}

// reading returns what the process knows of itself.
func (a *App) reading() scaling.Reading {
	load := a.api.Load()
	cpu, memory := serve.Used()
	return scaling.Reading{
		At: time.Now(), Requests: load.Requests, Failed: load.Failed, CPU: cpu, First: load.Cold, Busiest: a.api.Busiest(), Memory: memory,
	}
}
