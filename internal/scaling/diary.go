package scaling

import "time"

// Note is what one process did since its note before. Process and Sequence name
// it: a note that comes twice counts once.
type Note struct {
	Use
	Process  string // a UUID
	Sequence int64  // from 1 on
}

// Reading is what a process knows of itself at one moment.
type Reading struct {
	At       time.Time
	Requests int64         // since it started, as are the next two
	Failed   int64         // answered with 5xx
	CPU      time.Duration // used
	First    time.Duration // from its start to its first request; 0 before that
	Busiest  int           // the most requests at once since the reading before
	Memory   int64         // the most held since then, in bytes
}

// Diary makes notes of what one process does. Readings are to be taken at Next,
// so that a note lies within one hour, and once more at the end.
type Diary struct {
	Process           string
	Service, Revision string
	Started           time.Time

	last     Reading
	sequence int64
	cold     bool
}

// Note returns what the process did since the last reading.
func (d *Diary) Note(now Reading) Note {
	if d.sequence == 0 {
		d.last.At = d.Started
	}
	d.sequence++
	n := Note{Process: d.Process, Sequence: d.sequence, Use: Use{
		Hour: d.last.At.UTC().Truncate(time.Hour), Service: d.Service, Revision: d.Revision,
		Running: now.At.Sub(d.last.At), Requests: now.Requests - d.last.Requests, Failed: now.Failed - d.last.Failed, Busiest: now.Busiest,
		CPU: now.CPU - d.last.CPU, Memory: now.Memory,
	}}
	if d.sequence == 1 {
		n.Pods = 1
	}
	if !d.cold && Awaited(now.First) {
		d.cold, n.ColdStarts, n.Cold, n.Coldest = true, 1, now.First, now.First
	}
	d.last = now
	return n
}

// Next returns how long to wait for the next reading: that long, or until the
// hour ends.
func Next(now time.Time, every time.Duration) time.Duration {
	return min(every, now.Truncate(time.Hour).Add(time.Hour).Sub(now))
}

// coldWithin bounds a cold start. A process whose first request comes later
// than this was not started for it.
const coldWithin = 30 * time.Second

// Awaited reports whether somebody waited for a process to start, by the time
// from its start to its first request, 0 for none yet: the start was cold.
func Awaited(first time.Duration) bool { return first > 0 && first < coldWithin }
