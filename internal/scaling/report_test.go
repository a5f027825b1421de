package scaling_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"todo-app/internal/scaling"
)

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

const mebi = 1 << 20

// list is a function that wants for nothing.
func list(change func(*scaling.Deployed)) scaling.Deployed {
	d := scaling.Deployed{
		Function: "list", Service: "list", Values: "functions.list", Connections: 4, Revision: "list-00002", Ready: "True",
		Scale:     scaling.Scale{Class: "kpa", Metric: "concurrency", Target: 20, Max: 3, Concurrency: 40},
		Resources: scaling.Resources{CPURequest: 20, CPULimit: 500, MemoryRequest: 32 * mebi, MemoryLimit: 128 * mebi},
	}
	if change != nil {
		change(&d)
	}
	return d
}

// wants has each revision want so many pods.
func wants(pods ...int) func(*scaling.Deployed) {
	return func(d *scaling.Deployed) {
		for i, n := range pods {
			d.Add(scaling.Revision{Name: fmt.Sprint("list-", i), Traffic: 100 / len(pods), Wanted: n})
		}
	}
}

// used is what it did, with nothing to be said of it.
func used(change func(*scaling.Use)) scaling.Use {
	u := scaling.Use{
		Hour: noon.Add(-time.Hour), Service: "list", Revision: "list-00002", Pods: 4, Running: time.Hour, Requests: 1000, Busiest: 7,
		ColdStarts: 4, Cold: 800 * time.Millisecond, Coldest: 400 * time.Millisecond, CPU: 36 * time.Second, Memory: 24 * mebi,
	}
	if change != nil {
		change(&u)
	}
	return u
}

// of reports on what is known.
func of(d []scaling.Deployed, use []scaling.Use) scaling.Report {
	return scaling.Facts{
		Now: noon, Cluster: scaling.Source{Known: true}, Storage: scaling.Source{Known: true}, Deployed: d, Use: use,
		Connections: &scaling.Connections{Most: 100, Used: 9, Holds: map[string]int{"list": 3}},
	}.Report()
}

func TestAdviceFollowsFromWhatWasObserved(t *testing.T) {
	for name, one := range map[string]struct {
		deployed func(*scaling.Deployed)
		use      func(*scaling.Use)
		want     string // "": nothing is advised
	}{
		"nothing out of the way":          {},
		"memory close to its limit":       {nil, func(u *scaling.Use) { u.Memory = 103 * mebi }, "functions.list.resources.limits.memory: 160Mi instead of 128Mi"},
		"memory at four fifths of it":     {nil, func(u *scaling.Use) { u.Memory = 102 * mebi }, ""},
		"memory without a limit":          {func(d *scaling.Deployed) { d.Resources.MemoryLimit = 0 }, func(u *scaling.Use) { u.Memory = 900 * mebi }, ""},
		"memory that nobody needs":        {func(d *scaling.Deployed) { d.Resources.MemoryRequest = 128 * mebi }, nil, "functions.list.resources.requests.memory: 32Mi instead of 128Mi"},
		"memory that nobody measured":     {nil, func(u *scaling.Use) { u.Memory = 0 }, ""},
		"more CPU than is set aside":      {nil, func(u *scaling.Use) { u.CPU = 90 * time.Second }, "functions.list.resources.requests.cpu: 40m instead of 20m"},
		"CPU that nobody set":             {func(d *scaling.Deployed) { d.Resources.CPURequest = 0 }, nil, ""},
		"far less CPU than is set aside":  {func(d *scaling.Deployed) { d.Resources.CPURequest = 100 }, nil, "functions.list.resources.requests.cpu: 20m instead of 100m"},
		"almost no CPU of little":         {func(d *scaling.Deployed) { d.Resources.CPURequest = 10 }, func(u *scaling.Use) { u.CPU = time.Second }, ""},
		"pods that were full":             {nil, func(u *scaling.Use) { u.Busiest = 40 }, "functions.list.scaling.target: 15 instead of 20"},
		"full pods that take any number":  {func(d *scaling.Deployed) { d.Scale.Concurrency = 0 }, func(u *scaling.Use) { u.Busiest = 400 }, ""},
		"full pods scaled on rps":         {func(d *scaling.Deployed) { d.Scale.Metric = "rps" }, func(u *scaling.Use) { u.Busiest = 40 }, ""},
		"many waited for a start":         {nil, func(u *scaling.Use) { u.ColdStarts = 51 }, "functions.list.scaling.scaleDownDelaySeconds: 300 instead of 0"},
		"many did, and pods stay already": {func(d *scaling.Deployed) { d.Scale.Delay = 300 }, func(u *scaling.Use) { u.ColdStarts = 51 }, ""},
		"the one pod there may be":        {func(d *scaling.Deployed) { wants(1)(d); d.Scale.Max = 1 }, nil, ""},
		"that pod was full":               {func(d *scaling.Deployed) { d.Scale.Max = 1 }, func(u *scaling.Use) { u.Busiest = 40 }, "functions.list.scaling.maxScale: 2 instead of 1"},
		"what the values do not set":      {func(d *scaling.Deployed) { wants(3)(d); d.Values = "" }, func(u *scaling.Use) { u.Memory = 103 * mebi }, ""},
		"values elsewhere":                {func(d *scaling.Deployed) { wants(3)(d); d.Values = "kagent.janitor" }, nil, "kagent.janitor.scaling.maxScale: 6 instead of 3"},
		"memory set in other steps":       {func(d *scaling.Deployed) { d.Resources.MemoryRequest = 100 * mebi }, nil, "functions.list.resources.requests.memory: 32Mi instead of 100Mi"},
		"memory set in Gi":                {func(d *scaling.Deployed) { d.Resources.MemoryRequest = 1 << 30 }, nil, "functions.list.resources.requests.memory: 32Mi instead of 1Gi"},
		"memory set in bytes":             {func(d *scaling.Deployed) { d.Resources.MemoryRequest = 100*mebi + 1 }, nil, "functions.list.resources.requests.memory: 32Mi instead of 104857601"},
		"a whole CPU":                     {func(d *scaling.Deployed) { d.Resources.CPURequest = 1000 }, nil, "functions.list.resources.requests.cpu: 20m instead of 1"},
		"a pod kept for somebody":         {func(d *scaling.Deployed) { d.Scale.Min = 1 }, nil, ""},
		"every pod there may be":          {wants(3), nil, "functions.list.scaling.maxScale: 6 instead of 3"},
		"every pod of one of two":         {wants(1, 3), nil, "functions.list.scaling.maxScale: 6 instead of 3"},
		"as one follows another":          {wants(2, 1), nil, ""},
		"every pod, as was wanted":        {func(d *scaling.Deployed) { wants(3)(d); d.Scale.Min = 3 }, nil, ""},
		"too little to go by":             {nil, func(u *scaling.Use) { u.Memory, u.Requests = 103*mebi, 99 }, ""},
		"too short to go by":              {nil, func(u *scaling.Use) { u.Memory, u.Running = 103*mebi, 9*time.Minute }, ""},
	} {
		r := of([]scaling.Deployed{list(one.deployed)}, []scaling.Use{used(one.use)})
		var got []string
		for _, a := range r.Functions[0].Advice {
			got = append(got, a.Value+": "+a.Better+" instead of "+a.Now)
			if a.Why == "" {
				t.Errorf("%s: %s without a reason", name, a.Value)
			}
		}
		if strings.Join(got, ", ") != one.want {
			t.Errorf("%s: advised is %q, not %q", name, got, one.want)
		}
	}
}

func TestAPodThatIsKeptForAlmostNobodyMaySleep(t *testing.T) {
	var use []scaling.Use
	for hour := range 24 {
		use = append(use, used(func(u *scaling.Use) {
			u.Hour, u.Requests, u.ColdStarts = noon.Add(-time.Duration(hour)*time.Hour), 9, 0
		}))
	}
	kept := list(func(d *scaling.Deployed) { d.Scale.Min = 1 })
	advice := of([]scaling.Deployed{kept}, use).Functions[0].Advice
	want := []scaling.Advice{{Value: "functions.list.scaling.minScale", Now: "1", Better: "0",
		Why: "216 requests came in the 24 hours that it ran, and 24 hours of pods were kept for them"}}
	if diff := cmp.Diff(want, advice); diff != "" {
		t.Error(diff)
	}
}

func TestADayIsTheAverageOfThoseThatWereObserved(t *testing.T) {
	day := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }
	at := func(on, hour, requests int) scaling.Use {
		return used(func(u *scaling.Use) { u.Hour, u.Requests = day(on, hour), int64(requests) })
	}
	if r := of(nil, nil); !r.Since.Equal(noon.Add(-scaling.Life)) {
		t.Errorf("it looks back to %v", r.Since)
	}
	use := []scaling.Use{at(25, 9, 70), at(26, 9, 140), at(26, 17, 7), at(26, 3, 0)}
	for _, one := range []struct {
		began     time.Time // zero: nobody knows
		now       time.Time
		since     time.Time
		requests  float64 // at nine
		pods      float64
		afternoon float64 // requests at five
	}{
		{day(1, 0), noon, day(20, 12), 30, 0.29, 1},                              // long before: seven days
		{time.Time{}, noon, day(20, 12), 30, 0.29, 1},                            //
		{day(25, 9), noon, day(25, 9), 70, 0.67, 3.5},                            // three mornings, two afternoons
		{day(25, 9), day(27, 9).Add(30 * time.Minute), day(25, 9), 84, 0.8, 3.5}, // two mornings and a half
		{day(26, 9), day(26, 9).Add(time.Minute), day(26, 9), 210, 2, 7},         // a minute is told as it was
		{day(1, 0), noon.Add(30 * time.Minute), day(20, 12), 30, 0.29, 1},        // the present hour is none of these
	} {
		r := scaling.Facts{Now: one.now, Storage: scaling.Source{Known: true}, Use: use, Began: map[string]time.Time{"list": one.began}}.Report()
		o := r.Functions[0].Observed
		want := []scaling.DayHour{{Hour: 9, Requests: one.requests, Pods: one.pods, Busiest: 7}, {Hour: 17, Requests: one.afternoon, Pods: o.Day[1].Pods, Busiest: 7}}
		if diff := cmp.Diff(want, o.Day); diff != "" || !o.Since.Equal(one.since) {
			t.Errorf("began %v, now %v: since %v %s", one.began, one.now, o.Since, diff)
		}
		if o.Hours != 4 || o.Pods != 16 || o.Requests != 217 || o.PodHours != 4 || o.Cold != (scaling.Cold{Starts: 16, Mean: 200, Slowest: 400}) || o.CPU != 10 {
			t.Errorf("observed is %+v", o)
		}
	}
}

func TestWhatIsNotKnownIsSaidAndTheRestIsTold(t *testing.T) {
	d, use := []scaling.Deployed{list(nil)}, []scaling.Use{used(nil), used(func(u *scaling.Use) { u.Service = "gone" })}
	whole := of(d, use)
	if len(whole.Functions) != 1 || *whole.Connections.Budget != 24 || *whole.Functions[0].Connections.Budget != 24 || whole.Functions[0].Connections.Used != 3 {
		t.Errorf("the whole: %+v, %+v", whole.Functions, whole.Connections)
	}
	mute := list(func(d *scaling.Deployed) { d.Function, d.Service, d.Connections = "web", "web", 0 })
	if f := of([]scaling.Deployed{mute}, use).Functions[0]; f.Observed != nil || *f.Connections.PerPod != 0 {
		t.Errorf("what has nowhere to note anything is said to have done %+v", f.Observed)
	}
	noCluster := scaling.Facts{Now: noon, Cluster: scaling.Source{Detail: "no cluster"}, Storage: scaling.Source{Known: true}, Use: use, Connections: &scaling.Connections{Most: 1}}.Report()
	if len(noCluster.Functions) != 2 || noCluster.Functions[0].Function != "gone" || noCluster.Functions[1].Deployed != nil ||
		noCluster.Functions[1].Observed.Requests != 1000 || noCluster.Connections.Budget != nil || noCluster.Functions[1].Connections.PerPod != nil {
		t.Errorf("without a cluster: %+v", noCluster)
	}
	noStorage := scaling.Facts{Now: noon, Cluster: scaling.Source{Known: true}, Deployed: []scaling.Deployed{list(wants(3))}}.Report()
	f := noStorage.Functions[0]
	if f.Deployed == nil || f.Observed != nil || f.Connections != nil || noStorage.Connections != nil || len(f.Advice) != 1 {
		t.Errorf("without storage: %+v", noStorage)
	}
}
