-- serves: 1
-- The records of a task live as long as it does, and after its deletion as
-- long as that can be undone. Who syncs from before what was removed has to
-- begin anew.

-- Up to this generation records may be gone.
alter table owners add column forgotten bigint not null default 0;

create index changes_deleted on changes (at) where change = 'deleted';

-- Removes the records of at most so many tasks that were deleted, and not put
-- back, before a moment. Owners who are being written for wait for another
-- time: nobody waits here for anybody.
create function forget_changes(horizon timestamptz, most integer) returns bigint
  language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
  with gone as materialized (
    select
      d.owner_id,
      d.task_id
    from public.changes d
    where d.change = 'deleted'
      and d.at < horizon
      and not exists (select from public.tasks t where t.owner_id = d.owner_id and t.id = d.task_id)
      and not exists (select from public.changes l where l.owner_id = d.owner_id and l.task_id = d.task_id and l.at >= horizon)
    limit most
  ), held as materialized (
    select o.owner_id
    from public.owners o
    where o.owner_id in (select g.owner_id from gone g)
    for update skip locked
  ), removed as (
    delete from public.changes c
    using gone g
    join held h using (owner_id)
    where c.owner_id = g.owner_id
      and c.task_id = g.task_id
    returning
      c.owner_id,
      c.task_id,
      c.generation
  ), marked as (
    update public.owners o
    set forgotten = greatest(o.forgotten, r.generation)
    from (select owner_id, max(generation) as generation from removed group by 1) r
    where o.owner_id = r.owner_id
  )
  select count(distinct (owner_id, task_id)) from removed
$$;
revoke all on function forget_changes from public;
grant execute on function forget_changes to todo_sweep;
