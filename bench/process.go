package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

const (
	startTime = 20 * time.Second       // for a process to listen
	stopTime  = 5 * time.Second        // for it to end when asked
	pollEvery = 200 * time.Microsecond // fine enough to time a start by
)

// process is a child that ends with this program, however that ends.
type process struct {
	cmd    *exec.Cmd
	addr   string // where it listens, if it does
	began  time.Time
	output bytes.Buffer  // to be read once it ended
	ended  chan struct{} // closed then
}

// start runs a program with nothing of our own environment but PATH.
func start(program string, env []string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(program, args...), ended: make(chan struct{})}
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	p.cmd.SysProcAttr = endWithParent()
	started := make(chan error)
	go func() {
		// The kernel's parent-death signal follows the thread that forked.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		p.began = time.Now()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // being stopped is no news
			close(p.ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("running %s: %w", program, err)
	}
	return p, nil
}

// listening starts a program that listens on PORT and returns once it does.
func listening(ctx context.Context, program string, env []string, args ...string) (*process, error) {
	addr, port, err := freeAddress()
	if err != nil {
		return nil, err
	}
	p, err := start(program, append(env, "TODO_HOST=127.0.0.1", "PORT="+port), args...)
	if err != nil {
		return nil, err
	}
	p.addr = addr
	conn, err := p.dial(ctx)
	if err != nil {
		p.stop()
		return nil, err
	}
	return p, conn.Close()
}

// dial connects to a process that may still be starting.
func (p *process) dial(ctx context.Context) (net.Conn, error) {
	deadline := time.Now().Add(startTime)
	for {
		conn, err := net.Dial("tcp", p.addr)
		if err == nil {
			return conn, nil
		}
		select {
		case <-p.ended:
			return nil, fmt.Errorf("%s ended:\n%s", p.cmd.Path, p.output.Bytes())
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(pollEvery):
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("%s does not listen on %s: %w", p.cmd.Path, p.addr, err)
		}
	}
}

// stop asks the process to end, then makes it.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	select {
	case <-p.ended:
	case <-time.After(stopTime):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}

// freeAddress returns a loopback address that nobody listens on.
func freeAddress() (addr, port string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", err
	}
	defer l.Close()
	return l.Addr().String(), strconv.Itoa(l.Addr().(*net.TCPAddr).Port), nil
}
