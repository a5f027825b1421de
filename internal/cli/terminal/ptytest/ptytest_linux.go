// Package ptytest gives tests a terminal of their own.
package ptytest

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Terminal is a pseudo-terminal: what is written to Master has been typed, and
// what is read from it is on the screen.
type Terminal struct {
	Master *os.File
	Slave  *os.File
}

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// Open returns a terminal of a width, in columns, until the test ends.
func Open(t testing.TB, width int) Terminal {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Skip("opening a pseudo-terminal:", err)
	}
	master := os.NewFile(uintptr(fd), "/dev/ptmx") // non-blocking, so that reads have deadlines
	t.Cleanup(func() { master.Close() })
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: uint16(width)})
	}
	if err != nil {
		t.Fatal("setting a pseudo-terminal up:", err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { slave.Close() })
	return Terminal{master, slave}
}

// Until returns what is on the screen up to one of some texts.
func (p Terminal) Until(t testing.TB, texts ...string) string {
	t.Helper()
	p.Master.SetReadDeadline(time.Now().Add(patience))
	var seen strings.Builder
	for buffer := make([]byte, 1); ; {
		n, err := p.Master.Read(buffer)
		if err != nil {
			t.Errorf("reading the screen: %v; there is %q, not %q", err, seen.String(), texts)
			return seen.String()
		}
		seen.Write(buffer[:n])
		for _, text := range texts {
			if strings.HasSuffix(seen.String(), text) {
				return seen.String()
			}
		}
	}
}

// Silent waits until what is typed is not shown any more.
func (p Terminal) Silent(t testing.TB) {
	t.Helper()
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for time.Now().Before(deadline) {
		state, err := unix.IoctlGetTermios(int(p.Slave.Fd()), unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		if state.Lflag&unix.ECHO == 0 {
			return
		}
		<-tick.C
	}
	t.Fatal("the terminal still shows what is typed")
}
