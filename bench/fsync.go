package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// fsyncRows compares one client's creates with the one thing they cannot do
// without: a commit on the disk.
func fsyncRows(ctx context.Context, b *bench) error {
	const database = "fsync"
	if err := b.someTasks(ctx, database); err != nil {
		return err
	}
	create, err := b.function(ctx, "create", database, "")
	if err != nil {
		return err
	}
	r, err := inTurns(ctx, b.effort.rounds, creating(create, 1, b, oneOwner), b.fdatasync)
	if err != nil {
		return err
	}
	b.table.add(row{"create, one client, p50", "ms", r[0].p50s(), r[1].p50s(), aim{most: 1.3}})
	b.table.note("one client: yardstick: the mean of one second of fdatasync of 8 KiB each, by pg_test_fsync beside the data.")
	return nil
}

var fdatasyncTook = regexp.MustCompile(`fdatasync\s+[0-9.]+ ops/sec\s+([0-9]+) usecs/op`)

// fdatasync is the turn of pg_test_fsync, which is stopped once it has tried
// what Linux syncs by; it goes on to try much else.
func (b *bench) fdatasync(ctx context.Context) (figures, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	cmd := exec.CommandContext(ctx, filepath.Join(b.pgbin, "pg_test_fsync"), "-s", "1", "-f", filepath.Join(b.dir, "fsync"))
	out, err := cmd.StdoutPipe()
	if err != nil {
		return figures{}, err
	}
	if err := cmd.Start(); err != nil {
		return figures{}, err
	}
	defer cmd.Wait()
	defer stop() // before that
	var printed []byte
	for buf := make([]byte, 1024); err == nil; {
		var n int
		n, err = out.Read(buf)
		printed = append(printed, buf[:n]...)
		if found := fdatasyncTook.FindSubmatch(printed); found != nil {
			micros, err := strconv.ParseFloat(string(found[1]), 64)
			return figures{p50: micros / 1000}, err
		}
	}
	if err == io.EOF {
		err = fmt.Errorf("pg_test_fsync prints nothing of fdatasync: %q", bytes.TrimSpace(printed))
	}
	return figures{}, err
}
