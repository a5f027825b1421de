package torture

import (
	"net"
	"sync"
	"testing"
	"time"
)

// mode is what a proxy does with what passes.
type mode struct {
	delay time.Duration // for each piece, either way
	hole  bool          // nothing passes; connections stay
	mute  bool          // requests pass, answers do not
	shut  bool          // new connections are closed at once
}

// proxy stands between functions and a server on TCP, and does to their
// conversations what networks do.
type proxy struct {
	addr string
	dial func() (net.Conn, error)

	all     sync.WaitGroup
	mu      sync.Mutex
	mode    mode
	changed chan struct{} // closed when the mode changes
	conns   map[net.Conn]net.Conn
	closed  bool
}

func startProxy(t testing.TB, dial func() (net.Conn, error)) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{addr: l.Addr().String(), dial: dial, changed: make(chan struct{}), conns: map[net.Conn]net.Conn{}}
	t.Cleanup(func() {
		l.Close()
		p.mu.Lock()
		p.closed = true
		p.mu.Unlock()
		p.set(mode{})
		p.cut(false)
		p.all.Wait()
	})
	p.all.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			p.all.Go(func() { p.serve(client) })
		}
	})
	return p
}

// set has everything pass in another way from now on, what waits included.
func (p *proxy) set(m mode) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mode = m
	close(p.changed)
	p.changed = make(chan struct{})
}

// cut ends all conversations, by a reset or as if both sides had hung up, and
// returns how many there were.
func (p *proxy) cut(reset bool) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for client, backend := range p.conns {
		if tcp, ok := client.(*net.TCPConn); ok && reset {
			tcp.SetLinger(0)
		}
		client.Close()
		backend.Close()
	}
	return len(p.conns)
}

func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	backend, err := p.dial()
	if err != nil {
		return
	}
	defer backend.Close()
	p.mu.Lock()
	if p.closed || p.mode.shut {
		p.mu.Unlock()
		return
	}
	p.conns[client] = backend
	p.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { p.pass(backend, client, func(m mode) bool { return m.hole }) })
	p.pass(client, backend, func(m mode) bool { return m.hole || m.mute })
	both.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, client)
}

// pass copies one way until either side ends, which ends both.
func (p *proxy) pass(to, from net.Conn, holds func(mode) bool) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 16<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			p.wait(holds)
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// wait lasts for as long as the mode has what passes wait.
func (p *proxy) wait(holds func(mode) bool) {
	for {
		p.mu.Lock()
		m, changed := p.mode, p.changed
		p.mu.Unlock()
		if holds(m) {
			<-changed
			continue
		}
		if m.delay > 0 {
			<-time.After(m.delay)
		}
		return
	}
}

func TestTheProxyPassesDelaysHoldsMutesAndCuts(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	heard := make(chan byte, 10)
	go func() { // answers each byte by the next
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				for b := make([]byte, 1); ; {
					if _, err := conn.Read(b); err != nil {
						conn.Close()
						return
					}
					heard <- b[0]
					b[0]++
					conn.Write(b)
				}
			}()
		}
	}()
	p := startProxy(t, func() (net.Conn, error) { return net.Dial("tcp", l.Addr().String()) })
	conn, err := net.Dial("tcp", p.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	say := func(b byte) { conn.Write([]byte{b}) }
	hears := func(within time.Duration) (byte, error) {
		b := make([]byte, 1)
		conn.SetReadDeadline(time.Now().Add(within))
		_, err := conn.Read(b)
		return b[0], err
	}
	expect := func(want byte) {
		t.Helper()
		if b, err := hears(patience); b != want || err != nil {
			t.Fatalf("heard %d, %v, want %d", b, err, want)
		}
	}
	say(1)
	expect(2)
	p.set(mode{delay: 50 * time.Millisecond})
	began := time.Now()
	say(3)
	if expect(4); time.Since(began) < 100*time.Millisecond {
		t.Error("there and back took", time.Since(began))
	}
	p.set(mode{mute: true})
	for len(heard) > 0 {
		<-heard
	}
	say(5)
	if b := <-heard; b != 5 {
		t.Error("the server heard", b)
	}
	if b, err := hears(50 * time.Millisecond); err == nil {
		t.Error("a mute server said", b)
	}
	p.set(mode{})
	expect(6)
	p.set(mode{hole: true})
	say(7)
	if b, err := hears(50 * time.Millisecond); err == nil || len(heard) > 0 {
		t.Error("out of a hole came", b)
	}
	p.set(mode{})
	expect(8)
	p.set(mode{shut: true})
	if n := p.cut(true); n != 1 {
		t.Errorf("%d were cut", n)
	}
	if _, err := hears(patience); err == nil {
		t.Error("it is not cut")
	}
	again, err := net.Dial("tcp", p.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if _, err := again.Read(make([]byte, 1)); err == nil {
		t.Error("it is not shut")
	}
}
