package task

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"
)

// Calendar is the private address at which other programs read what an owner
// has to do when. The zero value is none.
type Calendar struct {
	CreatedAt time.Time
}

// feedSpan is how far back a calendar goes: who subscribes keeps what is older,
// or has no use for it.
const feedSpan = 90 * 24 * time.Hour

// OpenCalendar returns the secret in a new address, and what gives a caller's
// calendar that address, so that the one before leads nowhere. The secret exists
// this once: nothing that is stored leads back to it.
func (s *Service) OpenCalendar() (secret string, open func(context.Context, Call) (Result, error)) {
	secret = s.NewSecret()
	return secret, func(ctx context.Context, c Call) (Result, error) {
		return s.write(ctx, c, func(_ context.Context, tx Tx, v View) ([]Task, error) {
			digest := sha256.Sum256([]byte(secret))
			tx.SetCalendar(digest[:], v.Now)
			return nil, nil
		})
	}
}

// Calendar returns the caller's calendar.
func (s *Service) Calendar(ctx context.Context, c Call) (Calendar, error) {
	return s.Store.Calendar(ctx, c.Owner)
}

// CloseCalendar ends the address of the caller's calendar, if there is one.
func (s *Service) CloseCalendar(ctx context.Context, c Call) (Result, error) {
	return s.write(ctx, c, func(_ context.Context, tx Tx, _ View) ([]Task, error) {
		tx.SetCalendar(nil, time.Time{})
		return nil, nil
	})
}

// Feed is a calendar as it is read at its address.
type Feed struct {
	Owner string
	ETag  string
	owner Owner
	since time.Time
}

// FindFeed returns the calendar that has a secret in its address, or
// ErrNoCalendar, and how it stands: with its ETag unchanged the calendar is,
// too.
func (s *Service) FindFeed(ctx context.Context, secret string) (f Feed, err error) {
	digest := sha256.Sum256([]byte(secret))
	if f.Owner, err = s.Store.CalendarOwner(ctx, digest[:]); err != nil {
		return f, err
	}
	f.owner, err = s.Store.Owner(ctx, f.Owner)
	f.since = s.now().Truncate(24 * time.Hour).Add(-feedSpan)
	g := f.owner.Generation
	f.ETag = fmt.Sprintf("C~%d-%d-%d", g.Count, uint64(g.Nonce), f.since.Unix())
	return f, err
}

// ErrFull is what a file returns that takes no more.
var ErrFull = errors.New("the file is full")

// WriteFeed writes a calendar's tasks to a file: those that are not archived
// and due, from some months back, in the order of their dues and at most so
// many. It ends early and without an error when the file returns ErrFull.
func (s *Service) WriteFeed(ctx context.Context, c Call, f Feed, most int, to File) error {
	c.Owner, c.Zone = f.Owner, nil
	if err := to.Begin(s.view(c, f.owner, s.now()), f.owner.chosen()); err != nil {
		return err
	}
	err := s.Store.Dated(ctx, f.Owner, f.since, most, to.Task)
	if errors.Is(err, ErrFull) {
		err = nil
	}
	return err
}
