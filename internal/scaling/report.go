package scaling

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"
)

// Report is how the functions scale: what the cluster says, what the functions
// have noted of themselves, and what follows.
type Report struct {
	At          time.Time  `json:"at"`
	Since       time.Time  `json:"since"` // from when on what was observed counts
	Cluster     Source     `json:"cluster"`
	Storage     Source     `json:"storage"`
	Connections *Budget    `json:"connections"` // nil while storage is not known
	Functions   []Function `json:"functions"`   // by name
}

// Source is whether what tells a part of the facts could be asked.
type Source struct {
	Known  bool   `json:"known"`
	Detail string `json:"detail"` // why not; "" if it is known
}

// Budget is how the connections to the database are used: what there is, what
// is held now, and what the functions together can come to hold, two revisions
// of each at their largest.
type Budget struct {
	Most   int  `json:"most"`
	Used   int  `json:"used"`
	Budget *int `json:"budget"` // nil while the cluster is not known
}

// Function is one function as it is deployed and as it fared. What is not known
// is nil.
type Function struct {
	Function    string     `json:"function"`
	Service     string     `json:"service"`
	Deployed    *Deployed  `json:"deployed"`
	Observed    *Observed  `json:"observed"`
	Connections *Connected `json:"connections"`
	Advice      []Advice   `json:"advice"`
}

// Connected is what a function holds, and may.
type Connected struct {
	Used   int  `json:"used"`
	PerPod *int `json:"per_pod"`
	Budget *int `json:"budget"` // two revisions at their largest
}

// Deployed is what the cluster says of a function.
type Deployed struct {
	Function    string     `json:"-"`
	Service     string     `json:"-"`
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

// Observed is how a function fared over the time of a report.
type Observed struct {
	Hours    int       `json:"hours"` // in which it ran
	Pods     int       `json:"pods"`  // that began
	PodHours float64   `json:"pod_hours"`
	Requests int64     `json:"requests"`
	Failed   int64     `json:"failed"`
	Busiest  int       `json:"busiest"` // the most requests that one pod had at once
	Cold     Cold      `json:"cold"`
	CPU      float64   `json:"cpu"`    // thousandths of a CPU that a pod used on average
	Memory   int64     `json:"memory"` // bytes that one pod held at most
	Day      []DayHour `json:"day"`    // hours that have requests
	Enough   bool      `json:"enough"` // to advise by
}

// Cold counts and times the starts that somebody waited for: from the start of
// the process to its first request.
type Cold struct {
	Starts  int     `json:"starts"`
	Mean    float64 `json:"mean_ms"`
	Slowest float64 `json:"slowest_ms"`
}

// DayHour is one hour of a day, UTC, as it is on average.
type DayHour struct {
	Hour     int     `json:"hour"`
	Requests float64 `json:"requests"` // a day
	Pods     float64 `json:"pods"`     // that run on average
	Busiest  int     `json:"busiest"`
}

// Advice is a value of the chart that should be another.
type Advice struct {
	Value  string `json:"value"`
	Now    string `json:"now"`
	Better string `json:"better"`
	Why    string `json:"why"`
}

// Life is how far a report looks back.
const Life = 7 * 24 * time.Hour

// Facts are what a report is made from. Nil is what is not known.
type Facts struct {
	Now         time.Time
	Cluster     Source
	Storage     Source
	Deployed    []Deployed
	Use         []Use
	Connections *Connections
}

// Report puts the facts together.
func (f Facts) Report() Report {
	r := Report{At: f.Now, Since: f.Now.Add(-Life).Truncate(time.Hour), Cluster: f.Cluster, Storage: f.Storage, Functions: []Function{}}
	deployed := map[string]*Deployed{}
	names := map[string]bool{}
	for i, d := range f.Deployed {
		deployed[d.Service], names[d.Service] = &f.Deployed[i], true
	}
	use := map[string][]Use{}
	for _, u := range f.Use {
		use[u.Service], names[u.Service] = append(use[u.Service], u), true
	}
	for _, service := range slices.Sorted(maps.Keys(names)) {
		if f.Cluster.Known && deployed[service] == nil {
			continue // what ran here once and is deployed no longer
		}
		r.Functions = append(r.Functions, f.function(service, deployed[service], use[service], r.Since))
	}
	slices.SortStableFunc(r.Functions, func(a, b Function) int { return cmp.Compare(a.Function, b.Function) })
	r.Connections = f.budget()
	return r
}

func (f Facts) function(service string, d *Deployed, use []Use, since time.Time) Function {
	one := Function{Function: service, Service: service, Deployed: d, Advice: []Advice{}}
	if f.Storage.Known && (len(use) > 0 || d == nil || d.Connections > 0) { // else it has nowhere to note anything
		one.Observed = observe(use, f.Now.Sub(since))
	}
	if f.Connections != nil {
		one.Connections = &Connected{Used: f.Connections.Holds[service]}
	}
	if d == nil {
		return one
	}
	one.Function = d.Function
	if one.Connections != nil {
		per, most := d.Connections, d.budget()
		one.Connections.PerPod, one.Connections.Budget = &per, &most
	}
	one.Advice = append(one.Advice, advise(*d, one.Observed)...)
	return one
}

// budget is the most connections that a function can come to hold: of two
// revisions, as one follows the other.
func (d Deployed) budget() int { return 2 * d.Connections * d.Scale.Max }

func (f Facts) budget() *Budget {
	if f.Connections == nil {
		return nil
	}
	b := &Budget{Most: f.Connections.Most, Used: f.Connections.Used}
	if f.Cluster.Known {
		sum := 0
		for _, d := range f.Deployed {
			sum += d.budget()
		}
		b.Budget = &sum
	}
	return b
}

// The least that is advised by: so much time of pods, so many requests.
const (
	enoughRunning  = 10 * time.Minute
	enoughRequests = 100
)

// observe sums up what one service did within a time.
func observe(use []Use, within time.Duration) *Observed {
	var all Use
	hours := map[time.Time]bool{}
	var day [24]Use
	for _, u := range use {
		all.add(u)
		hours[u.Hour] = true
		day[u.Hour.UTC().Hour()].add(u)
	}
	o := &Observed{
		Hours: len(hours), Pods: all.Pods, PodHours: round(all.Running.Hours()), Requests: all.Requests, Failed: all.Failed, Busiest: all.Busiest,
		Cold: Cold{Starts: all.ColdStarts, Slowest: ms(all.Coldest)}, Memory: all.Memory, Day: []DayHour{},
		Enough: all.Running >= enoughRunning && all.Requests >= enoughRequests,
	}
	if all.ColdStarts > 0 {
		o.Cold.Mean = ms(all.Cold / time.Duration(all.ColdStarts))
	}
	if all.Running > 0 {
		o.CPU = round(1000 * all.CPU.Seconds() / all.Running.Seconds())
	}
	days := math.Max(1, within.Hours()/24)
	for hour, u := range day {
		if u.Requests > 0 {
			o.Day = append(o.Day, DayHour{Hour: hour, Requests: round(float64(u.Requests) / days), Pods: round(u.Running.Hours() / days), Busiest: u.Busiest})
		}
	}
	return o
}

func ms(d time.Duration) float64 { return round(float64(d.Microseconds()) / 1000) }

// round leaves two digits after the point.
func round(x float64) float64 { return math.Round(100*x) / 100 }
