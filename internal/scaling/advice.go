package scaling

import (
	"fmt"
	"math"
	"strconv"
)

// The rules of advice. Each compares what was observed with what is set, and
// leaves a span between too much and too little, so that taking an advice does
// not bring on its opposite.
var rules = []func(Deployed, Observed) (Advice, bool){lessMemory, moreMemory, lessCPU, moreCPU, sooner, second, longer, sleep}

// advise returns what should be set otherwise, for what the chart's values say
// how to set. Nil is nothing observed: then only what shows at this moment
// counts.
func advise(d Deployed, o *Observed) []Advice {
	var all []Advice
	add := func(a Advice, ok bool) {
		if ok {
			a.Value = d.Values + "." + a.Value
			all = append(all, a)
		}
	}
	if d.Values == "" {
		return nil
	}
	add(more(d))
	if o == nil || !o.Enough {
		return all
	}
	for _, rule := range rules {
		add(rule(d, *o))
	}
	return all
}

// more: every pod that there may be of a revision is wanted. Where that is one it
// says nothing: that one is wanted whenever there is anything to do.
func more(d Deployed) (Advice, bool) {
	most, wanted := d.Scale.Max, 0
	for _, r := range d.Revisions {
		wanted = max(wanted, r.Wanted)
	}
	return Advice{
		Value: "scaling.maxScale", Now: strconv.Itoa(most), Better: strconv.Itoa(2 * most),
		Why: fmt.Sprintf("%d pods are wanted, as many as there may be: requests may be waiting; the connection budget grows with it", wanted),
	}, most > 1 && wanted >= most && wanted > d.Scale.Min
}

// moreMemory: a pod came within a fifth of where it is ended.
func moreMemory(d Deployed, o Observed) (Advice, bool) {
	limit := d.Resources.MemoryLimit
	return Advice{
		Value: "resources.limits.memory", Now: memory(limit), Better: rounded(o.Memory*3/2, step),
		Why: fmt.Sprintf("a pod held %s of the %s at which it is ended; half as much again is advised", held(o.Memory), memory(limit)),
	}, limit > 0 && o.Memory*5 > limit*4
}

// lessMemory: a quarter more than any pod held is still well below what is set
// aside.
func lessMemory(d Deployed, o Observed) (Advice, bool) {
	request, need := d.Resources.MemoryRequest, o.Memory*5/4
	return Advice{
		Value: "resources.requests.memory", Now: memory(request), Better: rounded(need, step),
		Why: fmt.Sprintf("no pod held more than %s of the %s set aside for each", held(o.Memory), memory(request)),
	}, o.Memory > 0 && need*4 < request*3
}

// leastCPU is the least that is ever advised to set aside, in thousandths.
const leastCPU = 10

// moreCPU: pods use more on average than is set aside for them.
func moreCPU(d Deployed, o Observed) (Advice, bool) {
	request := d.Resources.CPURequest
	return Advice{
		Value: "resources.requests.cpu", Now: cpus(request), Better: cpus(tens(o.CPU * 1.25)),
		Why: fmt.Sprintf("a pod uses %gm on average, more than the %s set aside for it", o.CPU, cpus(request)),
	}, request > 0 && o.CPU > float64(request)
}

// lessCPU: four times what pods use on average is less than is set aside.
func lessCPU(d Deployed, o Observed) (Advice, bool) {
	request, need := d.Resources.CPURequest, max(leastCPU, tens(o.CPU*2))
	return Advice{
		Value: "resources.requests.cpu", Now: cpus(request), Better: cpus(need),
		Why: fmt.Sprintf("a pod uses %gm on average of the %s set aside for it", o.CPU, cpus(request)),
	}, o.CPU*4 < float64(request) && need < request
}

// tens rounds up to whole tens.
func tens(x float64) int { return int(math.Ceil(x/10)) * 10 }

// full reports whether a pod had as many requests at once as it takes.
func full(d Deployed, o Observed) bool {
	return d.Scale.Concurrency > 0 && o.Busiest >= d.Scale.Concurrency
}

// sooner: a pod was full before another one was there.
func sooner(d Deployed, o Observed) (Advice, bool) {
	s := d.Scale
	better := s.Target * 3 / 4
	return Advice{
		Value: "scaling.target", Now: strconv.Itoa(s.Target), Better: strconv.Itoa(better),
		Why: fmt.Sprintf("a pod had %d requests at once, as many as it takes (%d): with a lower target the next one starts sooner", o.Busiest, s.Concurrency),
	}, s.Metric == "concurrency" && full(d, o) && s.Max != 1 && better > 0
}

// second: a pod was full, and there may be no other one.
func second(d Deployed, o Observed) (Advice, bool) {
	return Advice{
		Value: "scaling.maxScale", Now: "1", Better: "2",
		Why: fmt.Sprintf("the one pod that there may be had %d requests at once, as many as it takes (%d); the connection budget grows with it", o.Busiest, d.Scale.Concurrency),
	}, d.Scale.Max == 1 && full(d, o)
}

// often is for one in how many requests somebody waits for a pod to start
// before that is too often.
const often = 20

// delay is the time, in seconds, that is advised to keep a pod for: five
// minutes, after which whoever worked has stopped.
const delay = 300

// longer: pods go so soon that many a request waits for the next.
func longer(d Deployed, o Observed) (Advice, bool) {
	return Advice{
		Value: "scaling.scaleDownDelaySeconds", Now: strconv.Itoa(d.Scale.Delay), Better: strconv.Itoa(delay),
		Why: fmt.Sprintf("%d of %d requests waited for a pod to start", o.Cold.Starts, o.Requests),
	}, d.Scale.Min == 0 && d.Scale.Delay < delay && int64(o.Cold.Starts)*often > o.Requests
}

// rare is how many requests in an hour are too few to keep a pod for.
const rare = 10

// sleep: a pod is kept for almost nobody.
func sleep(d Deployed, o Observed) (Advice, bool) {
	return Advice{
		Value: "scaling.minScale", Now: strconv.Itoa(d.Scale.Min), Better: "0",
		Why: fmt.Sprintf("%d requests came in the %d hours that it ran, and %g hours of pods were kept for them", o.Requests, o.Hours, o.PodHours),
	}, d.Scale.Min > 0 && o.Hours >= 24 && o.Requests < int64(rare*o.Hours)
}
