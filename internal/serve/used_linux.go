package serve

import (
	"syscall"
	"time"
)

// Used returns the CPU that the process has used, and the most memory that it
// has held, in bytes.
func Used() (cpu time.Duration, memory int64) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0, 0 // cannot be: the arguments are good
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), u.Maxrss << 10 // getrusage(2): in KiB
}
