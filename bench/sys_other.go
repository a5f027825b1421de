//go:build !linux

package main

import "syscall"

// endWithParent gives a child a session of its own, so that Ctrl-C reaches us
// alone.
func endWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true}
}
