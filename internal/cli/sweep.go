package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"todo-app/internal/app"
)

func sweepCommand() *cobra.Command {
	var discard bool
	c := &cobra.Command{
		Use:   "sweep",
		Short: "Fire reminders, deliver the events that wait, and tidy up",
		Long: `Fire the reminders that are due, deliver the events that wait, archive the
completed tasks of owners who want that after some days, and remove what has
served its time: idempotency keys after a day, events that the sink refused and
steps to undo after 30, histories of deleted tasks after TODO_HISTORY_DAYS. Run it every minute or so; it ends when nothing is left to do. Several
may run at once: each reminder is fired by one of them. TODO_TIME_ZONE must be
that of the functions: reminders of owners who have set no zone go by it.
DATABASE_URL connects as todo_sweep,
K_SINK says where events go. Without a sink they wait, unless
--discard-events gives them up.`,
		Args: cobra.NoArgs,
		RunE: without(func(ctx context.Context, _ io.Writer) error {
			s, err := app.ToolSettings()
			if err != nil {
				return err
			}
			if s.DatabaseURL == "" {
				return app.ErrNoDatabase
			}
			sweeper, err := app.NewSweeper(ctx, s, logger(s))
			if err != nil {
				return err
			}
			defer sweeper.Close(context.WithoutCancel(ctx))
			return sweeper.Sweep(ctx, discard)
		}),
	}
	c.Flags().BoolVar(&discard, "discard-events", false, "remove the events that wait for delivery, on a site that has no sink")
	return c
}
