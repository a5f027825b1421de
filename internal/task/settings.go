package task

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
)

// Settings are what an owner has chosen.
type Settings struct {
	Zone            string // IANA name
	AutoArchiveDays int    // see Service.ArchiveOld; 0: never
}

// MaxAutoArchiveDays bounds how long completed tasks may stay.
const MaxAutoArchiveDays = 3650

// Tag returns the validator of the settings: what they say.
func (s Settings) Tag() string {
	if s.AutoArchiveDays == 0 {
		return s.Zone
	}
	return s.Zone + "~" + strconv.Itoa(s.AutoArchiveDays)
}

// check returns everything wrong with the settings.
func (s Settings) check(zones *Zones) error {
	var faults Faults
	if _, err := zones.Load(s.Zone); err != nil {
		faults = append(faults, Fault{"/time_zone", err.Error()})
	}
	if s.AutoArchiveDays < 0 || s.AutoArchiveDays > MaxAutoArchiveDays {
		faults = append(faults, Fault{"/auto_archive_days", fmt.Sprintf("must be 1 to %d, or null for never", MaxAutoArchiveDays)})
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

// settings returns an owner's settings, with the default where none are set.
func (s *Service) settings(o Owner) Settings {
	return Settings{cmp.Or(o.Zone, s.Zone.String()), o.AutoArchiveDays}
}

// chosen returns what an owner has chosen, without defaults.
func (o Owner) chosen() Settings { return Settings{o.Zone, o.AutoArchiveDays} }

// Settings returns the caller's settings.
func (s *Service) Settings(ctx context.Context, c Call) (Settings, error) {
	owner, err := s.Store.Owner(ctx, c.Owner)
	return s.settings(owner), err
}

// SetSettings replaces the caller's settings; Faults if they cannot be, and
// ErrStale if match, unless nil, does not hold the tag of the present ones.
func (s *Service) SetSettings(ctx context.Context, c Call, chosen Settings, match []string) error {
	if err := chosen.check(s.Zones); err != nil {
		return err
	}
	_, err := s.write(ctx, c, func(_ context.Context, tx Tx, v View) ([]Task, error) {
		present := s.settings(tx.Owner())
		if match != nil && !slices.Contains(match, present.Tag()) && !slices.Contains(match, "*") {
			return nil, ErrStale
		}
		if tx.Owner().Zone != chosen.Zone {
			tx.SetZone(chosen.Zone)
		}
		if present.AutoArchiveDays != chosen.AutoArchiveDays {
			tx.SetAutoArchive(chosen.AutoArchiveDays)
		}
		return nil, nil
	})
	return err
}
