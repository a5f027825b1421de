package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"todo-app/internal/app"
	"todo-app/internal/postgres"
	"todo-app/internal/postgres/migrations"
	"todo-app/internal/task"
)

func migrateCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database to this build's schema, or show where it is",
		Long: `Bring the database to this build's schema, or show where it is.

DATABASE_URL names the database, as a role that may create tables in it and
roles. The
roles todo_app and todo_sweep, which functions and the sweep connect as, are
created where they are missing; TODO_APP_PASSWORD and TODO_SWEEP_PASSWORD, or
files named by these with _FILE behind them, give them passwords. TODO_API_KEY,
or its file, is an API key that functions then take: one that was installed
before is revoked. It is for the tasks of TODO_API_KEY_OWNER, or local.`,
		Args: cobra.NoArgs,
		RunE: showHelp,
	}
	wait := time.Duration(0)
	up := &cobra.Command{Use: "up", Short: "Apply what is pending", Args: cobra.NoArgs,
		RunE: without(func(ctx context.Context, out io.Writer) error { return migrateUp(ctx, out, wait) })}
	up.Flags().DurationVar(&wait, "wait", 0, "how long to wait for a database that does not answer yet")
	status := &cobra.Command{Use: "status", Short: "Show every step", Args: cobra.NoArgs, RunE: without(migrateStatus)}
	c.AddCommand(up, status)
	return c
}

func migrateUp(ctx context.Context, out io.Writer, wait time.Duration) error {
	conn, err := connect(ctx, wait)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	applied, err := prepare(ctx, conn)
	for _, m := range applied {
		fmt.Fprintf(out, "applied %04d %s\n", m.Version, m.Name)
	}
	if err == nil && len(applied) == 0 {
		fmt.Fprintln(out, "nothing to apply")
	}
	return err
}

// prepare creates the roles and applies the migrations.
func prepare(ctx context.Context, conn *pgx.Conn) ([]migrations.Migration, error) {
	passwords, err := app.ReadRolePasswords()
	if err != nil {
		return nil, err
	}
	err = migrations.Roles(ctx, conn,
		migrations.Role{Name: postgres.AppRole, Password: passwords.App},
		migrations.Role{Name: postgres.SweepRole, Password: passwords.Sweep})
	if err != nil {
		return nil, err
	}
	applied, err := migrations.Up(ctx, conn)
	if err != nil {
		return nil, err
	}
	return applied, installKey(ctx, conn)
}

// installed is the name of the key that the environment brings.
const installed = "installed"

// installKey makes the key of the environment, if any, known to functions.
func installKey(ctx context.Context, conn *pgx.Conn) error {
	token, owner, err := app.InstalledKey()
	if err != nil || token == "" {
		return err
	}
	id, secret, ok := task.ParseAPIKey(token)
	if !ok {
		return errors.New("TODO_API_KEY is no API key: todo bootstrap and todo issue-key make them")
	}
	key, err := task.NewAPIKey{Name: installed, Scope: task.ScopeWrite}.Make(owner, id, secret, time.Now())
	if err != nil {
		return err
	}
	return postgres.InstallAPIKey(ctx, conn, key)
}

func migrateStatus(ctx context.Context, out io.Writer) error {
	conn, err := connect(ctx, 0)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	steps, err := migrations.Status(ctx, conn)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "STEP\tNAME\tSERVES BUILDS FROM\tAPPLIED")
	for _, m := range steps {
		applied := "pending"
		if !m.Applied.IsZero() {
			applied = m.Applied.UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(table, "%04d\t%s\t%d\t%s\n", m.Version, m.Name, m.Serves, applied)
	}
	return table.Flush()
}

// connect opens the database that the environment names, as the schema's
// owner, trying for as long as wait says.
func connect(ctx context.Context, wait time.Duration) (*pgx.Conn, error) {
	s, err := app.ToolSettings()
	if err != nil {
		return nil, err
	}
	if s.DatabaseURL == "" {
		return nil, app.ErrNoDatabase
	}
	return dial(ctx, s.DatabaseURL, s.DatabaseCA, wait)
}

func dial(ctx context.Context, url string, ca *x509.CertPool, wait time.Duration) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("reading the database URL: %w", err)
	}
	if err := postgres.Trust(&config.Config, ca); err != nil {
		return nil, err
	}
	config.ConnectTimeout = 5 * time.Second
	tries := uint(0) // as many as fit
	if wait == 0 {
		tries = 1
	}
	return backoff.Retry(ctx, func() (*pgx.Conn, error) {
		conn, err := pgx.ConnectConfig(ctx, config)
		if err != nil && wait > 0 {
			fmt.Fprintf(os.Stderr, "waiting for the database: %v\n", err)
		}
		return conn, err
	}, backoff.WithMaxElapsedTime(max(wait, time.Nanosecond)), backoff.WithMaxTries(tries))
}
