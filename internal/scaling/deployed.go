package scaling

import (
	"cmp"
	"slices"
	"time"
)

// Deployed is what the cluster says of a function.
type Deployed struct {
	Function    string     `json:"-"`
	Service     string     `json:"-"`
	Values      string     `json:"-"`        // where the chart's values say how it is set; "": they do not
	Connections int        `json:"-"`        // that one pod may hold
	Revision    string     `json:"revision"` // the newest that is ready
	Ready       string     `json:"ready"`    // as the cluster says: True, False or Unknown
	Reason      string     `json:"reason"`
	Wanted      int        `json:"wanted"`  // pods, of all revisions
	Running     int        `json:"running"` // the same that are ready
	Revisions   []Revision `json:"revisions"`
	Scale       Scale      `json:"scale"`
	Resources   Resources  `json:"resources"`
	Events      []Event    `json:"events"` // the newest first, as long as the cluster keeps them
}

// Add adds a revision, and its pods to those of the function, unless it has
// neither traffic nor pods.
func (d *Deployed) Add(r Revision) {
	if r.Traffic == 0 && r.Wanted == 0 && r.Running == 0 {
		return
	}
	d.Wanted += r.Wanted
	d.Running += r.Running
	d.Revisions = append(d.Revisions, r)
	slices.SortFunc(d.Revisions, func(a, b Revision) int { return cmp.Compare(a.Name, b.Name) })
}

// mostEvents is how many of a function's are told.
const mostEvents = 10

// Tell sets the events: the newest of all.
func (d *Deployed) Tell(all []Event) {
	slices.SortStableFunc(all, func(a, b Event) int { return b.At.Compare(a.At) })
	d.Events = all[:min(len(all), mostEvents)]
}

// Revision is one that has traffic or pods.
type Revision struct {
	Name    string `json:"name"`
	Traffic int    `json:"traffic"` // percent
	Wanted  int    `json:"wanted"`
	Running int    `json:"running"`
	Active  bool   `json:"active"` // requests come, or did a moment ago
	Reason  string `json:"reason"` // why it is not
}

// Scale is how a function is told to scale.
type Scale struct {
	Class       string `json:"class"`
	Metric      string `json:"metric"`
	Target      int    `json:"target"`
	Min         int    `json:"min"`
	Max         int    `json:"max"`                      // 0 is without bound
	Concurrency int    `json:"concurrency"`              // of one pod; 0 is without bound
	Delay       int    `json:"scale_down_delay_seconds"` // that a pod is kept after it was last needed
}

// Resources are what is set aside for a pod, and what it is held to; 0 is
// nothing said.
type Resources struct {
	CPURequest    int   `json:"cpu_request"` // thousandths of a CPU
	CPULimit      int   `json:"cpu_limit"`
	MemoryRequest int64 `json:"memory_request"` // bytes
	MemoryLimit   int64 `json:"memory_limit"`
}

// Event is one time that a revision was scaled.
type Event struct {
	At       time.Time `json:"at"`
	Revision string    `json:"revision"`
	Text     string    `json:"text"`
}

// budget is the most connections that a function can come to hold: of two
// revisions, as one follows the other.
func (d Deployed) budget() int { return 2 * d.Connections * d.Scale.Max }
