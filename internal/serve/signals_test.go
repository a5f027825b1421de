package serve_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"todo-app/internal/serve"
)

func TestASecondSignalEndsTheProcessAtOnce(t *testing.T) {
	if os.Getenv("SERVE_TEST_SIGNALS") != "" {
		ctx, stop := serve.Context()
		defer stop()
		io.WriteString(os.Stdout, "started\n")
		<-ctx.Done()
		io.WriteString(os.Stdout, context.Cause(ctx).Error()+"\n")
		select {}
	}
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), "SERVE_TEST_SIGNALS=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Scan()
	child.Process.Signal(syscall.SIGTERM)
	if !lines.Scan() || !strings.Contains(lines.Text(), "terminated") {
		t.Errorf("the first signal gave %q", lines.Text())
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	// The signals return to their usual effect just after the context ends.
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for waiting := true; waiting; {
		select {
		case <-again.C:
			child.Process.Signal(syscall.SIGTERM)
		case <-ended:
			waiting = false
		}
	}
	if status := child.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGTERM {
		t.Errorf("ended by %v", child.ProcessState)
	}
}
