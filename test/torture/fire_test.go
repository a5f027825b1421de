package torture

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// lanes is how many owners' histories are made at a time.
const lanes = 4

func TestWhateverHappensEveryOwnersListIsWhatItsClientsWereTold(t *testing.T) {
	t.Parallel()
	s := newSite(t, 2)
	open := s.open()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	random := rand.New(rand.NewPCG(*seed, 1))
	var all sync.WaitGroup
	for lane := range lanes {
		all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				name := fmt.Sprintf("owner %d of lane %d", n, lane)
				h := live(context.Background(), t, open, name, s.credential(name), *seed+uint64(n*lanes+lane), &tried)
				s.judge(h)
			}
		})
	}
	hostile := newStranger(s, "stranger", rand.New(rand.NewPCG(*seed, 3)))
	all.Go(func() { hostile.trouble(ctx) })
	x := &tormentor{site: s, random: random}
	for until := time.Now().Add(share(15, 95)); time.Now().Before(until) && !t.Failed(); {
		x.torment()
	}
	eventually(t, "Redis answers", func() bool { return s.hits() > 0 }) // or this tested no cache
	stop()
	all.Wait()
	hostile.leftovers()
	s.healthy()
}

// judge fails the test if a history has no order that explains it.
func (s *site) judge(h *history) {
	tried.histories.Add(1)
	switch h.check() {
	case porcupine.Unknown:
		tried.unchecked.Add(1)
		ops, unknowns := h.length()
		s.t.Logf("the history of %s, %d operations, %d of them of unknown outcome, could not be checked within %v", h.owner, ops, unknowns, checkTime)
	case porcupine.Illegal:
		tried.lost.Add(1)
		story := h.story()
		s.t.Errorf("%s\nkept in %s", story, h.keep(story, s.meanwhile(h.began)))
	}
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		if time.Now().After(deadline) {
			t.Errorf("after %v still not: %s", patience, what)
			return
		}
		<-tick.C
	}
}
