package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

// machine is what a reader must know to read absolute figures.
type machine struct {
	at   time.Time
	load string
	cpu  string
	busy bool // with something else
}

func describeMachine() machine {
	m := machine{at: time.Now(), load: loadAverage(), cpu: cpuModel()}
	var lately float64
	_, err := fmt.Sscan(m.load, &lately)
	m.busy = err == nil && lately > float64(runtime.NumCPU())/4
	return m
}

func (m machine) print(out io.Writer, versions string) {
	fmt.Fprintf(out, "%s  %s/%s, %d cores%s, load average %s at the start\n%s, %s; client, functions and servers share the cores\n\n",
		m.at.Format(time.DateTime), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), m.cpu, m.load, runtime.Version(), versions)
	if m.busy {
		fmt.Fprint(out, "OTHERS USED THIS MACHINE: trust ratios of CPU before those of rates and times.\n\n")
	}
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
