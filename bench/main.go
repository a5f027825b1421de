// Command bench prints what the functions cost beside what the same work costs
// at least, measured in turns in one run on this machine. It brings everything
// it needs (PostgreSQL with fsync on, Redis, the functions as processes) and
// leaves nothing behind. A missed aim is shown and is no failure.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// section measures some rows of the table.
type section struct {
	name string
	run  func(context.Context, *bench) error
}

var sections = []section{
	{"hot", hotRows},
	{"notmodified", notModifiedRows},
	{"cold", coldRows},
	{"create", createRows},
	{"import", importRows},
	{"fsync", fsyncRows},
	{"start", startRows},
	{"memory", memoryRows},
	{"hop", hopRows},
	{"page", pageRows},
	{"rls", rlsRows},
	{"identity", identityRows},
	{"telemetry", telemetryRows},
	{"scale", scaleRows},
	{"millions", millionRows},
}

// alone names the section that takes half an hour and 30 GB, and is therefore
// measured only when it is asked for.
const alone = "millions"

// bench is one run: what it measures with, and what it found.
type bench struct {
	*world
	effort effort
	table  table
}

// effort bounds what a run takes.
type effort struct {
	rounds int           // turns that each contender of a row gets
	round  time.Duration // one turn of a row under load
	short  time.Duration // one turn of the many rows about scale
	starts int           // processes started of each kind
	settle time.Duration // until an idle process has given back what it can
	large  int           // tasks of the large owner
	huge   int           // tasks of the owner of millions
	all    int           // tasks of everybody beside that owner
}

var (
	full  = effort{rounds: 7, round: 1500 * time.Millisecond, short: 400 * time.Millisecond, starts: 40, settle: 5 * time.Second, large: 100_000, huge: 1_000_000, all: 10_000_000}
	quick = effort{rounds: 3, round: 500 * time.Millisecond, short: 250 * time.Millisecond, starts: 15, settle: 2 * time.Second, large: 10_000, huge: 100_000, all: 1_000_000}
)

func main() {
	fast := flag.Bool("quick", false, "fewer and shorter rounds, and a tenth of the tasks: a minute instead of five")
	only := flag.String("only", "", "measure only the sections whose name contains this: "+names())
	dir := flag.String("dir", os.TempDir(), "where data are kept meanwhile; a disk, not memory, or fsync costs nothing")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	b := &bench{effort: full}
	if *fast {
		b.effort = quick
	}
	if !slices.ContainsFunc(sections, func(s section) bool { return strings.Contains(s.name, *only) }) {
		fmt.Fprintf(os.Stderr, "bench: no section is called %q: there are %s\n", *only, names())
		os.Exit(2)
	}
	if err := b.measure(ctx, *dir, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func names() string {
	all := make([]string, len(sections))
	for i, s := range sections {
		all[i] = s.name
	}
	return strings.Join(all, ", ")
}

// measure fills and prints the table, also the part of one that was cut short.
func (b *bench) measure(ctx context.Context, dir, only string) (err error) {
	began := time.Now()
	before := describeMachine()
	if b.world, err = open(ctx, dir); err != nil {
		return err
	}
	defer func() {
		b.close()
		before.print(os.Stdout, b.versions)
		b.table.print(os.Stdout)
		fmt.Printf("\n%s, load average %s at the end\n", time.Since(began).Round(time.Second), loadAverage())
	}()
	for _, s := range sections {
		if !strings.Contains(s.name, only) || only == "" && s.name == alone {
			continue
		}
		fmt.Fprintf(os.Stderr, "%5.0f s  %s\n", time.Since(began).Seconds(), s.name)
		if err := s.run(ctx, b); err != nil {
			return errors.Join(context.Cause(ctx), fmt.Errorf("%s: %w", s.name, err))
		}
		b.stopProcesses() // those of a section must not take time from the next
	}
	return nil
}
