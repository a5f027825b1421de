-- serves: 1
-- Everything is keyed by owner first, so that a site can later be distributed
-- by owner. Text that is compared or sorted uses "C": folding happens in the
-- application, and the order must not depend on the database's locale.

create table owners (
  owner_id text collate "C" primary key check (owner_id <> '' and length(owner_id) <= 255),
  generation bigint not null default 0,
  nonce bigint not null default 0,
  time_zone text not null default '',
  -- Tasks in each state, kept by the same transactions, so that nobody counts.
  pending bigint not null default 0,
  done bigint not null default 0,
  archived bigint not null default 0
) with (fillfactor = 50); -- one row per owner, updated by each write: room for HOT updates

create table tasks (
  owner_id text collate "C" not null references owners,
  id uuid not null,
  version bigint not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  title text not null,
  title_key text collate "C" not null, -- folded, for sorting
  description text not null,
  completed_at timestamptz,
  priority smallint not null check (priority between 1 and 3), -- 1 is high
  category text collate "C" not null,
  tags text[] not null,
  due_at timestamptz not null, -- 'infinity' for none, so that undated tasks sort last
  due_all_day boolean not null,
  reminders text[] not null,
  recurrence_rule text not null, -- '' for none
  recurrence_from text not null,
  recurrence_skip_if_open boolean not null,
  parent_id uuid,
  depends_on uuid[] not null,
  position double precision not null,
  archived_at timestamptz,
  -- Derived from other tasks of the owner.
  open_dependencies integer not null,
  subtasks_total integer not null default 0,
  subtasks_completed integer not null default 0,
  -- Leads every sort index: lists filter by these two before all else.
  state smallint not null generated always as
    ((completed_at is not null)::int + 2 * (archived_at is not null)::int) stored,
  primary key (owner_id, id),
  constraint tasks_parent foreign key (owner_id, parent_id) references tasks,
  constraint tasks_not_own_parent check (parent_id <> id),
  constraint tasks_recurrence_needs_due check (recurrence_rule = '' or due_at < 'infinity'),
  constraint tasks_subtasks check (0 <= subtasks_completed and subtasks_completed <= subtasks_total)
);

create index tasks_by_created on tasks (owner_id, state, created_at, id);
create index tasks_by_updated on tasks (owner_id, state, updated_at, id);
create index tasks_by_due on tasks (owner_id, state, due_at, id);
create index tasks_by_priority on tasks (owner_id, state, priority, id);
create index tasks_by_title on tasks (owner_id, state, title_key, id);
create index tasks_by_position on tasks (owner_id, state, position, id);
create index tasks_by_category on tasks (owner_id, category, state, created_at, id);
create index tasks_by_parent on tasks (owner_id, parent_id, state, created_at, id);
create index tasks_blocked on tasks (owner_id, state, created_at, id) where open_dependencies > 0;

-- The words that a task can be found by, derived from it by the application,
-- which folds and splits.
create table task_terms (
  owner_id text collate "C" not null,
  task_id uuid not null,
  term text collate "C" not null,
  primary key (owner_id, task_id, term)
);
create index task_terms_by_term on task_terms (owner_id, term, task_id);

-- tasks.tags, tag by tag, in the order that lists have by default: the page of
-- a tag is read from here, however many tasks have it and others have not. A
-- task never changes when it was created; its state is moved with it.
create table task_tags (
  owner_id text collate "C" not null,
  tag text collate "C" not null,
  state smallint not null,
  created_at timestamptz not null,
  task_id uuid not null,
  primary key (owner_id, tag, state, created_at, task_id)
);

-- tasks.depends_on, edge by edge, for looking from the other end.
create table task_dependencies (
  owner_id text collate "C" not null,
  task_id uuid not null,
  depends_on_id uuid not null,
  primary key (owner_id, task_id, depends_on_id),
  constraint dependencies_task foreign key (owner_id, task_id) references tasks on delete cascade,
  constraint dependencies_target foreign key (owner_id, depends_on_id) references tasks on delete cascade,
  constraint dependencies_not_self check (task_id <> depends_on_id)
);
create index task_dependencies_by_target on task_dependencies (owner_id, depends_on_id, task_id);

create table idempotency_keys (
  owner_id text collate "C" not null,
  key text collate "C" not null,
  digest bytea not null, -- of the request the key belongs to
  answer bytea,          -- null only inside the transaction that runs the request
  created_at timestamptz not null,
  constraint idempotency_keys_once primary key (owner_id, key)
);
create index idempotency_keys_by_age on idempotency_keys (created_at);

-- Changes still to be delivered as events.
create table outbox (
  owner_id text collate "C" not null,
  generation bigint not null, -- delivery order within an owner: the order of commits
  seq integer not null,
  event_id uuid not null default gen_random_uuid(),
  change text not null,
  at timestamptz not null,
  trace text not null,
  task jsonb not null, -- the row after the change; before it, when deleted
  refused text,        -- why the sink will never take it; such events wait for a person
  primary key (owner_id, generation, seq)
);
create index outbox_waiting on outbox (at, owner_id) where refused is null;

-- Who delivers an owner's events at the moment, or that nobody should yet.
create table outbox_leases (
  owner_id text collate "C" primary key,
  token uuid not null,
  until timestamptz not null
);

-- Functions see the rows of the owner their transaction names and no others;
-- after a commit the setting reads '' rather than null.
do $$
declare name text;
begin
  foreach name in array array['owners', 'tasks', 'task_terms', 'task_tags', 'task_dependencies',
                              'idempotency_keys', 'outbox', 'outbox_leases'] loop
    execute format('alter table %I enable row level security', name);
    execute format('grant select, insert, update, delete on %I to todo_app', name);
    execute format($p$create policy own_rows on %I to todo_app
      using (owner_id = nullif(current_setting('app.owner', true), ''))$p$, name);
  end loop;
  -- The sweep works across owners, on what it must and nothing else.
  foreach name in array array['idempotency_keys', 'outbox', 'outbox_leases'] loop
    execute format('grant select, insert, update, delete on %I to todo_sweep', name);
    execute format('create policy every_row on %I to todo_sweep using (true)', name);
  end loop;
end $$;
grant select on schema_migrations to todo_app, todo_sweep;

-- For the gauges: sums over owners that name none of them.
create function task_totals(out pending bigint, out done bigint, out archived bigint)
  language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select coalesce(sum(o.pending), 0), coalesce(sum(o.done), 0), coalesce(sum(o.archived), 0) from public.owners o
$$;

create function outbox_backlog(out events bigint, out oldest timestamptz)
  language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select (select count(*) from (select from public.outbox b where b.refused is null limit 10000) counted),
         (select min(b.at) from public.outbox b where b.refused is null)
$$;

revoke all on function task_totals, outbox_backlog from public;
grant execute on function task_totals, outbox_backlog to todo_app;
