package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// machine is what a reader must know to read absolute figures.
type machine struct {
	at   time.Time
	load string
	cpu  string
}

func describeMachine() machine {
	return machine{at: time.Now(), load: loadAverage(), cpu: cpuModel()}
}

func (m machine) print(out io.Writer, versions string) {
	fmt.Fprintf(out, "%s  %s/%s, %d cores%s, load average %s at the start\n%s, %s; client, functions and servers share the cores\n\n",
		m.at.Format(time.DateTime), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), m.cpu, m.load, runtime.Version(), versions)
}

// loadAverage is of the last 1, 5 and 15 minutes; "unknown" where there is no
// /proc.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if fields := strings.Fields(string(text)); err == nil && len(fields) >= 3 {
		return strings.Join(fields[:3], " ")
	}
	return "unknown"
}

func cpuModel() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return " of " + strings.TrimSpace(value)
		}
	}
	return ""
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

// resident returns the resident set of a process in MiB, and how much of it
// is its own rather than mapped from its program file.
func resident(pid int) (all, own float64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(text)) {
		var kib float64
		switch {
		case scanned(line, "VmRSS:", &kib):
			all = kib / 1024
		case scanned(line, "RssAnon:", &kib):
			own = kib / 1024
		}
	}
	return all, own, nil
}

func scanned(line, name string, kib *float64) bool {
	rest, ok := strings.CutPrefix(line, name)
	if ok {
		_, err := fmt.Sscanf(strings.TrimSpace(rest), "%f kB", kib)
		ok = err == nil
	}
	return ok
}
