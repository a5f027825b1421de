package client

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"todo-app/internal/cli/terminal"
	"todo-app/internal/scaling"
)

func (p *Program) scaling() *cobra.Command {
	c := &cobra.Command{
		Use:   "scaling",
		Short: "Show how the functions scale, what they use, and what to set otherwise",
		Long: `Show how the functions scale: pods wanted and running, what they did and used over the
last seven days or since they are known, the starts that somebody waited for,
connections to the database, and which values of the chart should be others. The
service tells this to operators only: their key is made with todo issue-key --ops.
What runs on a cluster is shown by todo revisions too, by the cluster's own
credentials and without the service.`,
		Example: `  todo scaling
  todo scaling --json | jq -r '.functions[].advice[] | "\(.value): \(.better)"'`,
		Args: cobra.NoArgs,
	}
	return p.verb(c, func(ctx context.Context, s *session, _ []string) error {
		r, err := s.client.Scaling(ctx)
		switch {
		case err != nil:
			return err
		case s.json:
			return s.printJSON(s.answer)
		}
		return s.showScaling(r)
	})
}

var scalingColumns = []terminal.Column{
	{Title: "FUNCTION"}, {Title: "PODS"}, {Title: "REVISION", Spare: 1}, {Title: "REQUESTS"}, {Title: "FAILED", Spare: 4}, {Title: "COLD STARTS", Spare: 3},
	{Title: "CPU", Spare: 5}, {Title: "MEMORY", Spare: 6}, {Title: "CONNECTIONS", Spare: 2}, {Title: "LAST SCALED", Spare: 7},
}

func (s *session) showScaling(r scaling.Report) error {
	if !r.Cluster.Known {
		s.print("This shows what runs here, at one place: the cluster is not known, as %s.", terminal.Line(r.Cluster.Detail))
	}
	if !r.Storage.Known {
		s.print("What the functions did is not known: %s.", terminal.Line(r.Storage.Detail))
	}
	var rows [][]terminal.Cell
	for _, f := range r.Functions {
		rows = append(rows, s.scalingRow(f))
	}
	if err := s.out.Table(scalingColumns, rows); err != nil {
		return err
	}
	if c := r.Connections; c != nil {
		fmt.Fprintln(s.out)
		s.print("%d of the database's %d connections are used%s.", c.Used, c.Most, most(", the functions can come to hold %d", c.Budget))
	}
	for _, f := range r.Functions {
		for _, a := range f.Advice {
			s.print("%s: %s instead of %s, as %s.", terminal.Line(a.Value), terminal.Line(a.Better), terminal.Line(a.Now), terminal.Line(a.Why))
		}
	}
	return nil
}

// most writes a number that may be unknown, or nothing.
func most(format string, n *int) string {
	if n == nil {
		return ""
	}
	return fmt.Sprintf(format, *n)
}

// unknown stands for what is not known.
const unknown = "-"

func (s *session) scalingRow(f scaling.Function) []terminal.Cell {
	row := make([]terminal.Cell, len(scalingColumns))
	for i := range row {
		row[i] = terminal.Cell{Text: unknown, Style: terminal.Faint}
	}
	row[0] = terminal.Cell{Text: f.Function, Style: terminal.Name}
	if d := f.Deployed; d != nil {
		row[1].Text, row[2].Text = fmt.Sprintf("%d of %d", d.Running, d.Wanted), d.Revision
		if len(d.Events) > 0 {
			row[9].Text = d.Events[0].At.In(s.view.Zone).Format("15:04 ") + d.Events[0].Text
		}
	}
	if o := f.Observed; o != nil {
		row[3].Text, row[4].Text = strconv.FormatInt(o.Requests, 10), strconv.FormatInt(o.Failed, 10)
		row[5].Text = strconv.Itoa(o.Cold.Starts)
		if o.Cold.Starts > 0 {
			row[5].Text += " in " + time.Duration(o.Cold.Mean*float64(time.Millisecond)).Round(time.Millisecond).String()
		}
		row[6].Text, row[7].Text = fmt.Sprintf("%gm", o.CPU), fmt.Sprintf("%dMi", (o.Memory+1<<20-1)>>20)
	}
	if c := f.Connections; c != nil {
		row[8].Text = strconv.Itoa(c.Used) + most(" of %d", c.Budget)
	}
	return row
}
