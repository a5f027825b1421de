package cache

import "sync/atomic"

// Stats counts what became of reads, for the metrics.
type Stats struct {
	Hits    atomic.Uint64 // answered from Redis
	Misses  atomic.Uint64 // Redis answered, but had nothing that still reads right
	Errors  atomic.Uint64 // Redis failed or took too long
	Skipped atomic.Uint64 // Redis was left alone by the open breaker
	Opened  atomic.Uint64 // times the breaker opened
}
