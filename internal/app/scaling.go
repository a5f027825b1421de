package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"

	"todo-app/internal/scaling"
)

const (
	// scalingEvery is how often, at most, the cluster and the database are
	// asked, however often anybody asks here.
	scalingEvery = 5 * time.Second
	// scalingTime bounds one round of that.
	scalingTime = 5 * time.Second
)

// reporter keeps the last report for some seconds.
type reporter struct {
	now    func() time.Time
	gather func(context.Context) scaling.Facts
	lock   sync.Mutex
	at     time.Time
	last   scaling.Report
}

// report returns how the functions scale, or did a moment ago. Whoever comes
// while others ask waits for what these find.
func (r *reporter) report(ctx context.Context) scaling.Report {
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.at.IsZero() || r.now().Sub(r.at) >= scalingEvery {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), scalingTime)
		defer cancel()
		r.last = r.gather(ctx).Report()
		r.at = r.now()
	}
	return r.last
}

// AskCluster has the app tell operators of the functions as the cluster has
// them, of the same release as the one that is told by its own name.
func (a *App) AskCluster(functions func(ctx context.Context, own string) ([]scaling.Deployed, error)) {
	a.deployed = functions
}

// noCluster stands for the cluster in what is none of its pods.
func noCluster(context.Context, string) ([]scaling.Deployed, error) {
	return nil, errors.New("this function does not ask the cluster")
}

// scalingFacts asks the cluster and the database at once. What cannot be asked
// is said to be unknown, and why.
func (a *App) scalingFacts(ctx context.Context) scaling.Facts {
	facts := scaling.Facts{Now: time.Now().UTC().Truncate(time.Second), Cluster: scaling.Source{Known: true}, Storage: scaling.Source{Known: true}}
	var both sync.WaitGroup
	both.Go(func() {
		var err error
		if facts.Deployed, err = a.deployed(ctx, a.settings.Service); err != nil {
			facts.Cluster = scaling.Unknown(err)
		}
	})
	both.Go(func() {
		if err := a.stored(ctx, &facts); err != nil {
			a.log.Warn("reading what functions did", zap.Error(err))
			facts.Storage = scaling.Source{Detail: "the database cannot be reached"}
		}
	})
	both.Wait()
	return facts
}

// stored adds what the database has.
func (a *App) stored(ctx context.Context, to *scaling.Facts) error {
	use, err := a.store.Use(ctx, to.Now.Add(-scaling.Life).Truncate(time.Hour))
	if err != nil {
		return err
	}
	began, err := a.store.UseBegan(ctx)
	if err != nil {
		return err
	}
	c, err := a.store.Connections(ctx)
	if err != nil {
		return err
	}
	to.Use, to.Began, to.Connections = use, began, &c
	return nil
}
