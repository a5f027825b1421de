package redistest

import "syscall"

// endWithParent keeps a test that is killed from leaving its server behind.
func endWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
}
