//go:build !linux

package serve

import "time"

// Used returns no CPU, and the memory that is held now, where functions do not
// run in earnest.
func Used() (cpu time.Duration, memory int64) { return 0, int64(residentBytes()) }
