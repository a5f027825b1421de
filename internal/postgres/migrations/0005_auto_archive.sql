-- serves: 1
-- Completed tasks may be put away by themselves, some days after they last
-- changed. The sweep does it, and looks at an owner only when it is time:
-- what is completed or changed later is due later than all there is.
alter table owners
  add column auto_archive_days integer check (auto_archive_days > 0), -- null: never
  add column auto_archive_at timestamptz; -- when to look next
create index owners_auto_archive on owners (auto_archive_at, owner_id) where auto_archive_at is not null;

-- Who is to be looked at, from a place in the order on: for the sweep, which
-- sees no owner that it does not name.
create function auto_archive_due(due_at timestamptz, after_at timestamptz, after_owner text, most integer)
  returns table (owner_id text, at timestamptz)
  language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select o.owner_id, o.auto_archive_at
  from public.owners o
  where o.auto_archive_at <= due_at
    and (o.auto_archive_at, o.owner_id) > (after_at, after_owner collate "C")
  order by o.auto_archive_at, o.owner_id
  limit most
$$;
revoke all on function auto_archive_due from public;
grant execute on function auto_archive_due to todo_sweep;

-- The sweep changes tasks as their owner would, one owner at a time.
do $$
declare rights record;
begin
  for rights in
    select *
    from (values
      ('owners', 'select, insert, update'),
      ('tasks', 'select, update'),
      ('task_tags', 'select, insert, delete'),
      ('changes', 'insert'),
      ('tallies', 'select, insert, update, delete'),
      ('time_tallies', 'select, insert, update, delete')) r (name, rights)
  loop
    execute format('grant %s on %I to todo_sweep', rights.rights, rights.name);
    execute format($p$create policy swept_rows on %I to todo_sweep
      using (owner_id = nullif(current_setting('app.owner', true), ''))$p$, rights.name);
  end loop;
end $$;
