package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// metered adds to a turn what its requests cost all who work for them: the
// program, PostgreSQL and Redis. Where others use the machine too, this stays
// steadier than a rate. It reads 0 where there is no /proc.
func (w *world) metered(p *process, t turn) turn {
	return func(ctx context.Context) (figures, error) {
		before := w.cpuTime(p)
		f, err := t(ctx)
		if f.requests > 0 {
			f.cpu += (w.cpuTime(p) - before) * 1e6 / float64(f.requests)
		}
		return f, err
	}
}

func (w *world) cpuTime(p *process) float64 {
	pids := append(withChildren(w.postgres.PID()), w.redis.cmd.Process.Pid)
	if p != nil {
		pids = append(pids, p.cmd.Process.Pid)
	}
	return cpuTime(pids...)
}

// cpuTime returns what processes have used of the cores since they began, in
// seconds and to a hundredth, with that of the children they have outlived.
func cpuTime(pids ...int) (seconds float64) {
	const perSecond = 100 // ticks; Linux has no other
	for _, pid := range pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue // its parent has it now
		}
		for _, ticks := range afterName(stat)[11:15] {
			n, _ := strconv.ParseFloat(ticks, 64)
			seconds += n / perSecond
		}
	}
	return seconds
}

// afterName returns the fields of a stat file from the state on; the name
// before it may contain anything.
func afterName(stat []byte) []string {
	return strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
}

// withChildren returns a process and its children.
func withChildren(pid int) []int {
	pids := []int{pid}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the only error is a malformed pattern
	for _, file := range stats {
		stat, err := os.ReadFile(file)
		if err != nil || afterName(stat)[1] != strconv.Itoa(pid) {
			continue
		}
		if child, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			pids = append(pids, child)
		}
	}
	return pids
}
