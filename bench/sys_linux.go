package main

import "syscall"

// endWithParent gives a child a session of its own, so that Ctrl-C reaches us
// alone, and has the kernel end it should we be killed.
func endWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
}
