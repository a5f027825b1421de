package pgserver

import "syscall"

// endWithParent has the kernel signal the child when the thread that started it is gone, which covers
// even a parent killed by SIGKILL.
func endWithParent(attr *syscall.SysProcAttr, sig syscall.Signal) *syscall.SysProcAttr {
	attr.Pdeathsig = sig
	return attr
}
