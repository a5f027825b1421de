package serve

import (
	"bytes"
	"fmt"
	"os"
	"runtime/metrics"
)

// residentBytes reads the resident set from /proc, and where there is none
// answers with all memory that the Go runtime has mapped.
func residentBytes() uint64 {
	var size, resident uint64
	if statm, err := os.ReadFile("/proc/self/statm"); err == nil {
		if _, err := fmt.Fscan(bytes.NewReader(statm), &size, &resident); err == nil {
			return resident * uint64(os.Getpagesize())
		}
	}
	mapped := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(mapped)
	return mapped[0].Value.Uint64()
}
