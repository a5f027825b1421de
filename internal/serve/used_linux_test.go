package serve_test

import (
	"os"
	"runtime/debug"
	"testing"

	"todo-app/internal/serve"
)

func TestTheMostMemoryIsThatSinceItWasLastAskedFor(t *testing.T) {
	if os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) != nil {
		t.Skip("this kernel does not begin anew")
	}
	const much = 64 << 20
	serve.Used()
	held := make([]byte, much)
	for i := 0; i < much; i += 4096 {
		held[i] = 1
	}
	_, most := serve.Used()
	if most < much {
		t.Errorf("with 64 MiB in use it is %d", most)
	}
	held = nil
	debug.FreeOSMemory()
	serve.Used() // up to now it was still held
	cpu, now := serve.Used()
	if now <= 1<<20 || now > most-much/2 || cpu <= 0 {
		t.Errorf("it is %d, after %d with 64 MiB in use; the CPU is %v", now, most, cpu)
	}
}
