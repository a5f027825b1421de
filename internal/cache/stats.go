package cache

import "sync/atomic"

// Stats counts what became of reads, for the metrics.
type Stats struct {
	Hits    atomic.Int64 // answered from Redis
	Misses  atomic.Int64 // Redis answered, but had nothing that still reads right
	Errors  atomic.Int64 // Redis failed or took too long
	Skipped atomic.Int64 // Redis was left alone by the open breaker
	Opened  atomic.Int64 // times the breaker opened
}
