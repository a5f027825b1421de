//go:build unix

package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// oldest is the first major version with all that is asked of initdb here, and the oldest still maintained.
const oldest = 14

// ErrNotInstalled says that this machine has no PostgreSQL of a usable version, and how to get one.
var ErrNotInstalled = errors.New(`PostgreSQL 14 or newer is not installed; get it with
  Debian, Ubuntu   apt-get install postgresql
  Fedora           dnf install postgresql-server
  Alpine           apk add postgresql
  Arch             pacman -S postgresql
  macOS            brew install postgresql`)

// places are where distributions put a server's programs without naming them in PATH.
var places = []string{
	"/usr/lib/postgresql/*/bin", // Debian, Ubuntu
	"/usr/pgsql-*/bin",          // PostgreSQL's own RPMs
	"/usr/libexec/postgresql*",  // Alpine
	"/usr/lib/postgresql*/bin",  // openSUSE
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
	"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// install is one PostgreSQL on this machine.
type install struct {
	bin   string
	major int
}

func (i install) program(name string) string { return filepath.Join(i.bin, name) }

// findInstall chooses the version that made data, or the newest where there is no data yet.
func findInstall(ctx context.Context, bin, data string) (install, error) {
	found := installs(ctx, bin)
	if len(found) == 0 {
		if bin != "" {
			return install{}, fmt.Errorf("looking in %s: %w", bin, ErrNotInstalled)
		}
		return install{}, ErrNotInstalled
	}
	text, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(data); err == nil {
			return install{}, fmt.Errorf("%s is not a PostgreSQL data folder", data)
		}
		return found[0], nil
	}
	if err != nil {
		return install{}, err
	}
	made := strings.TrimSpace(string(text))
	var majors []string
	for _, i := range found {
		if strconv.Itoa(i.major) == made {
			return i, nil
		}
		majors = append(majors, strconv.Itoa(i.major))
	}
	return install{}, fmt.Errorf("the data was made by PostgreSQL %[1]s and this machine has %[2]s: "+
		"install PostgreSQL %[1]s beside it, or carry the data over with pg_upgrade or pg_dumpall, "+
		"or remove %[3]s to begin with nothing", made, strings.Join(slices.Compact(majors), ", "), data)
}

// installs lists what is usable, newest first.
func installs(ctx context.Context, bin string) []install {
	dirs := []string{bin}
	if bin == "" {
		dirs = candidates(ctx)
	}
	var found []install
	for _, dir := range dirs {
		i := install{bin: dir}
		if !i.complete() {
			continue
		}
		if i.major = i.version(ctx); i.major >= oldest {
			found = append(found, i)
		}
	}
	slices.SortStableFunc(found, func(a, b install) int { return b.major - a.major })
	return found
}

// candidates begins with what the user put first: pg_config, then PATH.
func candidates(ctx context.Context) []string {
	var dirs []string
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil { // initdb looks for postgres beside itself
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	for _, place := range places {
		matches, _ := filepath.Glob(place) // the only error is a malformed pattern
		dirs = append(dirs, matches...)
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(dirs, func(dir string) bool {
		again := seen[dir]
		seen[dir] = true
		return again
	})
}

func (i install) complete() bool {
	for _, name := range []string{"postgres", "initdb", "pg_ctl"} {
		info, err := os.Stat(i.program(name))
		if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
			return false
		}
	}
	return true
}

// version is the major version, or 0 for a program that does not tell one.
func (i install) version(ctx context.Context) int {
	out, err := exec.CommandContext(ctx, i.program("postgres"), "--version").Output()
	if err != nil {
		return 0
	}
	// postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1), or 18beta2
	_, rest, _ := strings.Cut(string(out), "(PostgreSQL) ")
	digits := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	if digits < 0 {
		return 0
	}
	major, _ := strconv.Atoi(rest[:digits])
	return major
}
