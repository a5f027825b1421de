package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"todo-app/internal/app"
	"todo-app/internal/app/assistant"
	"todo-app/internal/app/chat"
	"todo-app/internal/app/frontdoor"
	"todo-app/internal/app/function"
	"todo-app/internal/app/operator"
	"todo-app/internal/auth"
	"todo-app/internal/cli/client"
	"todo-app/internal/pgserver"
	"todo-app/internal/postgres"
	"todo-app/internal/task"
	"todo-app/internal/telemetry"
)

func serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run all functions in one process",
		Long: `Run all functions in one process.

Without DATABASE_URL it brings a PostgreSQL of its own, run from the binaries
on this machine, and keeps the data under TODO_DATA_DIR. A database named by
DATABASE_URL is migrated first: its login must own the schema and, where they
are missing, may create the roles that functions connect as. PORT (8080) and
TODO_HOST (127.0.0.1) say where it listens, TODO_AUTH how callers say who they
are (with apikey the first key is printed, once), REDIS_URL adds a cache, K_SINK
says where events go. docs/settings.md lists all settings.`,
		Args: cobra.NoArgs,
		RunE: without(serveAll),
	}
}

const (
	startTime  = time.Minute      // to bring the database up
	stopTime   = 20 * time.Second // to take it down
	sweepPause = 30 * time.Second
)

func serveAll(ctx context.Context, out io.Writer) error {
	s, err := app.ServeSettings()
	if err != nil {
		return err
	}
	log := logger(s)
	sweep := s
	if s.DatabaseURL == "" {
		server, err := startDatabase(ctx, log)
		if err != nil {
			return err
		}
		defer func() {
			stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
			defer cancel()
			if err := server.Stop(stopping); err != nil {
				log.Error("stopping PostgreSQL", zap.Error(err))
			}
		}()
		if err := setUp(ctx, out, s, server.URL(pgserver.Superuser, "postgres"), log); err != nil {
			return err
		}
		s.DatabaseURL = server.URL(postgres.AppRole, "postgres")
		sweep.DatabaseURL = server.URL(postgres.SweepRole, "postgres")
	} else {
		if err := setUp(ctx, out, s, s.DatabaseURL, log); err != nil {
			return err
		}
		s.DatabaseRole, sweep.DatabaseRole = postgres.AppRole, postgres.SweepRole
	}
	return serveOn(ctx, out, s, sweep, log)
}

// serveOn serves from a database that is ready, and sweeps beside it.
func serveOn(ctx context.Context, out io.Writer, s, sweep app.Settings, log *zap.Logger) error {
	a, err := app.New(ctx, s, log)
	if err != nil {
		return err
	}
	a.ReportTotals()
	a.Mount(frontdoor.Pages(s.SignIn)...)
	for _, attach := range []func(*app.App, *zap.Logger) error{assistant.Attach, operator.Attach, chat.Attach} {
		if err := attach(a, log); err != nil {
			return err
		}
	}
	sweep.Telemetry = telemetry.Settings{} // one of a process, which a has
	sweeper, err := app.NewSweeper(ctx, sweep, log)
	if err != nil {
		return err
	}
	sweeping, stop := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { sweeper.Every(sweeping, sweepPause, s.Sink == "") })
	defer func() {
		stop()
		beside.Wait()
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		sweeper.Close(closing)
	}()
	return a.Serve(ctx, func(api net.Addr) {
		fmt.Fprintf(out, "todo is at http://%s: open that in a browser, try curl %[2]shttp://%[1]s/api/v1/tasks, or read http://%[1]s/docs%[3]s\n", api, credential(s), elsewhere(api))
	}, app.Create, app.List, app.Watch, app.Update, app.Delete, app.Health, app.MCP, app.Chat)
}

// credential is what curl has to be told of a service that asks who calls.
func credential(s app.Settings) string {
	switch {
	case s.Takes(function.APIKey):
		return "-H 'Authorization: Bearer KEY' "
	case s.Takes(function.JWT):
		return "-H 'Authorization: Bearer TOKEN' "
	}
	return ""
}

// elsewhere says how the verbs find a service that is not where they look.
func elsewhere(api net.Addr) string {
	if "http://"+strings.Replace(api.String(), "127.0.0.1", "localhost", 1) == client.DefaultURL {
		return ""
	}
	return fmt.Sprintf("; TODO_URL=http://%s, or todo login http://%[1]s, has the other commands find it", api)
}

// setUp creates what the database lacks.
func setUp(ctx context.Context, out io.Writer, s app.Settings, url string, log *zap.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	conn, err := dial(ctx, url, s.DatabaseCA, 0)
	if err != nil {
		return fmt.Errorf("connecting to the database: %w", err)
	}
	defer conn.Close(ctx)
	applied, err := prepare(ctx, conn)
	if n := len(applied); n > 0 { // one line for all: those of a new database would hide what is for people
		log.Info("migrated the database", zap.Int("from", applied[0].Version-1), zap.Int("to", applied[n-1].Version))
	}
	if err != nil {
		return fmt.Errorf("setting up the database: %w", err)
	}
	if s.Takes(function.APIKey) {
		return firstKey(ctx, conn, out)
	}
	return nil
}

// firstKey makes an API key where there is none at all, and prints it: else
// nobody could begin.
func firstKey(ctx context.Context, conn *pgx.Conn, out io.Writer) error {
	some, err := postgres.AnyAPIKey(ctx, conn)
	if err != nil || some {
		return err
	}
	token, err := issueOn(ctx, conn, auth.Local, task.NewAPIKey{Name: "first", Scope: task.ScopeWrite}, time.Now())
	if err == nil {
		fmt.Fprintf(out, "the first API key, shown this once: %s\n", token)
	}
	return err
}

func startDatabase(ctx context.Context, log *zap.Logger) (*pgserver.Server, error) {
	dir, err := dataDir()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	server, err := pgserver.Start(ctx, pgserver.Config{Dir: dir, Log: log})
	if errors.Is(err, pgserver.ErrNotInstalled) {
		return nil, fmt.Errorf("%w\nor set DATABASE_URL to use a PostgreSQL that runs elsewhere", err)
	}
	return server, err
}

// dataDir returns where the private database keeps its data. Root's cannot be
// in its home, which the database's unprivileged user may not enter.
func dataDir() (string, error) {
	if dir := os.Getenv("TODO_DATA_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	if os.Geteuid() == 0 {
		return "/var/lib/todo-app", nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "todo-app"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("finding a place for the data: %w; set TODO_DATA_DIR", err)
	}
	return filepath.Join(home, ".local", "share", "todo-app"), nil
}
