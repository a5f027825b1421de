package pgserver

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// endWithParent has the kernel signal the child when the thread that started it is gone, which covers
// even a parent killed by SIGKILL.
func endWithParent(attr *syscall.SysProcAttr, sig syscall.Signal) *syscall.SysProcAttr {
	attr.Pdeathsig = sig
	return attr
}

// orphans returns the processes of a server that have its claim open and whose postmaster is gone: they go by
// their own titles, and their parent is no postgres.
func orphans(claim, program string) (pids []int) {
	for _, path := range []*string{&claim, &program} { // as the kernel has them
		if real, err := filepath.EvalSymlinks(*path); err == nil {
			*path = real
		}
	}
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, proc := range all {
		pid, err := strconv.Atoi(filepath.Base(proc))
		title, _ := os.ReadFile(filepath.Join(proc, "cmdline"))
		if err != nil || !strings.HasPrefix(string(title), "postgres: ") || !isProgram(pid, program) || isProgram(parentOf(pid), program) {
			continue
		}
		open, _ := filepath.Glob(filepath.Join(proc, "fd", "*"))
		for _, fd := range open {
			if file, err := os.Readlink(fd); err == nil && file == claim {
				pids = append(pids, pid)
				break
			}
		}
	}
	return pids
}

func isProgram(pid int, program string) bool {
	exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	return err == nil && exe == program
}

// parentOf returns 0 if there is no such process any more.
func parentOf(pid int) (parent int) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(status), "\nPPid:")
	line, _, _ := strings.Cut(rest, "\n")
	parent, _ = strconv.Atoi(strings.TrimSpace(line))
	return parent
}
