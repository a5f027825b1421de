package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"todo-app/internal/pgserver"
	"todo-app/internal/postgres"
	"todo-app/internal/postgres/migrations"
)

// world is what is measured in: programs, servers, and the processes that run.
type world struct {
	dir       string
	versions  string
	postgres  *pgserver.Server
	pgbin     string // PostgreSQL's own programs
	redis     *process
	processes []*process
}

// open builds the programs and starts the servers in a new folder under dir.
func open(ctx context.Context, dir string) (*world, error) {
	dir, err := os.MkdirTemp(dir, "todo-bench-")
	if err != nil {
		return nil, err
	}
	w := &world{dir: dir}
	if err = os.Chmod(dir, 0o755); err == nil { // PostgreSQL's user has to pass
		err = w.start(ctx)
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *world) start(ctx context.Context) error {
	if err := w.build(ctx); err != nil {
		return err
	}
	var err error
	if w.postgres, err = pgserver.Start(ctx, pgserver.Config{Dir: filepath.Join(w.dir, "postgres")}); err != nil {
		return err
	}
	if err := w.startRedis(ctx); err != nil {
		return err
	}
	return w.as(ctx, pgserver.Superuser, pgserver.Superuser, func(conn *pgx.Conn) error {
		if err := conn.QueryRow(ctx, "select setting from pg_config where name = 'BINDIR'").Scan(&w.pgbin); err != nil {
			return err
		}
		redis, _ := exec.CommandContext(ctx, w.redis.cmd.Path, "--version").Output() // "Redis server v=7.0.15 sha=..."
		w.versions = "PostgreSQL " + conn.PgConn().ParameterStatus("server_version") + ", " + strings.Join(strings.Fields(string(redis))[:min(3, len(strings.Fields(string(redis))))], " ")
		return migrations.Roles(ctx, conn, migrations.Role{Name: postgres.AppRole}, migrations.Role{Name: postgres.SweepRole})
	})
}

// build compiles the functions as their images do, and the yardsticks alike.
func (w *world) build(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-o", filepath.Join(w.dir, "bin")+"/",
		"todo-app/functions/...", "todo-app/cmd/todo", "todo-app/bench/door", "todo-app/bench/hello", "todo-app/bench/floor", "todo-app/bench/server")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building the programs: %w\n%s", err, out)
	}
	return nil
}

func (w *world) startRedis(ctx context.Context) error {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		if program, err = exec.LookPath("valkey-server"); err != nil {
			return errors.New("redis-server is not installed: make bench installs it on Debian and Ubuntu")
		}
	}
	addr, port, err := freeAddress()
	if err != nil {
		return err
	}
	w.redis, err = start(program, nil, "--port", port, "--bind", "127.0.0.1", "--dir", w.dir, "--save", "", "--appendonly", "no")
	if err != nil {
		return err
	}
	w.redis.addr = addr
	conn, err := w.redis.dial(ctx)
	if err != nil {
		return err
	}
	return conn.Close()
}

func (w *world) program(name string) string { return filepath.Join(w.dir, "bin", name) }

func (w *world) redisURL() string { return "redis://" + w.redis.addr + "/0" }

// run starts a program that listens, until the end of its section.
func (w *world) run(ctx context.Context, program string, env []string, args ...string) (*process, error) {
	p, err := listening(ctx, w.program(program), env, args...)
	if err == nil {
		w.processes = append(w.processes, p)
	}
	return p, err
}

// function starts a function as a cluster would; redis may be "".
func (w *world) function(ctx context.Context, name, database, redis string) (*process, error) {
	return w.run(ctx, name, w.functionEnv(database, redis))
}

func (w *world) functionEnv(database, redis string) []string {
	return []string{"TODO_AUTH=none", "DATABASE_URL=" + w.postgres.URL(postgres.AppRole, database), "REDIS_URL=" + redis}
}

func (w *world) stopProcesses() {
	for _, p := range w.processes {
		p.stop()
	}
	w.processes = nil
}

// close ends everything and removes the folder.
func (w *world) close() {
	w.stopProcesses()
	if w.redis != nil {
		w.redis.stop()
	}
	if w.postgres != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := w.postgres.Stop(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
		}
	}
	if err := os.RemoveAll(w.dir); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
}
