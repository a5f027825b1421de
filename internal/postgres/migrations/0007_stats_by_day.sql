-- serves: 1
-- What is overdue may have fallen due in any quarter of an hour of many years.
-- Pending tasks that are due at a moment count by its day in UTC, too, so that
-- a report adds up days, and quarters of the present one alone. The functions
-- do all with one statement now, and look at what they need of the rows alone.

-- Writers wait until both are there: the functions, and what they go on from.
lock table tasks in share row exclusive mode;

do $do$
declare kind record;
begin
  for kind in
    select *
    from (values
      ('insert', '(select 1 as n, * from came)'),
      ('update', '(select 1 as n, * from came union all select -1, * from went)'),
      ('delete', '(select -1 as n, * from went)')) k (operation, moved)
  loop
    execute format($f$
create or replace function tally_%1$s() returns trigger language plpgsql as $body$
declare
  spent text[];
  owners text[];
  whats text[];
  times timestamptz[];
begin
  with moved as materialized (
    select
      n,
      owner_id,
      category,
      state,
      priority,
      parent_id is not null as subtask,
      cardinality(depends_on) > 0 as dependent,
      recurrence_rule <> '' as recurring,
      created_at,
      completed_at,
      due_at,
      due_all_day
    from %2$s m
  ), kinds as (
    insert into tallies as t (owner_id, category, state, priority, subtask, dependent, recurring, tasks)
    select owner_id, category, state, priority, subtask, dependent, recurring, sum(n)
    from moved
    group by 1, 2, 3, 4, 5, 6, 7
    having sum(n) <> 0
    on conflict (owner_id, category, state, priority, subtask, dependent, recurring) do update set tasks = t.tasks + excluded.tasks
    returning t.owner_id, t.tasks
  ), times as (
    insert into time_tallies as t (owner_id, what, at, tasks)
    select owner_id, w.what, date_bin(w.stride, w.at, '0001-01-01 00:00+00'), sum(n)
    from moved
    cross join lateral (values
      ('created', created_at, interval '15 minutes'),
      ('completed', completed_at, '15 minutes'),
      (case when state = 0 and due_at < 'infinity' then case when due_all_day then 'date' else 'due' end end, due_at, '15 minutes'),
      (case when state = 0 and due_at < 'infinity' and not due_all_day then 'due_day' end, due_at, '1 day'),
      (case when state = 0 and due_at = 'infinity' then 'undated' end, '-infinity', '15 minutes')) w (what, at, stride)
    where w.what is not null
      and w.at is not null
    group by 1, 2, 3
    having sum(n) <> 0
    on conflict (owner_id, what, at) do update set tasks = t.tasks + excluded.tasks
    returning t.*
  )
  select
    (select array_agg(k.owner_id) from kinds k where k.tasks = 0),
    array_agg(t.owner_id),
    array_agg(t.what),
    array_agg(t.at)
  into spent, owners, whats, times
  from times t
  where t.tasks = 0;
  if spent is not null then
    delete from tallies where owner_id = any(spent) and tasks = 0;
  end if;
  if owners is not null then
    delete from time_tallies t
    using unnest(owners, whats, times) e (owner_id, what, at)
    where t.owner_id = e.owner_id
      and t.what = e.what
      and t.at = e.at
      and t.tasks = 0;
  end if;
  return null;
end $body$$f$, kind.operation, kind.moved);
  end loop;
end $do$;

-- What is there already.
insert into time_tallies (owner_id, what, at, tasks)
select owner_id, 'due_day', date_bin('1 day', at, '0001-01-01 00:00+00'), sum(tasks)
from time_tallies
where what = 'due'
group by 1, 3;
