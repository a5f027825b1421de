package postgres

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"todo-app/internal/task"
)

// countTasksBy reads all numbers of a report in one snapshot, a row each, with
// the generation: how many tasks there are of a name in a part of the report,
// and how many of them are completed. What is overdue since the last quarter
// of an hour is counted task by task; the row 'oldest' carries a task.
const countTasksBy = `
with tally as materialized (
  select *
  from tallies
  where owner_id = $1
), active as (
  select *, case when state = 1 then tasks else 0 end as done
  from tally
  where state < 2
)
select
  o.generation,
  o.nonce,
  r.part,
  r.name,
  r.tasks,
  r.done,
  r.at,` + taskColumns + `
from owners o
cross join (
  select 'active' as part, '' as name, coalesce(sum(tasks), 0)::bigint as tasks, coalesce(sum(done), 0)::bigint as done, null::timestamptz as at from active
  union all
  select 'archived', '', coalesce(sum(tasks), 0)::bigint, 0, null from tally where state >= 2
  union all
  select 'priority', priority::text, sum(tasks)::bigint, sum(done)::bigint, null from active group by priority
  union all
  (select 'category', category, sum(tasks)::bigint, sum(done)::bigint, null from active group by category order by 3 desc, 2 limit $7)
  union all
  select 'categories', '', count(distinct category), 0, null from active
  union all
  select 'subtasks', '', coalesce(sum(tasks), 0)::bigint, 0, null from active where subtask
  union all
  select 'dependent', '', coalesce(sum(tasks), 0)::bigint, 0, null from active where dependent
  union all
  select 'recurring', '', coalesce(sum(tasks), 0)::bigint, 0, null from active where recurring
  union all
  select 'span', s.name, counted.tasks, 0, null
  from unnest($2::text[], $3::text[] collate "C", $4::timestamptz[], $5::timestamptz[]) s (name, what, low, high)
  cross join lateral (
    select coalesce(sum(t.tasks), 0)::bigint as tasks
    from time_tallies t
    where t.owner_id = $1
      and t.what = s.what
      and t.at >= s.low
      and t.at < s.high) counted
  union all
  select 'span', 'overdue', count(*), 0, null
  from tasks
  where owner_id = $1
    and state = 0
    and not due_all_day
    and due_at >= date_bin('15 minutes', $6::timestamptz, '0001-01-01 00:00+00')
    and due_at < $6
  union all
  select 'next', '', 0, 0, min(due_at)
  from (
    select due_at
    from tasks
    where owner_id = $1
      and state = 0
      and due_at >= $6
      and due_at < 'infinity'
    order by due_at
    limit 1) next
  union all
  select 'oldest', '', 0, 0, null
) r
left join lateral (
  select *
  from tasks
  where owner_id = $1
    and state = 0
    and due_at < greatest($6::timestamptz, $8)
    and due_at < case when due_all_day then $8 else $6 end
    and r.part = 'oldest'
  order by
    due_at,
    id
  limit 1) t on true
where o.owner_id = $1`

// Report implements task.Store.
func (s *Store) Report(ctx context.Context, owner string, _ task.Generation, v task.View, r task.Report) (task.Rendered, error) {
	var stats task.Stats
	args := append([]any{owner}, spanArgs(byDay(r.Spans(v)))...)
	args = append(args, v.Now, task.MaxCategories, v.Today())
	err := s.read(ctx, actAs, owner, countTasksBy, args, func(rows pgx.Rows) error {
		stats = task.Stats{} // a second try begins afresh
		return scanStats(&stats, rows)
	})
	if err != nil {
		return task.Rendered{}, translate("counting tasks", err)
	}
	return stats.Render(v, r), nil
}

// dueDays are 'due' by the day in UTC.
const dueDays task.Happening = "due_day"

// byDay splits what has no beginning and may be long: whole days, and what of
// the last one there is.
func byDay(spans []task.Span) []task.Span {
	for i, s := range spans {
		if s.Of == task.HappensDue && s.From.IsZero() {
			day := s.To.UTC().Truncate(24 * time.Hour)
			spans[i].From = day
			spans = append(spans, task.Span{Name: s.Name, Of: dueDays, To: day})
		}
	}
	return spans
}

// spanArgs passes spans, to whole quarters of an hour.
func spanArgs(spans []task.Span) []any {
	names, whats := make([]string, len(spans)), make([]string, len(spans))
	low, high := make([]pgtype.Timestamptz, len(spans)), make([]pgtype.Timestamptz, len(spans))
	for i, span := range spans {
		names[i], whats[i] = span.Name, string(span.Of)
		low[i], high[i] = orInfinity(span.From.Truncate(task.Quarter)), orInfinity(span.To.Truncate(task.Quarter))
		if span.From.IsZero() {
			low[i].InfinityModifier = pgtype.NegativeInfinity
		}
	}
	return []any{names, whats, low, high}
}

// scanStats reads the rows of countTasksBy.
func scanStats(s *task.Stats, rows pgx.Rows) error {
	s.Spans = map[string]int64{}
	var part, name string
	var count task.Count
	var at time.Time
	g := &s.Generation
	columns := append([]any{&g.Count, &g.Nonce, &part, &name, &count.Total, &count.Completed, (*moment)(&at)}, fields(&s.Oldest)...)
	dest := make([]any, len(columns))
	for rows.Next() {
		copy(dest, columns)
		if err := scanFound(rows, dest, 7); err != nil {
			return err
		}
		if err := put(s, part, name, count, at); err != nil {
			return err
		}
	}
	return rows.Err()
}

// put puts one number where it belongs.
func put(s *task.Stats, part, name string, count task.Count, at time.Time) error {
	switch part {
	case "active":
		s.Active = count
	case "archived":
		s.Archived = count.Total
	case "priority":
		p, err := strconv.Atoi(name)
		if err != nil || p < int(task.High) || p > int(task.Low) {
			return fmt.Errorf("reading a priority: there is none numbered %q", name)
		}
		s.Priorities[p] = count
	case "category":
		s.Largest = append(s.Largest, task.CategoryCount{Category: name, Count: count})
	case "categories":
		s.Categories = count.Total
	case "subtasks":
		s.Subtasks = count.Total
	case "dependent":
		s.Dependent = count.Total
	case "recurring":
		s.Recurring = count.Total
	case "span":
		s.Spans[name] += count.Total
	case "next":
		s.NextDue = at
	}
	return nil
}
