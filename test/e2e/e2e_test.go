//go:build e2e

package e2e

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// report is what is printed at the end: the table, and what failed, since
// where only the end of an output is kept nothing else is seen.
type report struct {
	rows  [][]string
	fails []string
}

func (r *report) add(what, measured, aim string, met bool) {
	verdict := "yes"
	if !met {
		verdict = "MISS"
	}
	if aim == "" {
		verdict = ""
	}
	r.rows = append(r.rows, []string{what, measured, aim, verdict})
}

func (r *report) print(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nWHAT\tMEASURED\tAIM\tMET")
	for _, row := range r.rows {
		fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	table.Flush()
	if len(r.fails) > 0 {
		fmt.Fprintf(w, "\n%s\n", strings.Join(r.fails, "\n"))
	}
}

// The most of a failure that is repeated at the end: so many failures, so
// many lines of each, so many bytes of a line.
const (
	mostFails = 12
	mostLines = 6
	mostBytes = 500
)

// fail notes what a step says of its failure.
func (r *report) fail(step, said string) {
	if len(r.fails) >= mostFails {
		return
	}
	lines := strings.Split(strings.TrimSpace(said), "\n")
	if more := len(lines) - mostLines; more > 0 {
		lines = append(lines[:mostLines], fmt.Sprintf("and %d lines more", more))
	}
	for i, line := range lines {
		if len(line) > mostBytes {
			lines[i] = line[:mostBytes] + "…"
		}
	}
	_, step, _ = strings.Cut(step, "/")
	r.fails = append(r.fails, "FAILED "+step+": "+strings.Join(lines, "\n    "))
}

// step is the test of one step; what it fails with is repeated at the end.
type step struct {
	*testing.T
	report *report
}

// Run runs a part of the step.
func (s *step) Run(name string, part func(*step)) bool {
	return s.T.Run(name, func(t *testing.T) { part(&step{t, s.report}) })
}

// Error notes a failure and goes on.
func (s *step) Error(args ...any) {
	s.T.Helper()
	s.report.fail(s.Name(), fmt.Sprintln(args...))
	s.T.Error(args...)
}

// Errorf notes a failure and goes on.
func (s *step) Errorf(format string, args ...any) {
	s.T.Helper()
	s.report.fail(s.Name(), fmt.Sprintf(format, args...))
	s.T.Errorf(format, args...)
}

// Fatal notes a failure and ends the step.
func (s *step) Fatal(args ...any) {
	s.T.Helper()
	s.report.fail(s.Name(), fmt.Sprintln(args...))
	s.T.Fatal(args...)
}

// Fatalf notes a failure and ends the step.
func (s *step) Fatalf(format string, args ...any) {
	s.T.Helper()
	s.report.fail(s.Name(), fmt.Sprintf(format, args...))
	s.T.Fatalf(format, args...)
}

// TestTheServiceOnKnative installs the chart into an empty namespace and does
// to it what operators and accidents do. The steps follow one another on one
// release; each may be run again alone on what the last run left.
func TestTheServiceOnKnative(t *testing.T) {
	r := &report{}
	defer r.print(os.Stdout)
	for _, one := range []struct {
		name string
		run  func(*step, *report)
	}{
		{"install", install},
		{"create, read, update and delete", crud},
		{"the chart's own test", itself},
		{"scale to zero and back", coldStarts},
		{"what operators are told", operators},
		{"assistants read, and change what they may", assistants},
		{"an assistant wakes the MCP function and uses its tools", tools},
		{"a person chats and wakes the chat function", chats},
		{"a burst", burst},
		{"an upgrade under load", upgradeUnderLoad},
		{"a password changed under load", changePassword},
		{"the same load without a drain", withoutDrain},
		{"a split and a rollback", splitAndRollback},
		{"postgres deleted under load", withoutPostgres},
		{"redis deleted under load", withoutRedis},
		{"every pod restarted", restartAll},
		{"a lost volume restored", restoreVolume},
		{"tasks of the first release upgraded", upgradeFirstRelease},
		{"events reach their sink", events},
		{"kagent's objects are admitted, and what they may do", agents},
		{"memory", memory},
		{"ko apply from scratch", koApply},
	} {
		began := time.Now()
		ran := false
		passed := t.Run(one.name, func(t *testing.T) {
			ran = true
			m := watchMachine()
			defer func() {
				if said := m.ends(); t.Failed() {
					t.Log(said)
					r.fail(t.Name(), said)
				}
			}()
			if _, err := try("kubectl", "--namespace", namespace, "get", "secret", release); err == nil && one.name != "install" {
				signIn(t) // a step may be run alone
			}
			one.run(&step{t, r}, r)
		})
		if !passed && one.name == "install" {
			t.Fatal("nothing else can be tried")
		}
		if ran {
			r.add(one.name, fmt.Sprintf("%.0f s", time.Since(began).Seconds()), "", true)
		}
	}
}
