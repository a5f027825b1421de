-- serves: 1
-- What owners did, step by step, so that it can be undone. A step is one write,
-- and has its generation as number; what it did to tasks is in changes.

create table operations (
  owner_id text collate "C" not null,
  operation bigint not null,
  at timestamptz not null,
  actor text not null,
  action text not null, -- the most telling of what it did
  tasks integer not null, -- how many it did it to
  titles text[] not null, -- of the first of them
  beside jsonb, -- what it did to a template or the settings
  undoes bigint, -- of an undo and a redo: the step that they are about
  undone_by bigint, -- of other steps: the undo
  primary key (owner_id, operation)
);
create index operations_to_undo on operations (owner_id, operation) where undoes is null;
create index operations_by_age on operations (at);

alter table operations enable row level security;
grant select, insert, update, delete on operations to todo_app;
create policy own_rows on operations to todo_app
  using (owner_id = nullif(current_setting('app.owner', true), ''));

-- The sweep archives as owners do. It removes the steps of all that are too
-- old, but sees none that it does not name the owner of.
grant select, insert, delete on operations to todo_sweep;
create policy swept_rows on operations to todo_sweep
  using (owner_id = nullif(current_setting('app.owner', true), ''));

create function forget_operations(before timestamptz, most integer) returns bigint
  language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$
  with gone as (
    delete from public.operations
    where ctid = any(array(select o.ctid from public.operations o where o.at < before limit most))
    returning 1
  )
  select count(*) from gone
$$;
revoke all on function forget_operations from public;
grant execute on function forget_operations to todo_sweep;

-- The step that last changed a task, a template or the settings. An undo sets
-- it back, so that the step before can be undone as well. Builds of the schema
-- before leave it as it is: then what differs shows that they were there.
alter table tasks add column operation bigint not null default 0;
alter table templates add column operation bigint not null default 0;
alter table owners add column settings_operation bigint not null default 0;

-- An undo puts tasks back one after the other, in whatever order.
alter table tasks alter constraint tasks_parent deferrable;
alter table task_dependencies alter constraint dependencies_task deferrable;
alter table task_dependencies alter constraint dependencies_target deferrable;
