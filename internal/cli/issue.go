package cli

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"

	"todo-app/internal/cli/client"
	"todo-app/internal/postgres"
	"todo-app/internal/task"
)

func issueCommand() *cobra.Command {
	var reads, ops bool
	var life time.Duration
	c := &cobra.Command{
		Use:   "issue-key OWNER NAME",
		Short: "Make an API key for an owner, in the database",
		Long: `Make an API key for an owner, in the database that DATABASE_URL names, as the
owner of its schema, and print it. This is how somebody gets a first key; with
that they make others themselves (todo key create). What is stored does not
lead back to the key. A key of the same name is replaced.

With --ops it opens what operators are told (todo scaling) and no task at all.`,
		Example: `  DATABASE_URL=postgres://todo@db/todo todo issue-key alice "first key"
  todo issue-key reports nightly --read-only --life 720h
  todo issue-key operator watching --ops`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			wanted := task.NewAPIKey{Name: args[1], Scope: task.ScopeWrite}
			switch {
			case reads && ops:
				return &client.Failure{Code: client.Usage, Text: "--read-only and --ops exclude each other"}
			case reads:
				wanted.Scope = task.ScopeRead
			case ops:
				wanted.Scope = task.ScopeOps
			}
			now := time.Now()
			if life != 0 {
				wanted.ExpiresAt = now.Add(life)
			}
			token, err := issue(c.Context(), args[0], wanted, now)
			if err == nil {
				fmt.Fprintln(c.OutOrStdout(), token)
			}
			return err
		},
	}
	c.Flags().BoolVar(&reads, "read-only", false, "a key that changes nothing")
	c.Flags().BoolVar(&ops, "ops", false, "a key for operators, which opens no tasks")
	c.Flags().DurationVar(&life, "life", 0, "how long it is good for; for ever if 0")
	return c
}

// issue stores a key and returns its token.
func issue(ctx context.Context, owner string, wanted task.NewAPIKey, now time.Time) (string, error) {
	conn, err := connect(ctx, 0)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	return issueOn(ctx, conn, owner, wanted, now)
}

func issueOn(ctx context.Context, conn *pgx.Conn, owner string, wanted task.NewAPIKey, now time.Time) (string, error) {
	secret := rand.Text()
	key, err := wanted.Make(owner, task.ID(uuid.Must(uuid.NewV7())), secret, now)
	if err != nil {
		return "", err
	}
	return key.Token(secret), postgres.InstallAPIKey(ctx, conn, key)
}
