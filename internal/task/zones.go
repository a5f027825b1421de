package task

import (
	"errors"
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
	if name == "" || name == "Local" || len(name) > 64 {
		return nil, errZone
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, errZone
	}
	z.loaded.Store(name, loc)
	return loc, nil
}
