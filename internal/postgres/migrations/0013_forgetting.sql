-- serves: 1
-- The records of a task live as long as it does, and after its deletion as
-- long as that can be undone. Who syncs from before what was removed has to
-- begin anew.

-- Up to this generation records may be gone.
alter table owners add column forgotten bigint not null default 0;

-- Which tasks were deleted, and when. An index on the records would hold all
-- writers off until it is built.
create table deletions (
  owner_id text collate "C" not null,
  task_id uuid not null,
  at timestamptz not null,
  primary key (owner_id, task_id, at)
);
create index deletions_by_age on deletions (at);
alter table deletions enable row level security;
grant select, insert on deletions to todo_app;
create policy own_rows on deletions to todo_app
  using (owner_id = nullif(current_setting('app.owner', true), ''));

create function note_deletion() returns trigger language plpgsql as $$
begin
  insert into deletions (owner_id, task_id, at)
  values (new.owner_id, new.task_id, new.at)
  on conflict do nothing;
  return null;
end $$;
create trigger changes_delete after insert on changes
  for each row when (new.change = 'deleted') execute function note_deletion();

-- Looks at the oldest so many deletions before a moment, and removes the
-- records of the tasks that are still gone. Owners who are being written for
-- are passed over; others wait for the few milliseconds that this takes.
-- Returns how many deletions it has dealt with.
create function forget_changes(horizon timestamptz, most integer) returns bigint
  language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
  with due as materialized (
    select
      d.owner_id,
      d.task_id,
      d.at
    from public.deletions d
    where d.at < horizon
    order by d.at
    limit most
  ), held as materialized (
    select o.owner_id
    from public.owners o
    where o.owner_id in (select owner_id from due)
    for update skip locked
  ), dealt as (
    delete from public.deletions d
    using due
    join held using (owner_id)
    where d.owner_id = due.owner_id
      and d.task_id = due.task_id
      and d.at = due.at
    returning
      d.owner_id,
      d.task_id
  ), removed as (
    delete from public.changes c
    using (select distinct owner_id, task_id from dealt) g
    where c.owner_id = g.owner_id
      and c.task_id = g.task_id
      and not exists (select from public.tasks t where t.owner_id = g.owner_id and t.id = g.task_id)
      and not exists (select from public.deletions l where l.owner_id = g.owner_id and l.task_id = g.task_id and l.at >= horizon)
    returning
      c.owner_id,
      c.generation
  ), marked as (
    update public.owners o
    set forgotten = greatest(o.forgotten, r.generation)
    from (select owner_id, max(generation) as generation from removed group by 1) r
    where o.owner_id = r.owner_id
  )
  select count(*) from dealt
$$;
revoke all on function forget_changes from public;
grant execute on function forget_changes to todo_sweep;
