//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// report is the table that is printed at the end.
type report struct{ rows [][]string }

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

func (r *report) print() {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nWHAT\tMEASURED\tAIM\tMET")
	for _, row := range r.rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	w.Flush()
}

// TestTheServiceOnKnative installs the chart into an empty namespace and does
// to it what operators and accidents do. The steps follow one another on one
// release.
func TestTheServiceOnKnative(t *testing.T) {
	r := &report{}
	defer r.print()
	for _, step := range []struct {
		name string
		run  func(*testing.T, *report)
	}{
		{"install", install},
		{"create, read, update and delete", crud},
		{"the chart's own test", itself},
		{"scale to zero and back", coldStarts},
		{"a burst", burst},
		{"an upgrade under load", upgradeUnderLoad},
		{"the same load without a drain", withoutDrain},
		{"a split and a rollback", splitAndRollback},
		{"postgres deleted under load", withoutPostgres},
		{"redis deleted under load", withoutRedis},
		{"every pod restarted", restartAll},
		{"a lost volume restored", restoreVolume},
		{"events reach their sink", events},
		{"memory", memory},
		{"ko apply from scratch", koApply},
	} {
		began := time.Now()
		if !t.Run(step.name, func(t *testing.T) { step.run(t, r) }) && step.name == "install" {
			t.Fatal("nothing else can be tried")
		}
		r.add(step.name, fmt.Sprintf("%.0f s", time.Since(began).Seconds()), "", true)
	}
}
