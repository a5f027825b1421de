package client

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"todo-app/internal/httpapi"
)

func (p *Program) settings() *cobra.Command {
	zone, archive := "", ""
	c := &cobra.Command{
		Use:   "settings",
		Short: "Show or change what the service keeps about you",
		Long: `Show or change what the service keeps about you: the time zone in which tasks
repeat and reminders come, and in which other programs see today and tomorrow,
and after how many days without a change completed tasks are archived.`,
		Example: `  todo settings
  todo settings --time-zone Europe/Berlin
  todo settings --auto-archive 30
  todo settings --auto-archive never`,
		Args: cobra.NoArgs,
	}
	c.Flags().StringVar(&zone, "time-zone", "", "the time zone to keep, such as Europe/Berlin")
	c.Flags().StringVar(&archive, "auto-archive", "", "archive completed tasks after that many days without a change; never: keep them")
	return p.verb(c, func(ctx context.Context, s *session, _ []string) error {
		settings, err := s.client.Settings(ctx)
		if err == nil && (zone != "" || archive != "") {
			settings, err = s.changeSettings(ctx, settings, zone, archive)
		}
		if err != nil {
			return err
		}
		if s.json {
			return s.printJSON(s.answer)
		}
		s.print("time zone     %s", settings.TimeZone)
		after := "never"
		if days := settings.AutoArchiveDays; days != nil {
			after = fmt.Sprintf("after %d days", *days)
		}
		s.print("auto-archive  %s", after)
		return nil
	})
}

// changeSettings stores settings with what is given of a zone and of a number
// of days, and reads them again.
func (s *session) changeSettings(ctx context.Context, settings httpapi.Settings, zone, archive string) (httpapi.Settings, error) {
	if zone != "" {
		settings.TimeZone = zone
	}
	if archive != "" {
		days, err := strconv.Atoi(archive)
		if err != nil && archive != "never" {
			return settings, misused("--auto-archive must be a number of days, or never")
		}
		settings.AutoArchiveDays = &days
		if archive == "never" {
			settings.AutoArchiveDays = nil
		}
	}
	if err := s.client.PutSettings(ctx, settings); err != nil {
		return settings, err
	}
	return s.client.Settings(ctx)
}
