//go:build !linux

package redistest

import "syscall"

// endWithParent cannot be had from this kernel; the server still ends with a test that ends by itself.
func endWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true}
}
