-- serves: 1
-- Statistics are read from numbers that the writes keep, so that nobody counts
-- a million tasks. Triggers keep them: builds of the schema before, which know
-- nothing of them, count as well.

-- How many tasks an owner has of each kind.
create table tallies (
  owner_id text collate "C" not null,
  category text collate "C" not null,
  state smallint not null,
  priority smallint not null,
  subtask boolean not null,
  dependent boolean not null,
  recurring boolean not null,
  tasks bigint not null,
  primary key (owner_id, category, state, priority, subtask, dependent, recurring)
) with (fillfactor = 50);

-- How many tasks were created and completed in each quarter of an hour, and
-- how many pending ones are due in it ('due', and 'date' for whole days; those
-- of 'undated' are all at one place). Clocks everywhere differ by whole
-- quarters from UTC, so that every reader's days are made of them.
create table time_tallies (
  owner_id text collate "C" not null,
  what text collate "C" not null,
  at timestamptz not null,
  tasks bigint not null,
  primary key (owner_id, what, at)
) with (fillfactor = 70);

do $$
declare name text;
begin
  foreach name in array array['tallies', 'time_tallies'] loop
    execute format('alter table %I enable row level security', name);
    execute format('grant select, insert, update, delete on %I to todo_app', name);
    execute format($p$create policy own_rows on %I to todo_app
      using (owner_id = nullif(current_setting('app.owner', true), ''))$p$, name);
  end loop;
end $$;

-- A function for each kind of statement, as each is given other rows: those
-- that came count one, those that went minus one. One statement may write any
-- number of tasks, and moves each number once.
do $do$
declare kind record;
begin
  for kind in
    select *
    from (values
      ('insert', 'new table as came', 'select 1 as n, * from came'),
      ('update', 'old table as went new table as came', 'select 1 as n, * from came union all select -1, * from went'),
      ('delete', 'old table as went', 'select -1 as n, * from went')) k (operation, tables, moved)
  loop
    execute format($f$
create function tally_%1$s() returns trigger language plpgsql as $body$
declare
  owners text[];
  whats text[];
  times timestamptz[];
begin
  with moved as (%2$s), tallied as (
    insert into tallies as t (owner_id, category, state, priority, subtask, dependent, recurring, tasks)
    select owner_id, category, state, priority, parent_id is not null, cardinality(depends_on) > 0, recurrence_rule <> '', sum(n)
    from moved
    group by 1, 2, 3, 4, 5, 6, 7
    having sum(n) <> 0
    on conflict (owner_id, category, state, priority, subtask, dependent, recurring) do update set tasks = t.tasks + excluded.tasks
    returning t.*
  )
  select array_agg(owner_id) into owners from tallied where tasks = 0;
  if owners is not null then
    delete from tallies where owner_id = any(owners) and tasks = 0;
  end if;

  with moved as (%2$s), tallied as (
    insert into time_tallies as t (owner_id, what, at, tasks)
    select owner_id, w.what, date_bin('15 minutes', w.at, '0001-01-01 00:00+00'), sum(n)
    from moved
    cross join lateral (values
      ('created', created_at),
      ('completed', completed_at),
      (case when state = 0 and due_at < 'infinity' then case when due_all_day then 'date' else 'due' end end, due_at),
      (case when state = 0 and due_at = 'infinity' then 'undated' end, '-infinity')) w (what, at)
    where w.what is not null
      and w.at is not null
    group by 1, 2, 3
    having sum(n) <> 0
    on conflict (owner_id, what, at) do update set tasks = t.tasks + excluded.tasks
    returning t.*
  )
  select array_agg(owner_id), array_agg(what), array_agg(at) into owners, whats, times from tallied where tasks = 0;
  if owners is not null then
    delete from time_tallies t
    using unnest(owners, whats, times) e (owner_id, what, at)
    where t.owner_id = e.owner_id
      and t.what = e.what
      and t.at = e.at
      and t.tasks = 0;
  end if;
  return null;
end $body$;
create trigger tasks_tallied_%1$s after %1$s on tasks referencing %3$s
  for each statement execute function tally_%1$s()$f$, kind.operation, kind.moved, kind.tables);
  end loop;
end $do$;

-- What is there already. The triggers hold writers off until this is done.
insert into tallies (owner_id, category, state, priority, subtask, dependent, recurring, tasks)
select owner_id, category, state, priority, parent_id is not null, cardinality(depends_on) > 0, recurrence_rule <> '', count(*)
from tasks
group by 1, 2, 3, 4, 5, 6, 7;

insert into time_tallies (owner_id, what, at, tasks)
select owner_id, w.what, date_bin('15 minutes', w.at, '0001-01-01 00:00+00'), count(*)
from tasks
cross join lateral (values
  ('created', created_at),
  ('completed', completed_at),
  (case when state = 0 and due_at < 'infinity' then case when due_all_day then 'date' else 'due' end end, due_at),
  (case when state = 0 and due_at = 'infinity' then 'undated' end, '-infinity')) w (what, at)
where w.what is not null
  and w.at is not null
group by 1, 2, 3;
