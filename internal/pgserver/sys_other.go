//go:build unix && !linux

package pgserver

import "syscall"

// endWithParent changes nothing where the kernel has no parent-death signal: a server orphaned there
// runs on until the next Start in its folder stops it.
func endWithParent(attr *syscall.SysProcAttr, _ syscall.Signal) *syscall.SysProcAttr {
	return attr
}

// orphans finds none where there is no /proc to look into: what outlives its server is waited for.
func orphans(_, _ string) []int { return nil }
