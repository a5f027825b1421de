package client

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"todo-app/internal/cli/terminal"
	"todo-app/internal/httpapi"
	"todo-app/internal/task"
)

func (p *Program) key() *cobra.Command {
	c := &cobra.Command{
		Use:   "key",
		Short: "Make, list and revoke API keys",
		Long: `Make, list and revoke API keys, with which programs act for you. A key is shown
once, when it is made: keep it where secrets are kept. The key that you sign in
with is made by whoever runs the service (todo issue-key, or the chart).`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.keyCreate(), p.keyList(), p.keyRevoke())
	return c
}

func (p *Program) keyCreate() *cobra.Command {
	var reads bool
	var life time.Duration
	c := &cobra.Command{
		Use:   "create NAME",
		Short: "Make a key, and print it",
		Long:  "Make a key, and print it alone on a line, this once. The name tells you later which is which, and histories what it did.",
		Example: `  todo key create backup --read-only
  todo key create ci --life 720h | pass insert --multiline todo`,
		Args: cobra.ExactArgs(1),
	}
	c.Flags().BoolVar(&reads, "read-only", false, "a key that changes nothing")
	c.Flags().DurationVar(&life, "life", 0, "how long it is good for; for ever if 0")
	return p.verb(c, func(ctx context.Context, s *session, args []string) error {
		scope, expires := task.ScopeWrite, time.Time{}
		if reads {
			scope = task.ScopeRead
		}
		if life < 0 {
			return misused("--life must be a time to come")
		}
		if life > 0 {
			expires = s.view.Now.Add(life)
		}
		made, err := s.client.CreateKey(ctx, args[0], scope, expires)
		switch {
		case err != nil:
			return err
		case s.json:
			return s.printJSON(s.answer)
		}
		_, err = fmt.Fprintln(s.out, made.Token)
		return err
	})
}

// keyColumns are those of a list of keys.
var keyColumns = []terminal.Column{
	{Title: "ID"}, {Title: "SCOPE", Spare: 2}, {Title: "MADE", Spare: 4}, {Title: "EXPIRES", Spare: 1}, {Title: "LAST USED", Spare: 3}, {Title: "NAME", Grows: true},
}

func (p *Program) keyList() *cobra.Command {
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the keys",
		Long:    "List the keys, oldest first. When one was last used is known to within ten minutes.",
		Example: "  todo key list",
		Args:    cobra.NoArgs,
	}
	return p.verb(c, func(ctx context.Context, s *session, _ []string) error {
		keys, err := s.client.Keys(ctx)
		switch {
		case err != nil:
			return err
		case s.json:
			return s.printJSON(s.answer)
		case len(keys) == 0:
			s.notice("There are none.")
			return nil
		}
		rows := make([][]terminal.Cell, len(keys))
		for i, k := range keys {
			rows[i] = []terminal.Cell{
				{Text: k.ID.String(), Style: terminal.Name}, {Text: string(k.Scope)}, {Text: k.CreatedAt.In(s.view.Zone).Format(time.DateOnly)},
				{Text: s.dayOf(k.ExpiresAt, "never")}, {Text: s.dayOf(k.LastUsedAt, "never")}, {Text: k.Name},
			}
		}
		return s.out.Table(keyColumns, rows)
	})
}

// dayOf writes a day, or what stands for none.
func (s *session) dayOf(t *time.Time, none string) string {
	if t == nil {
		return none
	}
	return t.In(s.view.Zone).Format(time.DateOnly)
}

func (p *Program) keyRevoke() *cobra.Command {
	yes := false
	c := &cobra.Command{
		Use:     "revoke ID",
		Short:   "Revoke a key",
		Long:    "Revoke a key, by the id that todo key list shows. What used it is refused from then on; some functions take it for ten seconds more.",
		Example: "  todo key revoke 0190b6a0-5f3c-7000-8000-5b5e2f0c7a11",
		Args:    cobra.ExactArgs(1),
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return p.verb(c, func(ctx context.Context, s *session, args []string) error {
		id, err := task.ParseID(args[0])
		if err != nil {
			return misused("the id %v", err)
		}
		name, err := s.nameOfKey(ctx, id)
		if err != nil {
			return err
		}
		if err := s.agree(ctx, fmt.Sprintf("Revoke the key %q?", name), yes); err != nil {
			return err
		}
		if err := s.client.RevokeKey(ctx, id); err != nil {
			return err
		}
		if s.json {
			return json.NewEncoder(s.out).Encode(map[string]task.ID{"revoked": id})
		}
		s.print("revoked    %s", name)
		return nil
	})
}

// nameOfKey returns what a key is called.
func (s *session) nameOfKey(ctx context.Context, id task.ID) (string, error) {
	keys, err := s.client.Keys(ctx)
	for _, k := range keys {
		if k.ID == id {
			return k.Name, nil
		}
	}
	if err == nil {
		err = &httpapi.Problem{Status: 404, Detail: task.ErrNoAPIKey.Error()}
	}
	return "", err
}
