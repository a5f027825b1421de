-- serves: 1
-- Tasks that came from files, and the calendars that other programs subscribe
-- to.

-- Which record of a file became which task, so that a file that comes again
-- makes nothing twice. The row of a task that is gone stays: an undo may bring
-- the task back, and a record whose task is gone may come again.
create table imports (
  owner_id text collate "C" not null,
  source text collate "C" not null, -- format, id and creation time of the record
  task_id uuid not null,
  primary key (owner_id, source)
);

-- The private address of an owner's calendar: who has it may read, so that of
-- the secret in it only the SHA-256 is kept.
create table calendars (
  owner_id text collate "C" primary key,
  digest bytea not null unique,
  created_at timestamptz not null
);

do $$
declare name text;
begin
  foreach name in array array['imports', 'calendars'] loop
    execute format('alter table %I enable row level security', name);
    execute format('grant select, insert, update, delete on %I to todo_app', name);
    execute format($p$create policy own_rows on %I to todo_app
      using (owner_id = nullif(current_setting('app.owner', true), ''))$p$, name);
  end loop;
end $$;

-- Finding a calendar says whose it is, so it cannot wait for the owner to be
-- named. Who asks must know the secret.
create function find_calendar(wanted bytea) returns text
  language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select c.owner_id from public.calendars c where c.digest = wanted
$$;

revoke all on function find_calendar from public;
grant execute on function find_calendar to todo_app;
