package torture

import (
	"fmt"
	"io"
	"sync/atomic"
)

// totals count what was tried, and what came of it.
type totals struct {
	histories, unchecked, operations atomic.Int64
	unknown, refused, repeated       atomic.Int64
	notModified                      atomic.Int64
	faults, kills, hostile           atomic.Int64
	writes, events                   atomic.Int64
	lost                             atomic.Int64
}

func (s *totals) count(out output) {
	s.operations.Add(1)
	switch {
	case out.outcome == unknown:
		s.unknown.Add(1)
	case out.outcome == refused:
		s.refused.Add(1)
	case out.tagged:
		s.notModified.Add(1)
	}
}

// tell writes the totals down.
func (s *totals) tell(w io.Writer) {
	fmt.Fprintf(w, `tried: %d histories of %d operations (%d refused, %d of which nobody knew what came of them, %d repetitions
       under a key, %d answered "not modified"), %d faults of networks, Redis and PostgreSQL, %d kills, %d hostile requests,
       %d writes more that were followed to the disk and %d events of theirs
lost:  %d; histories that could not be checked in time: %d
`,
		s.histories.Load(), s.operations.Load(), s.refused.Load(), s.unknown.Load(), s.repeated.Load(), s.notModified.Load(),
		s.faults.Load(), s.kills.Load(), s.hostile.Load(), s.writes.Load(), s.events.Load(), s.lost.Load(), s.unchecked.Load())
}
