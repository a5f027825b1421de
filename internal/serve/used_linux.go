package serve

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// Used returns the CPU that the process has used, and the most memory that it
// has held since Used was last called, in bytes. Where the kernel does not begin
// anew with that, it is the most since the process started.
func Used() (cpu time.Duration, memory int64) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) == nil { // else cannot be: the arguments are good
		cpu = time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	memory = mostResident()
	forgetMostResident()
	return cpu, memory
}

// mostResident returns the high water mark of the resident set. That of
// getrusage(2) would include what the program held that became this one.
func mostResident() (bytes int64) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return int64(residentBytes())
	}
	for line := range strings.Lines(string(status)) {
		var kibi int64
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kibi); n == 1 {
			return kibi << 10
		}
	}
	return int64(residentBytes()) // of a kernel that keeps no mark
}

// forgetMostResident has the mark begin anew (proc_pid_clear_refs(5): 5).
func forgetMostResident() {
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // see Used
}
