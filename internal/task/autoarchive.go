package task

import (
	"context"
	"time"
)

// autoArchiver is who is named for what ArchiveOld does.
const autoArchiver = "auto-archive"

// MaxAutoArchived is how many tasks one call of ArchiveOld archives at most, so
// that the owner's other writes need not wait long.
const MaxAutoArchived = 500

// ArchiveOld archives an owner's completed tasks that have not changed for as
// many days as the owner's settings say, the longest unchanged first, and
// counts them. With MaxAutoArchived there may be more.
func (s *Service) ArchiveOld(ctx context.Context, owner string) (int, error) {
	r, err := s.write(ctx, Call{Owner: owner, Actor: autoArchiver}, func(ctx context.Context, tx Tx, v View) ([]Task, error) {
		days := tx.Owner().AutoArchiveDays
		if days == 0 {
			return nil, nil
		}
		old, err := tx.Unchanged(ctx, v.Now.Add(-time.Duration(days)*24*time.Hour), MaxAutoArchived)
		for _, t := range old {
			archived := t
			archived.ArchivedAt = v.Now
			archived.succeed(t, v.Now)
			tx.Replace(t, archived)
		}
		return old, err
	})
	return len(r.Tasks), err
}
