//go:build !linux

package torture

import "syscall"

// endWithParent cannot be had from this kernel; programs still end with a test
// that ends by itself.
func endWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true}
}
