package torture

import "syscall"

// endWithParent keeps a test that is killed from leaving its programs behind.
func endWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
}
