package torture

import (
	"maps"
	"math/rand/v2"
	"slices"
	"time"
)

// tormentor does one thing after another to a site. It belongs on the test's
// own goroutine.
type tormentor struct {
	site   *site
	random *rand.Rand
}

// pause lasts for so many milliseconds, a third more or less.
func (x *tormentor) pause(most int) {
	<-time.After(time.Duration(2*most/3+x.random.IntN(2*most/3)) * time.Millisecond)
}

// network draws one of them.
func (x *tormentor) network() (string, *proxy) {
	names := slices.Sorted(maps.Keys(x.site.networks))
	name := names[x.random.IntN(len(names))]
	return name, x.site.networks[name]
}

// process draws one of them.
func (x *tormentor) process() *process {
	names := slices.Sorted(maps.Keys(x.site.functions))
	some := x.site.functions[names[x.random.IntN(len(names))]]
	return some[x.random.IntN(len(some))]
}

// torment does one thing, undoes it and lets the site breathe.
func (x *tormentor) torment() {
	switch draw := x.random.IntN(100); {
	case draw < 12:
		x.spoil("is slow", mode{delay: time.Duration(1+x.random.IntN(60)) * time.Millisecond})
	case draw < 22:
		x.spoil("swallows everything", mode{hole: true})
	case draw < 32:
		x.spoil("swallows answers", mode{mute: true})
	case draw < 38:
		x.spoil("takes no connections", mode{shut: true})
	case draw < 50:
		x.cut()
	case draw < 58:
		x.deafAndDead()
	case draw < 78:
		x.site.again(x.process())
	case draw < 99:
		x.redis()
	default:
		x.site.killPostgres()
	}
	x.pause(80)
}

// spoil has a network do something for a while, and cuts at its end what hung
// in it, half of the times.
func (x *tormentor) spoil(how string, m mode) {
	name, p := x.network()
	x.site.say("the network to the %s %s", name, how)
	tried.faults.Add(1)
	p.set(m)
	x.pause(400)
	if x.random.IntN(2) == 0 {
		p.cut(x.random.IntN(2) == 0)
	}
	p.set(mode{})
	x.site.say("the network to the %s is well", name)
}

func (x *tormentor) cut() {
	name, p := x.network()
	tried.faults.Add(1)
	reset := x.random.IntN(2) == 0
	x.site.say("%d connections to the %s are cut, by a reset: %v", p.cut(reset), name, reset)
}

// deafAndDead kills a function that has sent what it never hears the answer to,
// as between a commit and whatever comes after it.
func (x *tormentor) deafAndDead() {
	p := x.process()
	who := "writers"
	if p.name == "list" {
		who = "readers"
	}
	network := x.site.networks[who+"' PostgreSQL"]
	x.site.say("PostgreSQL hears the %s, who do not hear it", who)
	tried.faults.Add(1)
	network.set(mode{mute: true})
	x.pause(60)
	p.kill()
	network.cut(true)
	network.set(mode{})
	x.site.again(p)
}

// redis goes away, hangs, or forgets.
func (x *tormentor) redis() {
	tried.faults.Add(1)
	switch x.random.IntN(4) {
	case 0:
		x.site.say("Redis hangs")
		x.site.redis.Pause()
		x.pause(300)
		x.site.redis.Resume()
	case 1:
		x.site.say("Redis is killed")
		x.site.redis.Kill()
		x.pause(300)
		x.site.redis.Restart()
	case 2:
		x.site.say("Redis is killed and comes back empty at once")
		x.site.redis.Restart()
	case 3:
		x.site.say("Redis forgets everything")
		x.site.redis.Flush()
	}
	x.site.say("Redis is well")
}
