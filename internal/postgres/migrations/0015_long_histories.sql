-- serves: 1
-- Nothing is recorded for ever of a task that is changed without end: of what
-- is too old to be undone its first record stays, and the newest thousand.

-- Up to which record a task had more than a thousand later ones, and when. Of
-- most tasks there is no row here, and none for longer than records are kept.
create table long_histories (
  owner_id text collate "C" not null,
  task_id uuid not null,
  through bigint not null, -- the generation of that record
  at timestamptz not null,
  primary key (owner_id, task_id, through)
);
create index long_histories_by_age on long_histories (at);
alter table long_histories enable row level security;
grant select on long_histories to todo_app;
create policy own_rows on long_histories to todo_app
  using (owner_id = nullif(current_setting('app.owner', true), ''));

-- Looks a thousand records back, once in a thousand changes. Who changes a task
-- need not see its records: the sweep may not.
create function note_long_history() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into public.long_histories (owner_id, task_id, through, at)
  select
    new.owner_id,
    new.id,
    c.generation,
    new.updated_at
  from public.changes c
  where c.owner_id = new.owner_id
    and c.task_id = new.id
  order by
    c.generation desc,
    c.seq desc
  offset 1000
  limit 1
  on conflict do nothing;
  return null;
end $$;

-- Named so as to fire after tasks_change, which makes the record.
create trigger tasks_change_often after update on tasks
  for each row when (old.version is distinct from new.version and new.version % 1000 = 0) execute function note_long_history();

-- Looks at the oldest so many rows from before a moment, and removes what they
-- are about but for each task's first record, about a thousand records a row.
-- Owners who are being written for are passed over. Returns how many rows it has
-- dealt with, and how many records it removed.
create function shorten_histories(horizon timestamptz, most integer, out dealt bigint, out removed bigint)
  language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
  with due as materialized (
    select
      l.owner_id,
      l.task_id,
      l.through
    from public.long_histories l
    where l.at < horizon
    order by l.at
    limit most
  ), held as materialized (
    select o.owner_id
    from public.owners o
    where o.owner_id in (select owner_id from due)
    for update skip locked
  ), dealt as (
    delete from public.long_histories l
    using due
    join held using (owner_id)
    where l.owner_id = due.owner_id
      and l.task_id = due.task_id
      and l.through = due.through
    returning
      l.owner_id,
      l.task_id,
      l.through
  ), excess as (
    select
      d.owner_id,
      d.task_id,
      max(d.through) as through
    from dealt d
    group by 1, 2
  ), removed as (
    delete from public.changes c
    using excess e
    cross join lateral (
      select
        f.generation,
        f.seq
      from public.changes f
      where f.owner_id = e.owner_id
        and f.task_id = e.task_id
      order by
        f.generation,
        f.seq
      limit 1) first
    where c.owner_id = e.owner_id
      and c.task_id = e.task_id
      and c.generation <= e.through
      and (c.generation, c.seq) > (first.generation, first.seq)
    returning
      c.owner_id,
      c.generation
  ), marked as (
    update public.owners o
    set forgotten = greatest(o.forgotten, r.generation)
    from (select owner_id, max(generation) as generation from removed group by 1) r
    where o.owner_id = r.owner_id
  )
  select
    (select count(*) from dealt),
    (select count(*) from removed)
$$;
revoke all on function note_long_history, shorten_histories from public;
grant execute on function shorten_histories to todo_sweep;
