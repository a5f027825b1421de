// Package scaling is what an operator is told of how the functions scale, and
// what follows from it. Like the tasks it knows no technology: a cluster, a
// database and the functions themselves bring the facts, by whatever means.
package scaling

import "time"

// Use is what the pods of one revision did within one hour.
type Use struct {
	Hour       time.Time
	Service    string // the Knative Service, or what stands for it elsewhere
	Revision   string // "" outside a cluster
	Pods       int    // that began within it
	Running    time.Duration
	Requests   int64
	Failed     int64 // answered with 5xx
	Busiest    int   // the most that one pod worked on at once
	ColdStarts int
	Cold       time.Duration // of all of them
	Coldest    time.Duration // of the longest
	CPU        time.Duration
	Memory     int64 // the most that one pod held, in bytes
}

// add joins another hour of the same service to what is known of it.
func (u *Use) add(o Use) {
	u.Pods += o.Pods
	u.Running += o.Running
	u.Requests += o.Requests
	u.Failed += o.Failed
	u.Busiest = max(u.Busiest, o.Busiest)
	u.ColdStarts += o.ColdStarts
	u.Cold += o.Cold
	u.Coldest = max(u.Coldest, o.Coldest)
	u.CPU += o.CPU
	u.Memory = max(u.Memory, o.Memory)
}

// Connections is who holds connections to the database, and how many there can
// be.
type Connections struct {
	Most  int            // that the server takes, from anybody
	Used  int            // by anybody
	Holds map[string]int // by each service
}
