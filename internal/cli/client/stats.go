package client

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"todo-app/internal/cli/terminal"
	"todo-app/internal/httpapi"
)

func (p *Program) stats() *cobra.Command {
	trends := false
	c := &cobra.Command{
		Use:   "stats",
		Short: "Show your tasks in numbers",
		Long: `Show your tasks in numbers: how many there are of each kind, what is due and what
was due first. --trends shows how much of them is done, and how many were done on
each of the last 30 days, with bars where the window has room. Archived tasks count
among all there are, and among what was done on a day, and nowhere else.`,
		Example: `  todo stats
  todo stats --trends
  todo stats --json | jq .completion_rate`,
		Args: cobra.NoArgs,
	}
	c.Flags().BoolVar(&trends, "trends", false, "show how much is done, and when it was")
	return p.verb(c, func(ctx context.Context, s *session, _ []string) error {
		if trends {
			return s.showTrends(ctx)
		}
		return s.showStats(ctx)
	})
}

func (s *session) showStats(ctx context.Context) error {
	n, err := s.client.Stats(ctx)
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(s.answer)
	}
	s.fact("tasks", fmt.Sprintf("%d, %d of them archived", n.Total, n.Archived), terminal.Strong)
	s.fact("open", strconv.FormatInt(n.Pending, 10), terminal.Plain)
	s.fact("done", fmt.Sprintf("%d, %s", n.Completed, percent(n.CompletionRate)), terminal.Good)
	late := terminal.Plain
	if n.Overdue > 0 {
		late = terminal.Bad
	}
	s.fact("overdue", strconv.FormatInt(n.Overdue, 10), late)
	if t := n.OldestOverdue; t != nil {
		s.fact("", fmt.Sprintf("since longest %s  %s, due %s", short(t.ID), t.Title, when(t.Due, s.view)), terminal.Plain)
	}
	s.fact("due", fmt.Sprintf("%d today, %d tomorrow, %d in seven days, %d without a date", n.Today, n.Tomorrow, n.ThisWeek, n.NoDueDate), terminal.Plain)
	s.fact("today", fmt.Sprintf("%d created, %d done", n.CreatedToday, n.CompletedToday), terminal.Plain)
	s.fact("kinds", fmt.Sprintf("%d subtasks, %d not; %d depend on others, %d repeat", n.Subtasks, n.Root, n.WithDependencies, n.Recurring), terminal.Plain)
	s.fact("priority", fmt.Sprintf("%d high, %d medium, %d low", n.ByPriority["high"], n.ByPriority["medium"], n.ByPriority["low"]), terminal.Plain)
	s.fact("category", categories(n), terminal.Plain)
	return nil
}

// categories lists the largest categories first.
func categories(n httpapi.Stats) string {
	names := slices.SortedFunc(maps.Keys(n.ByCategory), func(a, b string) int {
		return cmp.Or(cmp.Compare(n.ByCategory[b], n.ByCategory[a]), cmp.Compare(a, b))
	})
	var told []string
	for _, name := range names {
		told = append(told, fmt.Sprintf("%d %s", n.ByCategory[name], name))
	}
	if more := n.Categories - int64(len(names)); more > 0 {
		told = append(told, fmt.Sprintf("and %d categories more", more))
	}
	return strings.Join(told, ", ")
}

func percent(p float64) string { return strconv.FormatFloat(p, 'f', -1, 64) + " %" }

// trendColumns are those of both tables of trends; where there is no room for
// bars, numbers are all there is.
var trendColumns = []terminal.Column{{Title: "", Most: 24}, {Title: "done"}, {Title: "of"}, {Title: ""}, {Title: "", Spare: 1}}

func (s *session) showTrends(ctx context.Context) error {
	t, err := s.client.Trends(ctx)
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(s.answer)
	}
	rows := [][]terminal.Cell{s.share("all", t.Overall)}
	for _, name := range []string{"high", "medium", "low"} {
		rows = append(rows, s.share(name, t.ByPriority[name]))
	}
	for _, name := range slices.SortedFunc(maps.Keys(t.ByCategory), func(a, b string) int {
		return cmp.Or(cmp.Compare(t.ByCategory[b].Total, t.ByCategory[a].Total), cmp.Compare(a, b))
	}) {
		rows = append(rows, s.share(name, t.ByCategory[name]))
	}
	if err := s.out.Table(trendColumns, rows); err != nil {
		return err
	}
	fmt.Fprintln(s.out)
	return s.showDays(t.Days)
}

// share is how much of some tasks is done.
func (s *session) share(name string, d httpapi.Done) []terminal.Cell {
	return []terminal.Cell{
		{Text: name},
		{Text: strconv.FormatInt(d.Completed, 10)},
		{Text: strconv.FormatInt(d.Total, 10)},
		{Text: percent(d.Percent), Style: terminal.Strong},
		{Text: s.bar(d.Percent, 100), Style: terminal.Good},
	}
}

func (s *session) showDays(days []httpapi.TrendDay) error {
	most := int64(0)
	for _, d := range days {
		most = max(most, d.Completed)
	}
	var rows [][]terminal.Cell
	for _, d := range days {
		if d.Completed == 0 {
			continue
		}
		name := d.Date
		if at, err := time.Parse(time.DateOnly, d.Date); err == nil {
			name = at.Format("Mon _2 Jan")
		}
		rows = append(rows, []terminal.Cell{
			{Text: name},
			{Text: strconv.FormatInt(d.Completed, 10)},
			{Text: s.bar(float64(d.Completed), float64(most)), Style: terminal.Good},
		})
	}
	if idle := len(days) - len(rows); len(rows) == 0 {
		s.print("Nothing was done in the last %d days.", len(days))
		return nil
	} else if err := s.out.Table([]terminal.Column{{Title: "day"}, {Title: "done"}, {Title: "", Spare: 1}}, rows); err != nil || idle == 0 {
		return err
	} else {
		s.print("Nothing was done on the other %d days.", idle)
		return nil
	}
}

// The bars of trends: how wide the longest is, and what must be left for the
// names and numbers before it.
const (
	widestBar  = 40
	beforeBars = 46
)

// bar draws how much a value is of the most there is, to an eighth of a column,
// where somebody looks and there is room.
func (s *session) bar(value, most float64) string {
	room := min(widestBar, s.out.Width-beforeBars)
	if room < 8 || most <= 0 {
		return ""
	}
	eighths := int(value / most * float64(room*8))
	if value > 0 {
		eighths = max(eighths, 1)
	}
	text := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		text += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return text
}
