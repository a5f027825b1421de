//go:build unix

package pgserver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"go.uber.org/zap"
)

const (
	firstDelay = 50 * time.Millisecond
	longDelay  = 5 * time.Second
	// A server that lived this long is believed healthy, so its next end is answered at once.
	healthyAfter = time.Minute
	// Backends outlive a killed postmaster for a moment; their output is waited for no longer.
	lingering = 5 * time.Second
)

// port only names the socket file, since nothing listens on TCP unless Config.Settings has it so.
const port = "5432"

// settings suit one person's or one team's data on a machine that does other work too.
func (s *Server) settings() map[string]string {
	set := map[string]string{
		"listen_addresses":        "",
		"unix_socket_directories": s.socketDir,
		"unix_socket_permissions": "0700",
		"port":                    port, // else the environment's PGPORT would count
		"max_connections":         "60",
		// Holds about 10⁵ tasks with their indexes; beyond that the file cache serves nearly as well,
		// and takes memory only while nobody else wants it.
		"shared_buffers": "64MB",
		"max_wal_size":   "256MB",
		// No query here runs long enough to earn its compilation back.
		"jit":               "off",
		"timezone":          "UTC",
		"log_timezone":      "UTC",
		"log_destination":   "stderr",
		"logging_collector": "off",
		"log_line_prefix":   "",
		"log_checkpoints":   "off",
		// What people typed stays out of the log: no statements, no details with key values.
		"log_min_error_statement": "panic",
		"log_error_verbosity":     "terse",
	}
	if s.config.NoSync {
		set["fsync"] = "off"
		set["synchronous_commit"] = "off"
		set["full_page_writes"] = "off"
	}
	maps.Copy(set, s.config.Settings)
	return set
}

func (s *Server) command() *exec.Cmd {
	set := s.settings()
	args := []string{"-D", s.data}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		args = append(args, "-c", name+"="+set[name])
	}
	return s.tool("postgres", args...)
}

// tool prepares one of PostgreSQL's programs to run as the server's account, in a session of its own so
// that Ctrl-C reaches this program alone.
func (s *Server) tool(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(s.install.program(name), args...)
	cmd.Dir = s.dir
	cmd.Env = environment()
	cmd.SysProcAttr = endWithParent(&syscall.SysProcAttr{Setsid: true}, syscall.SIGINT)
	if s.account.drop {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: s.account.uid, Gid: s.account.gid}
	}
	return cmd
}

// environment leaves out this program's secrets, and the PG and LC variables that change what a
// server does.
func environment() []string {
	env := []string{"LC_ALL=C", "LANG=C"}
	for _, name := range []string{"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// supervise keeps the server running until Stop.
func (s *Server) supervise() {
	// The kernel sends the parent-death signal when the thread that forked ends, not the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(s.done)
	defer s.release()

	for delay := firstDelay; ; delay = min(2*delay, longDelay) {
		began := time.Now()
		err := s.run()
		if s.running.Err() != nil {
			return
		}
		select {
		case s.exits <- err:
		default:
		}
		if time.Since(began) > healthyAfter {
			delay = firstDelay
		}
		s.log.Error("PostgreSQL ended, starting it again", zap.Error(err), zap.Duration("after", delay))
		select {
		case <-s.running.Done():
			return
		case <-time.After(delay):
		}
	}
}

// run runs the server once, from start to end.
func (s *Server) run() error {
	claim, err := s.claim(s.running, nil)
	if err != nil {
		return err
	}
	defer claim.Close()
	s.dropStalePID(s.socketDir)

	cmd := s.command()
	out := &output{log: s.log}
	cmd.Stdout, cmd.Stderr = out, out
	cmd.WaitDelay = lingering
	cmd.ExtraFiles = []*os.File{claim}

	s.mu.Lock()
	if err := s.running.Err(); err != nil {
		s.mu.Unlock()
		return err
	}
	if err := cmd.Start(); err != nil {
		s.mu.Unlock()
		return fmt.Errorf("running %s: %w", cmd.Path, err)
	}
	s.process = cmd.Process
	s.mu.Unlock()
	claim.Close() // from here on only the server's processes hold it

	err = cmd.Wait()
	s.mu.Lock()
	s.process = nil
	s.mu.Unlock()
	if err == nil {
		err = errors.New("exit status 0")
	}
	return fmt.Errorf("postgres ended: %w%s", err, out.tail())
}

// stopOrphan asks a server whose parent was killed to shut down. It does so as the server's account, since
// the process id comes from a file which that account may write.
func (s *Server) stopOrphan(ctx context.Context) {
	s.log.Info("stopping the PostgreSQL of an earlier run")
	// No waiting here: the claim frees when the last process is gone, which is later and surer.
	if out, err := s.runTool(ctx, nil, "pg_ctl", "stop", "-D", s.data, "-m", "fast", "-W", "-s"); err != nil {
		s.log.Debug("pg_ctl stop", zap.Error(err), zap.String("output", out))
	}
}

// runTool runs one of PostgreSQL's programs to its end and returns what it printed.
func (s *Server) runTool(ctx context.Context, claim *os.File, name string, args ...string) (string, error) {
	runtime.LockOSThread() // see supervise
	defer runtime.UnlockOSThread()
	cmd := s.tool(name, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = lingering
	if claim != nil {
		cmd.ExtraFiles = []*os.File{claim}
	}
	if err := cmd.Start(); err != nil {
		return "", fmt.Errorf("running %s: %w", cmd.Path, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Signal(syscall.SIGINT) })
	defer stop()
	err := cmd.Wait()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return strings.TrimSpace(out.String()), err
}

// output passes a server's lines to the log and remembers the last few for the error that tells of
// its end.
type output struct {
	log *zap.Logger

	mu      sync.Mutex
	partial []byte
	last    []string
}

const remembered = 4

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.partial = append(o.partial, p...)
	for {
		line, rest, found := bytes.Cut(o.partial, []byte("\n"))
		if !found {
			return len(p), nil
		}
		o.line(strings.TrimSpace(string(line)))
		o.partial = rest
	}
}

// line logs at the level of what a line means for whoever runs the program. A refused statement (ERROR) or
// session (FATAL) is told to the client that caused it, so it is not worth attention here.
func (o *output) line(line string) {
	severity, _, _ := strings.Cut(line, ":")
	switch severity {
	case "PANIC":
		o.log.Error("PostgreSQL", zap.String("line", line))
	case "WARNING":
		o.log.Warn("PostgreSQL", zap.String("line", line))
	default:
		o.log.Debug("PostgreSQL", zap.String("line", line))
	}
	o.last = append(o.last, line)
	if len(o.last) > remembered {
		o.last = o.last[1:]
	}
}

func (o *output) tail() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.last) == 0 {
		return ""
	}
	return " (" + strings.Join(o.last, "; ") + ")"
}
