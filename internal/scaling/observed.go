package scaling

import (
	"math"
	"time"
)

// Observed is how a function fared over the time of a report.
type Observed struct {
	Since    time.Time `json:"since"` // that of the report, or when it first noted anything
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

// DayHour is one hour of a day, UTC, as it is on average over the days that it
// was observed on.
type DayHour struct {
	Hour     int     `json:"hour"`
	Requests float64 `json:"requests"` // a day
	Pods     float64 `json:"pods"`     // that run on average
	Busiest  int     `json:"busiest"`
}

// The least that is advised by: so much time of pods, so many requests.
const (
	enoughRunning  = 10 * time.Minute
	enoughRequests = 100
)

// observe sums up what one service did from one hour on until now.
func observe(use []Use, since, now time.Time) *Observed {
	var all Use
	hours := map[time.Time]bool{}
	var day [24]Use
	for _, u := range use {
		all.add(u)
		hours[u.Hour] = true
		day[u.Hour.UTC().Hour()].add(u)
	}
	o := &Observed{
		Since: since, Hours: len(hours), Pods: all.Pods, PodHours: round(all.Running.Hours()), Requests: all.Requests, Failed: all.Failed, Busiest: all.Busiest,
		Cold: Cold{Starts: all.ColdStarts, Slowest: ms(all.Coldest)}, Memory: all.Memory, Day: []DayHour{},
		Enough: all.Running >= enoughRunning && all.Requests >= enoughRequests,
	}
	if all.ColdStarts > 0 {
		o.Cold.Mean = ms(all.Cold / time.Duration(all.ColdStarts))
	}
	if all.Running > 0 {
		o.CPU = round(1000 * all.CPU.Seconds() / all.Running.Seconds())
	}
	days := days(since, now)
	for hour, u := range day {
		if u.Requests > 0 {
			o.Day = append(o.Day, DayHour{Hour: hour, Requests: round(float64(u.Requests) / days[hour]), Pods: round(u.Running.Hours() / days[hour]), Busiest: u.Busiest})
		}
	}
	return o
}

// days returns on how many days each hour of a day has been, from one hour on
// until now, the present one by its part; one at least, as nobody can tell from
// minutes what a day is like.
func days(since, now time.Time) (n [24]float64) {
	for hour := since.UTC(); hour.Before(now); hour = hour.Add(time.Hour) {
		n[hour.Hour()] += min(1, now.Sub(hour).Hours())
	}
	for hour := range n {
		n[hour] = max(1, n[hour])
	}
	return n
}

func ms(d time.Duration) float64 { return round(float64(d.Microseconds()) / 1000) }

// round leaves two digits after the point.
func round(x float64) float64 { return math.Round(100*x) / 100 }
