package task

import (
	"errors"
	"path"
	"strings"
	"sync"
	"time"
)

// Zones loads time zones by name and keeps those that exist: loading one reads
// a file. Its zero value is ready, and safe for concurrent use.
type Zones struct{ loaded sync.Map }

var errZone = errors.New("must be an IANA time zone such as Europe/Berlin")

// Load returns the zone with an IANA name.
func (z *Zones) Load(name string) (*time.Location, error) {
	if loc, ok := z.loaded.Load(name); ok {
		return loc.(*time.Location), nil
	}
	if !isZoneName(name) {
		return nil, errZone
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, errZone
	}
	z.loaded.Store(name, loc)
	return loc, nil
}

// Of returns an owner's own zone, or the default where none is set or it has
// gone since.
func (z *Zones) Of(o Owner, byDefault *time.Location) *time.Location {
	if o.Zone != "" {
		if zone, err := z.Load(o.Zone); err == nil {
			return zone
		}
	}
	return byDefault
}

// isZoneName keeps out what a zone folder holds beside the zones: the
// machine's own, copies with and without leap seconds, other spellings of a
// path.
func isZoneName(name string) bool {
	switch name {
	case "", "Local", "localtime", "posixrules", "Factory":
		return false
	}
	return len(name) <= 64 && path.Clean(name) == name &&
		!strings.HasPrefix(name, "right/") && !strings.HasPrefix(name, "posix/")
}
