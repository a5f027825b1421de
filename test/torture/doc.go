// Package torture does to the service what networks, power and strangers do,
// all the while its clients go on: connections are delayed, cut, reset and
// swallowed, functions and PostgreSQL are killed with SIGKILL, Redis comes back
// empty, the sink of events is away, and hostile requests arrive. Then it
// compares what clients were told with what is there.
//
// The functions are the real programs, several processes of each, on one
// PostgreSQL that syncs its writes and one Redis. SIGKILL takes from a program
// what it has not handed to the kernel; it takes nothing from the kernel's
// cache. So this shows that nothing acknowledged lives in a process alone; that
// a commit reaches the disk is shown only as far as PostgreSQL is asked to sync.
// A power failure it cannot show.
//
// Without flags its tests are over within a minute. `make torture` runs them for
// longer, and prints at the end what was tried and what was lost.
package torture
