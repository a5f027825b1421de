package task

import (
	"context"
	"time"
)

// AutoArchiver is who is named for what ArchiveOld does.
const AutoArchiver = "auto-archive"

// MaxAutoArchived is how many tasks one call of ArchiveOld archives at most, so
// that the owner's other writes need not wait long.
const MaxAutoArchived = 500

// ArchiveOld archives an owner's completed tasks that have not changed for as
// many days as the owner's settings say, the longest unchanged first, and
// counts them. With MaxAutoArchived there may be more.
func (s *Service) ArchiveOld(ctx context.Context, owner string) (int, error) {
	r, err := s.run(ctx, Call{Owner: owner, Actor: AutoArchiver}, func(ctx context.Context, tx Tx, r *Result) (err error) {
		if days := tx.Owner().AutoArchiveDays; days > 0 {
			r.Count, err = archiveUnchanged(ctx, tx, r.View.Now, r.View.Now.Add(-time.Duration(days)*24*time.Hour), MaxAutoArchived)
		}
		return err
	})
	return r.Count, err
}

// archiveUnchanged archives completed tasks that have not changed since a
// moment, the longest unchanged first and so many at most, and counts them.
func archiveUnchanged(ctx context.Context, tx Tx, now, since time.Time, most int) (int, error) {
	old, err := tx.Unchanged(ctx, since, most)
	archived := make([]Task, len(old))
	for i, t := range old {
		archived[i] = t
		archived[i].ArchivedAt = now
		archived[i].succeed(t, now)
	}
	tx.ReplaceAll(old, archived)
	return len(old), err
}
