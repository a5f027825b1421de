// Package redistest gives a test a real Redis of its own, which it may kill, restart and freeze.
package redistest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	patience    = 20 * time.Second
	pollEvery   = 5 * time.Millisecond
	commandTime = 5 * time.Second
)

// Ports are taken from below every system's ephemeral range, so that no passing connection holds one
// while its server is down.
const (
	firstPort = 20000
	ports     = 10000
)

// Server is a Redis without persistence, for one test. Its methods fail the test when they cannot do what
// they say, so they belong on the test's own goroutine.
type Server struct {
	t       testing.TB
	program string
	dir     string
	port    int
	scheme  string   // of its URL
	args    []string // what it is started with beside the port
	process *process // nil while killed
}

// Start runs a Redis on a loopback port until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	return start(&Server{t: t, program: find(t), dir: t.TempDir(), scheme: "redis"})
}

// StartTLS runs one that speaks TLS only, with a certificate and its key as PEM, and asks clients for none.
func StartTLS(t testing.TB, certificate, key []byte) *Server {
	t.Helper()
	s := &Server{t: t, program: find(t), dir: t.TempDir(), scheme: "rediss"}
	for name, content := range map[string][]byte{"cert": certificate, "key": key} {
		path := filepath.Join(s.dir, name+".pem")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		s.args = append(s.args, "--tls-"+name+"-file", path)
	}
	s.args = append(s.args, "--tls-auth-clients", "no")
	return start(s)
}

func start(s *Server) *Server {
	t := s.t
	t.Helper()
	t.Cleanup(s.Kill)
	deadline := time.Now().Add(patience)
	for {
		s.port = firstPort + rand.IntN(ports)
		err := s.run(deadline)
		if err == nil {
			return s
		}
		if !errors.Is(err, errEnded) || time.Now().After(deadline) {
			t.Fatalf("starting Redis: %v", err)
		}
		// The port is taken: try another.
	}
}

func find(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"redis-server", "valkey-server"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("this test needs redis-server in PATH: make test installs it on Debian and Ubuntu; " +
		"elsewhere: dnf install redis, apk add redis, pacman -S redis, brew install redis")
	return ""
}

// Addr is the server's host and port, the same over a restart.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// URL is the server's address as clients take it.
func (s *Server) URL() string { return s.scheme + "://" + s.Addr() + "/0" }

// Kill ends the server as a crash would: connections break and new ones are refused. Killing a killed
// server does nothing.
func (s *Server) Kill() {
	s.t.Helper()
	if s.process != nil {
		s.process.kill()
		s.process = nil
	}
}

// Restart gives an empty server at the same address, killing the one that runs there.
func (s *Server) Restart() {
	s.t.Helper()
	s.Kill()
	deadline := time.Now().Add(patience)
	err := s.run(deadline)
	for errors.Is(err, errEnded) && time.Now().Before(deadline) {
		err = s.run(deadline)
	}
	if err != nil {
		s.t.Fatalf("restarting Redis: %v", err)
	}
}

// Pause freezes the server: connections are accepted by the kernel and nothing answers.
func (s *Server) Pause() {
	s.t.Helper()
	s.signal(syscall.SIGSTOP)
}

// Resume lets a paused server go on; it then answers what was asked meanwhile.
func (s *Server) Resume() {
	s.t.Helper()
	s.signal(syscall.SIGCONT)
}

func (s *Server) signal(sig syscall.Signal) {
	s.t.Helper()
	if s.process == nil {
		s.t.Fatalf("sending %v to Redis: it was killed", sig)
	}
	if err := s.process.cmd.Process.Signal(sig); err != nil {
		s.t.Fatalf("sending %v to Redis: %v", sig, err)
	}
}

// Flush forgets all data.
func (s *Server) Flush() {
	s.t.Helper()
	answer, err := s.ask("FLUSHALL", "")
	if err != nil || answer != "+OK" {
		s.t.Fatalf("flushing Redis: %q, %v", answer, err)
	}
}

var errEnded = errors.New("the server ended")

// run returns once the server answers, or errEnded, perhaps since somebody else has the port.
func (s *Server) run(deadline time.Time) error {
	args := []string{"--port", strconv.Itoa(s.port)}
	if s.scheme == "rediss" {
		args = []string{"--port", "0", "--tls-port", strconv.Itoa(s.port)}
	}
	p, err := begin(s.program, append(append(args,
		"--bind", "127.0.0.1",
		"--dir", s.dir,
		"--save", "",
		"--appendonly", "no",
		"--daemonize", "no",
	), s.args...)...)
	if err != nil {
		return err
	}
	for {
		if s.isAt(p) {
			s.process = p
			return nil
		}
		select {
		case <-p.ended:
			return fmt.Errorf("%w:\n%s", errEnded, p.output.Bytes())
		case <-time.After(pollEvery):
		}
		if time.Now().After(deadline) {
			p.kill()
			return fmt.Errorf("no answer at %s:\n%s", s.Addr(), p.output.Bytes())
		}
	}
}

// isAt says whether it is p, not another test's server, that answers at the address.
func (s *Server) isAt(p *process) bool {
	line, err := s.ask("INFO server", "process_id:")
	return err == nil && line == "process_id:"+strconv.Itoa(p.cmd.Process.Pid)
}

// ask sends a command and returns the first line of the answer that begins with prefix.
func (s *Server) ask(command, prefix string) (string, error) {
	conn, err := net.DialTimeout("tcp", s.Addr(), commandTime)
	if err == nil && s.scheme == "rediss" {
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true}) // whether it is the one is found out by its answer
	}
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(commandTime)); err != nil {
		return "", err
	}
	if _, err := fmt.Fprintf(conn, "%s\r\n", command); err != nil {
		return "", err
	}
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), prefix) {
			return lines.Text(), nil
		}
	}
	return "", fmt.Errorf("no answer to %s: %w", command, lines.Err())
}

// process is one run of a program.
type process struct {
	cmd    *exec.Cmd
	output bytes.Buffer  // to be read once it ended
	ended  chan struct{} // closed then
}

func begin(program string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(program, args...), ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	p.cmd.SysProcAttr = endWithParent()
	started := make(chan error)
	go func() {
		// The kernel's parent-death signal follows the thread that forked, so it must outlast the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // being killed is no news
			close(p.ended)
		}
	}()
	return p, <-started
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // fails only once it has ended
	<-p.ended
}
