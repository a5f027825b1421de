//go:build unix

package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"go.uber.org/zap"
)

// What lies in a server's folder. The locks are never removed: a new file of the same name would be another lock.
const (
	dataName  = "data"          // PostgreSQL's own folder
	freshName = "data.new"      // the same while initdb fills it
	ownerName = "owner.lock"    // held by the program that runs the server
	claimName = "postgres.lock" // held by every process of the server
)

// longestSocket is what fits sun_path on every system, less its closing zero: 104 bytes on macOS and the BSDs,
// 108 on Linux.
const (
	longestSocket = 103
	socketName    = ".s.PGSQL." + port
	socketPrefix  = "todo-pg-"
)

// InUseError says that another process runs a server in the folder.
type InUseError struct {
	Dir string
	PID int // 0 when the holder has not told it yet
}

func (e *InUseError) Error() string {
	holder := "another process"
	if e.PID != 0 {
		holder = fmt.Sprintf("process %d", e.PID)
	}
	return fmt.Sprintf("the folder %s is in use by %s: stop that first or choose another folder", e.Dir, holder)
}

// account is who the server runs as.
type account struct {
	uid, gid uint32
	drop     bool // this program is root and must change to the account
}

// accountFor is this user, or for root, whom PostgreSQL refuses, the owner of existing data, then the user
// postgres, then nobody.
func accountFor(data string) (account, error) {
	uid := uint32(os.Geteuid())
	info, err := os.Stat(data)
	switch {
	case err == nil:
		owner := info.Sys().(*syscall.Stat_t)
		if uid == 0 && owner.Uid != 0 {
			return account{uid: owner.Uid, gid: owner.Gid, drop: true}, nil
		}
		if owner.Uid == 0 {
			return account{}, fmt.Errorf("%s belongs to root, whom PostgreSQL does not run as: give it to another user with chown -R", data)
		}
		if owner.Uid != uid {
			return account{}, fmt.Errorf("%s belongs to user %s: run as that user or as root", data, userName(owner.Uid))
		}
	case !errors.Is(err, fs.ErrNotExist):
		return account{}, err
	}
	if uid != 0 {
		return account{uid: uid, gid: uint32(os.Getegid())}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			return accountOf(u)
		}
	}
	return account{}, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")
}

func accountOf(u *user.User) (account, error) {
	uid, err := strconv.ParseInt(u.Uid, 10, 64) // nobody is -2 on some systems
	if err != nil {
		return account{}, fmt.Errorf("reading the id of user %s: %w", u.Username, err)
	}
	gid, err := strconv.ParseInt(u.Gid, 10, 64)
	if err != nil {
		return account{}, fmt.Errorf("reading the group of user %s: %w", u.Username, err)
	}
	return account{uid: uint32(uid), gid: uint32(gid), drop: true}, nil
}

func userName(uid uint32) string {
	id := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return id
}

// mayEnter goes by the mode alone; the account has no groups beside its own.
func (a account) mayEnter(info fs.FileInfo) bool {
	owner, mode := info.Sys().(*syscall.Stat_t), info.Mode()
	switch {
	case !a.drop:
		return true
	case owner.Uid == a.uid:
		return mode&0o100 != 0
	case owner.Gid == a.gid:
		return mode&0o010 != 0
	default:
		return mode&0o001 != 0
	}
}

// firstClosed is the uppermost folder on the way to dir that the account cannot enter, or "".
func (a account) firstClosed(dir string) (string, error) {
	if parent := filepath.Dir(dir); parent != dir {
		if closed, err := a.firstClosed(parent); closed != "" || err != nil {
			return closed, err
		}
	}
	info, err := os.Stat(dir)
	if err != nil || a.mayEnter(info) {
		return "", err
	}
	return dir, nil
}

// give hands a new file or folder to the account.
func (a account) give(path string) error {
	if !a.drop {
		return nil
	}
	return os.Chown(path, int(a.uid), int(a.gid))
}

// makeFolder makes dir where absent, opens it to the account, and returns its path without symbolic links.
func makeFolder(dir string, a account) (string, error) {
	var missing []string
	for p := dir; ; p = filepath.Dir(p) {
		if _, err := os.Lstat(p); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		missing = append(missing, p)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	if a.drop {
		for _, p := range missing { // the umask may have closed them
			if err := os.Chmod(p, 0o755); err != nil {
				return "", err
			}
		}
	}
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", err
	}
	closed, err := a.firstClosed(dir)
	if err != nil {
		return "", err
	}
	if closed == dir {
		info, err := os.Stat(dir)
		if err != nil {
			return "", err
		}
		if info.Sys().(*syscall.Stat_t).Uid == uint32(os.Geteuid()) {
			return dir, os.Chmod(dir, info.Mode().Perm()|0o011)
		}
	}
	if closed != "" {
		return "", fmt.Errorf("user %s, whom PostgreSQL runs as, cannot enter %s: "+
			"choose a folder elsewhere, such as /var/lib/todo, or allow it with chmod o+x %s",
			userName(a.uid), closed, closed)
	}
	return dir, nil
}

// lockFolder makes this process the owner of dir until the file is closed. It also returns the socket
// folder that the owner before recorded.
func lockFolder(dir string) (owner *os.File, earlierSocketDir string, err error) {
	path := filepath.Join(dir, ownerName)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, "", err
	}
	free, err := tryLock(f)
	text, _ := os.ReadFile(path)
	pid, socketDir, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	switch {
	case err != nil:
		f.Close()
		return nil, "", err
	case !free:
		f.Close()
		holder, _ := strconv.Atoi(pid)
		return nil, "", &InUseError{Dir: dir, PID: holder}
	}
	if err := recordOwner(f, socketDir); err != nil {
		f.Close()
		return nil, "", err
	}
	return f, socketDir, nil
}

func recordOwner(owner *os.File, socketDir string) error {
	if err := owner.Truncate(0); err != nil {
		return err
	}
	_, err := owner.WriteAt(fmt.Appendf(nil, "%d\n%s\n", os.Getpid(), socketDir), 0)
	return err
}

// tryLock says whether the lock was free and now is f's.
func tryLock(f *os.File) (bool, error) {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		case !errors.Is(err, syscall.EINTR):
			return false, fmt.Errorf("locking %s: %w", f.Name(), err)
		}
	}
}

// claim waits until no process of an earlier server is left, having called busy, if given, when there is one. The
// server's processes inherit the lock, so the kernel frees it with the last of them, however it ended. One that
// does not notice that its postmaster is gone, as when it waits for another that was killed, is ended after a while.
func (s *Server) claim(ctx context.Context, busy func(context.Context)) (*os.File, error) {
	path := filepath.Join(s.dir, claimName)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	overdue := time.After(lingering)
	for {
		free, err := tryLock(f)
		if free {
			return f, nil
		}
		if err != nil {
			f.Close()
			return nil, err
		}
		if busy != nil {
			busy(ctx)
			busy = nil
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, fmt.Errorf("waiting for the server that ran here before to end: %w", ctx.Err())
		case <-overdue:
			for _, pid := range orphans(path, s.install.program("postgres")) {
				s.log.Warn("ending a PostgreSQL process that outlived its server", zap.Int("pid", pid))
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
			overdue = time.After(lingering)
		case <-time.After(pollEvery):
		}
	}
}

// dropStalePID removes the postmaster.pid of a server of ours that was killed, known by its socket folder; the claim
// must be held. PostgreSQL would only ask whether the file's number belongs to some process, which in a restarted
// container it often does. The file of a server that somebody started by hand is left to PostgreSQL to judge.
func (s *Server) dropStalePID(socketDir string) {
	path := filepath.Join(s.data, "postmaster.pid")
	text, err := os.ReadFile(path)
	if err != nil {
		return
	}
	const socketLine = 4
	lines := strings.Split(string(text), "\n")
	if len(lines) <= socketLine {
		return
	}
	if socketDir != "" && lines[socketLine] == socketDir {
		if err := os.Remove(path); err != nil {
			s.log.Sugar().Debugf("removing %s: %v", path, err)
		}
	}
}

// initdb makes a new cluster beside its final place, so that one cut short is never taken for whole.
func (s *Server) initdb(ctx context.Context, claim *os.File) error {
	fresh := filepath.Join(s.dir, freshName)
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	if err := os.Mkdir(fresh, 0o700); err != nil {
		return err
	}
	if err := s.account.give(fresh); err != nil {
		return err
	}
	args := []string{
		"-D", fresh,
		"--username=" + Superuser,
		"--auth=trust", // the socket's folder lets nobody else in
		"--encoding=UTF8",
		"--locale=C",
		"--data-checksums",
		"--no-instructions",
	}
	if s.config.NoSync {
		args = append(args, "--no-sync")
	}
	if out, err := s.runTool(ctx, claim, "initdb", args...); err != nil {
		return fmt.Errorf("making a new database cluster: %w (%s)", err, lastLines(out))
	}
	if err := os.Rename(fresh, s.data); err != nil {
		return err
	}
	return syncFolder(s.dir)
}

func lastLines(text string) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-remembered):], "; ")
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// makeSocketDir makes a folder that only the account enters, on a path short enough for a socket.
func makeSocketDir(a account) (string, error) {
	const random = 10 // digits that MkdirTemp may add
	for _, base := range []string{os.TempDir(), "/tmp"} {
		if len(filepath.Join(base, socketPrefix, socketName))+random > longestSocket {
			continue
		}
		if closed, err := a.firstClosed(base); closed != "" || err != nil {
			continue
		}
		dir, err := os.MkdirTemp(base, socketPrefix)
		if err != nil {
			return "", fmt.Errorf("making a folder for the server's socket: %w", err)
		}
		return dir, a.give(dir)
	}
	return "", fmt.Errorf("user %s, whom PostgreSQL runs as, can enter neither %s nor /tmp to keep its socket there",
		userName(a.uid), os.TempDir())
}

// removeSocketDir removes what a server puts there and nothing else, as the path may come from a file.
func removeSocketDir(dir string) {
	if !strings.HasPrefix(filepath.Base(dir), socketPrefix) {
		return
	}
	left, _ := os.ReadDir(dir)
	for _, file := range left {
		if strings.HasPrefix(file.Name(), ".s.PGSQL.") { // the socket and its lock
			_ = os.Remove(filepath.Join(dir, file.Name()))
		}
	}
	_ = os.Remove(dir)
}
