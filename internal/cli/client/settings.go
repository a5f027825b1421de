package client

import (
	"context"

	"github.com/spf13/cobra"

	"todo-app/internal/httpapi"
)

func (p *Program) settings() *cobra.Command {
	zone := ""
	c := &cobra.Command{
		Use:   "settings",
		Short: "Show or change what the service keeps about you",
		Long: `Show or change what the service keeps about you: the time zone in which tasks
repeat and reminders come, and in which other programs see today and tomorrow.`,
		Example: `  todo settings
  todo settings --time-zone Europe/Berlin`,
		Args: cobra.NoArgs,
	}
	c.Flags().StringVar(&zone, "time-zone", "", "the time zone to keep, such as Europe/Berlin")
	return p.verb(c, func(ctx context.Context, s *session, _ []string) error {
		if c.Flags().Changed("time-zone") {
			if err := s.client.PutSettings(ctx, httpapi.Settings{TimeZone: zone}); err != nil {
				return err
			}
		}
		settings, err := s.client.Settings(ctx)
		if err != nil {
			return err
		}
		if s.json {
			return s.printJSON(s.answer)
		}
		s.print("time zone  %s", settings.TimeZone)
		return nil
	})
}
