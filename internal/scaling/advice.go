package scaling

import (
	"fmt"
	"math"
	"strconv"
)

// The rules of advice. Each compares what was observed with what is set, and
// leaves a span between too much and too little, so that taking an advice does
// not bring on its opposite.
var rules = []func(Deployed, Observed) (Advice, bool){lessMemory, moreMemory, lessCPU, moreCPU, sooner, longer, sleep}

// advise returns what should be set otherwise. Nil is nothing observed: then
// only what shows at this moment counts.
func advise(d Deployed, o *Observed) []Advice {
	var all []Advice
	if a, ok := more(d); ok {
		all = append(all, a)
	}
	if o == nil || !o.Enough {
		return all
	}
	for _, rule := range rules {
		if a, ok := rule(d, *o); ok {
			a.Value = "functions." + d.Function + "." + a.Value
			all = append(all, a)
		}
	}
	return all
}

// more: every pod that there may be is wanted.
func more(d Deployed) (Advice, bool) {
	most := d.Scale.Max
	return Advice{
		Value: "functions." + d.Function + ".scaling.maxScale", Now: strconv.Itoa(most), Better: strconv.Itoa(2 * most),
		Why: fmt.Sprintf("%d pods are wanted, as many as there may be: requests may be waiting; the connection budget grows with it", d.Wanted),
	}, most > 0 && d.Wanted >= most && d.Wanted > d.Scale.Min
}

const mebi = 1 << 20

// mebis writes bytes as the chart has them, rounded up to whole steps of 8 Mi.
func mebis(bytes int64) string {
	const step = 8 * mebi
	return strconv.FormatInt((bytes+step-1)/step*8, 10) + "Mi"
}

// moreMemory: a pod came within a fifth of where it is ended.
func moreMemory(d Deployed, o Observed) (Advice, bool) {
	limit := d.Resources.MemoryLimit
	return Advice{
		Value: "resources.limits.memory", Now: mebis(limit), Better: mebis(o.Memory * 3 / 2),
		Why: fmt.Sprintf("a pod held %s of the %s at which it is ended; half as much again is advised", mebis(o.Memory), mebis(limit)),
	}, limit > 0 && o.Memory*5 > limit*4
}

// lessMemory: a quarter more than any pod held is still well below what is set
// aside.
func lessMemory(d Deployed, o Observed) (Advice, bool) {
	request, need := d.Resources.MemoryRequest, o.Memory*5/4
	return Advice{
		Value: "resources.requests.memory", Now: mebis(request), Better: mebis(need),
		Why: fmt.Sprintf("no pod held more than %s of the %s set aside for each", mebis(o.Memory), mebis(request)),
	}, o.Memory > 0 && need*4 < request*3
}

// leastCPU is the least that is ever advised to set aside, in thousandths.
const leastCPU = 10

// moreCPU: pods use more on average than is set aside for them.
func moreCPU(d Deployed, o Observed) (Advice, bool) {
	request := d.Resources.CPURequest
	return Advice{
		Value: "resources.requests.cpu", Now: milli(request), Better: milli(tens(o.CPU * 1.25)),
		Why: fmt.Sprintf("a pod uses %gm on average, more than the %s set aside for it", o.CPU, milli(request)),
	}, request > 0 && o.CPU > float64(request)
}

// lessCPU: four times what pods use on average is less than is set aside.
func lessCPU(d Deployed, o Observed) (Advice, bool) {
	request, need := d.Resources.CPURequest, max(leastCPU, tens(o.CPU*2))
	return Advice{
		Value: "resources.requests.cpu", Now: milli(request), Better: milli(need),
		Why: fmt.Sprintf("a pod uses %gm on average of the %s set aside for it", o.CPU, milli(request)),
	}, o.CPU*4 < float64(request) && need < request
}

func milli(n int) string { return strconv.Itoa(n) + "m" }

// tens rounds up to whole tens.
func tens(x float64) int { return int(math.Ceil(x/10)) * 10 }

// sooner: a pod was as full as it may be before another one was there.
func sooner(d Deployed, o Observed) (Advice, bool) {
	s := d.Scale
	better := s.Target * 3 / 4
	return Advice{
		Value: "scaling.target", Now: strconv.Itoa(s.Target), Better: strconv.Itoa(better),
		Why: fmt.Sprintf("a pod had %d requests at once, as many as it takes (%d): with a lower target the next one starts sooner", o.Busiest, s.Concurrency),
	}, s.Metric == "concurrency" && s.Concurrency > 0 && o.Busiest >= s.Concurrency && better > 0
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
