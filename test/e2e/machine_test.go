//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// machine tells how the machine fared during a step. A failure is read
// differently where it had no time for anybody.
type machine struct {
	began   map[string]time.Duration
	stop    chan struct{}
	longest atomic.Int64 // that this process was not run though it was due
}

// beat is how often the machine is to run a goroutine that watches it.
const beat = 20 * time.Millisecond

func watchMachine() *machine {
	m := &machine{began: pressure(), stop: make(chan struct{})}
	go func() {
		last := time.Now()
		for tick := time.NewTicker(beat); ; {
			select {
			case <-m.stop:
				tick.Stop()
				return
			case <-tick.C:
			}
			now := time.Now()
			m.longest.Store(max(m.longest.Load(), int64(now.Sub(last)-beat)))
			last = now
		}
	}()
	return m
}

// ends returns what was seen, in a line.
func (m *machine) ends() string {
	close(m.stop)
	s := fmt.Sprintf("meanwhile this process was kept waiting for %v at most", time.Duration(m.longest.Load()).Round(time.Millisecond))
	now := pressure()
	for _, what := range []string{"cpu", "io", "memory"} {
		if total, ok := now[what]; ok {
			s += fmt.Sprintf(", some process for %s for %.0f s in all", what, (total - m.began[what]).Seconds())
		}
	}
	return s
}

// pressure returns how long some process has waited for each resource since
// the machine started, as far as its kernel counts that.
func pressure() map[string]time.Duration {
	waited := map[string]time.Duration{}
	files, _ := filepath.Glob("/proc/pressure/*")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		some, _, _ := strings.Cut(string(data), "\n")
		var us int64
		if _, total, ok := strings.Cut(some, "total="); ok {
			fmt.Sscan(total, &us)
			waited[filepath.Base(file)] = time.Duration(us) * time.Microsecond
		}
	}
	return waited
}
