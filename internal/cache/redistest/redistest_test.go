package redistest_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"todo-app/internal/cache/redistest"
)

func TestARestartedServerIsEmptyAtTheSameAddress(t *testing.T) {
	s := redistest.Start(t)
	address := s.Addr()
	want(t, s, "SET k v", "+OK")
	want(t, s, "EXISTS k", ":1")
	s.Restart()
	want(t, s, "EXISTS k", ":0")
	if s.Addr() != address {
		t.Errorf("the address changed from %s to %s", address, s.Addr())
	}
}

func TestAKilledServerRefusesConnections(t *testing.T) {
	s := redistest.Start(t)
	s.Kill()
	if _, err := ask(s, "PING", time.Second); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("asking a killed server: %v", err)
	}
	s.Kill() // again does nothing
	s.Restart()
	want(t, s, "PING", "+PONG")
}

func TestAPausedServerHangsUntilItIsResumed(t *testing.T) {
	s := redistest.Start(t)
	s.Pause()
	if _, err := ask(s, "PING", 50*time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("asking a paused server: %v", err)
	}
	s.Resume()
	want(t, s, "PING", "+PONG")
	s.Pause() // and the test can end all the same
}

func TestFlushForgetsAll(t *testing.T) {
	s := redistest.Start(t)
	want(t, s, "SET k v", "+OK")
	s.Flush()
	want(t, s, "EXISTS k", ":0")
}

func TestServersDoNotShareData(t *testing.T) {
	a, b := redistest.Start(t), redistest.Start(t)
	want(t, a, "SET k v", "+OK")
	want(t, b, "EXISTS k", ":0")
}

func want(t *testing.T, s *redistest.Server, command, answer string) {
	t.Helper()
	got, err := ask(s, command, 10*time.Second)
	if err != nil || got != answer {
		t.Errorf("%s answers %q, %v; want %q", command, got, err, answer)
	}
}

func ask(s *redistest.Server, command string, within time.Duration) (string, error) {
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(within)); err != nil {
		return "", err
	}
	if _, err := fmt.Fprintf(conn, "%s\r\n", command); err != nil {
		return "", err
	}
	answer := bufio.NewScanner(conn)
	answer.Scan()
	return answer.Text(), answer.Err()
}
