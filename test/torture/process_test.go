package torture

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// programs is the folder of the functions' programs, which build makes once for
// all tests.
var programs string

var build = sync.OnceValue(func() error {
	args := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", programs + string(filepath.Separator)}
	for _, name := range functions {
		args = append(args, "../../functions/"+name)
	}
	compile := exec.Command("go", args...)
	compile.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := compile.CombinedOutput(); err != nil {
		return fmt.Errorf("building the functions: %w: %s", err, out)
	}
	return nil
})

var functions = []string{"create", "list", "update", "delete"}

// process is a function's, one after another of them: it may be killed and
// started again.
type process struct {
	name, path string
	env        []string

	mu      sync.Mutex
	cmd     *exec.Cmd
	ended   chan struct{} // closed once it has
	address string        // "http://host:port"
	metrics string
	tail    []string // the last lines of its log that tell of trouble
	panics  int
}

// Ports for metrics are taken from below every system's ephemeral range.
const (
	firstPort = 30000
	ports     = 2000
)

var errNoStart = errors.New("it does not serve")

// start runs the program and returns once it serves.
func (p *process) start() (err error) {
	for range 20 { // a port may be taken
		if err = p.try(firstPort + rand.IntN(ports)); !errors.Is(err, errNoStart) {
			return err
		}
	}
	return err
}

func (p *process) try(port int) error {
	cmd := exec.Command(p.path)
	cmd.Env = append([]string{"PORT=0", "TODO_HOST=127.0.0.1", "TODO_METRICS_PORT=" + strconv.Itoa(port), "PATH=" + os.Getenv("PATH")}, p.env...)
	cmd.SysProcAttr = endWithParent()
	out, in, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = in, in
	ended, begun := make(chan struct{}), make(chan error)
	go func() {
		// The kernel's parent-death signal follows the thread that forked.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		in.Close()
		begun <- err
		if err == nil {
			_ = cmd.Wait()
			close(ended)
		}
	}()
	if err := <-begun; err != nil {
		out.Close()
		return err
	}
	serving := make(chan string, 1)
	go p.listen(out, serving)
	address, ok := <-serving
	if !ok {
		_ = cmd.Process.Kill()
		<-ended
		return fmt.Errorf("%s: %w: %s", p.name, errNoStart, strings.Join(p.lines(), "\n"))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cmd, p.ended, p.address = cmd, ended, "http://"+address
	p.metrics = "http://127.0.0.1:" + strconv.Itoa(port) + "/metrics"
	return nil
}

// listen reads the log until it ends, and says where the program serves.
func (p *process) listen(out io.ReadCloser, serving chan<- string) {
	defer close(serving)
	defer out.Close()
	for lines := bufio.NewReader(out); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var said struct{ Level, Message, Address string }
		if json.Unmarshal(line, &said) == nil && said.Message == "serving" && said.Address != "" {
			serving <- said.Address
			continue
		}
		p.note(line, said.Level)
	}
}

// note keeps what tells of trouble.
func (p *process) note(line []byte, level string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if bytes.Contains(line, []byte("panic")) || bytes.Contains(line, []byte("fatal error")) {
		p.panics++
	}
	if level != "INFO" {
		p.tail = append(p.tail, strings.TrimSpace(string(line)))
		p.tail = p.tail[max(0, len(p.tail)-20):]
	}
}

func (p *process) lines() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.tail...)
}

// at returns the address, of the last one that ran if there is none.
func (p *process) at() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.address
}

// kill ends the process with SIGKILL. Killing a killed one does nothing.
func (p *process) kill() {
	p.mu.Lock()
	cmd, ended := p.cmd, p.ended
	p.cmd = nil
	p.mu.Unlock()
	if cmd != nil {
		_ = cmd.Process.Signal(syscall.SIGKILL)
		<-ended
	}
}

// alive says whether it runs.
func (p *process) alive() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return false
	}
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// gauge returns one of the process's metrics, -1 while it does not say.
func (p *process) gauge(name string) float64 {
	p.mu.Lock()
	address := p.metrics
	p.mu.Unlock()
	response, err := http.Get(address)
	if err != nil {
		return -1
	}
	defer response.Body.Close()
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			number, _ := strconv.ParseFloat(value, 64)
			return number
		}
	}
	return -1
}
