package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"todo-app/internal/postgres"
	"todo-app/internal/task"
)

// autoArchive archives the completed tasks of all owners that have stayed as
// long as their owner lets them, and counts them. What fails for one owner
// does not keep the others from it.
func (s *Sweeper) autoArchive(ctx context.Context) (archived int, err error) {
	sweeper := &postgres.Sweeper{Pool: s.pool}
	now := time.Now()
	var last postgres.Due
	for ctx.Err() == nil {
		due, findErr := sweeper.AutoArchiveDue(ctx, now, last)
		if findErr != nil || len(due) == 0 {
			return archived, errors.Join(err, findErr)
		}
		for _, d := range due {
			n, oneErr := s.autoArchiveOf(ctx, d.Owner)
			if oneErr == nil {
				oneErr = sweeper.AutoArchived(ctx, now, d)
			}
			archived += n
			if oneErr != nil {
				err = errors.Join(err, fmt.Errorf("archiving old tasks of one owner: %w", oneErr))
			}
			last = d
		}
	}
	return archived, errors.Join(err, ctx.Err())
}

// autoArchiveOf archives all of one owner's, a bounded number at a time.
func (s *Sweeper) autoArchiveOf(ctx context.Context, owner string) (archived int, err error) {
	for {
		n, err := s.tasks.ArchiveOld(ctx, owner)
		archived += n
		if err != nil || n < task.MaxAutoArchived {
			return archived, err
		}
	}
}
