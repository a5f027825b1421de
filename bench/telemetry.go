package main

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
)

// telemetryRows compare the hot list of a function without OpenTelemetry with
// one that is built with it: asked for nothing, and telling of every request.
func telemetryRows(ctx context.Context, b *bench) error {
	const database = "telemetry"
	if err := b.someTasks(ctx, database); err != nil {
		return err
	}
	if err := b.telemetrySizes(ctx); err != nil {
		return err
	}
	receiver, err := receive()
	if err != nil {
		return err
	}
	defer receiver.Close()
	told := []string{"OTEL_EXPORTER_OTLP_ENDPOINT=http://" + receiver.Addr, "OTEL_TRACES_SAMPLER=always_on"}
	contenders := []struct {
		name, program string
		env           []string
	}{
		{"yardstick", "list", nil},
		{"the tag otel, off", "list-otel", nil},
		{"the tag otel, metrics alone", "list-otel", append(told, "OTEL_TRACES_EXPORTER=none")},
		{"the tag otel, a trace in a hundred", "list-otel", []string{told[0], "OTEL_TRACES_SAMPLER=traceidratio", "OTEL_TRACES_SAMPLER_ARG=0.01"}},
		{"the tag otel, every trace", "list-otel", told},
	}
	var turns []turn
	for _, c := range contenders {
		list, err := b.run(ctx, c.program, append(b.functionEnv(database, b.redisURL()), c.env...))
		if err != nil {
			return err
		}
		turns = append(turns, b.reading(list, http.StatusOK))
	}
	r, err := inTurns(ctx, b.effort.rounds, turns...)
	if err != nil {
		return err
	}
	for i, c := range contenders[1:] {
		b.table.add(row{"hot list with " + c.name + ", CPU of a request", "µs", r[i+1].cpus(), r[0].cpus(), aim{}})
		b.table.add(row{"hot list with " + c.name + ", requests", "/s", r[i+1].rates(), r[0].rates(), aim{}})
	}
	b.table.note("telemetry: yardstick: the same list built without the tag. A receiver in this program takes what is told, by OTLP.")
	return nil
}

// telemetrySizes builds the list both ways as images do, and leaves the one with
// the tag to be run.
func (b *bench) telemetrySizes(ctx context.Context) error {
	sizes := map[string][2]float64{}
	for name, tag := range map[string]string{"list-plain": "none", "list-otel": "otel"} {
		program := b.program(name)
		cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-tags", tag, "-o", program, "todo-app/functions/list")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w\n%s", name, err, out)
		}
		plain, compressed, err := weigh(program)
		if err != nil {
			return err
		}
		sizes[name] = [2]float64{plain, compressed}
	}
	for i, what := range []string{"the list with the tag otel, its program", "the list with the tag otel, compressed"} {
		b.table.add(row{what, "MB", []float64{sizes["list-otel"][i]}, []float64{sizes["list-plain"][i]}, aim{}})
	}
	return nil
}

// weigh returns the size of a file, and compressed as a layer of an image is,
// in MB.
func weigh(path string) (plain, compressed float64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, 0, err
	}
	defer file.Close()
	out, err := os.CreateTemp(filepath.Dir(path), "weighed-")
	if err != nil {
		return 0, 0, err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	w := gzip.NewWriter(out)
	n, err := io.Copy(w, file)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return 0, 0, err
	}
	size, err := out.Seek(0, io.SeekCurrent)
	return float64(n) / 1e6, float64(size) / 1e6, err
}

// receive serves what takes everything that is told.
func receive() (*http.Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &http.Server{Addr: l.Addr().String(), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/x-protobuf")
	})}
	go func() { _ = s.Serve(l) }()
	return s, nil
}
