package scaling

import (
	"cmp"
	"maps"
	"slices"
	"strings"
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

// longestDetail bounds what is told of an error, in bytes.
const longestDetail = 300

// Unknown is a source that could not be asked.
func Unknown(err error) Source {
	detail := strings.ToValidUTF8(err.Error(), "")
	if len(detail) > longestDetail {
		detail = strings.ToValidUTF8(detail[:longestDetail], "") + "…"
	}
	return Source{Detail: detail}
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
	Began       map[string]time.Time // when each service first noted anything, as far as that is kept
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
		if began := f.Began[service]; began.After(since) {
			since = began
		}
		one.Observed = observe(use, since, f.Now)
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
