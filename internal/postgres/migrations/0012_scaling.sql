-- serves: 1
-- What functions say of themselves: how much they served, how long they took to
-- start, and what they used. It belongs to no owner, and names none.
create table function_use (
  hour timestamptz not null,
  service text not null check (length(service) <= 100),
  revision text not null check (length(revision) <= 100),
  pods integer not null, -- that began in this hour
  running_ms bigint not null, -- of all its pods together, as is all that follows
  requests bigint not null,
  failed bigint not null, -- answered with 5xx
  busiest integer not null, -- the most that one pod worked on at once
  cold_starts integer not null,
  cold_ms bigint not null,
  coldest_ms bigint not null, -- the longest of them
  cpu_ms bigint not null,
  memory_bytes bigint not null, -- the most that one pod held
  primary key (hour, service, revision)
);
grant select, insert, update on function_use to todo_app;
grant select, delete on function_use to todo_sweep;

-- A key for operators opens no owner's tasks, and no owner can make one.
alter table api_keys drop constraint api_keys_scope_check;
alter table api_keys add constraint api_keys_scope_check check (scope in ('read', 'write', 'ops'));
