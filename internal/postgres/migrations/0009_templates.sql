-- serves: 1
-- What tasks can be made of, under a name.
create table templates (
  owner_id text collate "C" not null,
  name text collate "C" not null, -- in lower case
  version bigint not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  sketch jsonb not null, -- what it says of the tasks made of it
  primary key (owner_id, name)
);

alter table templates enable row level security;
grant select, insert, update, delete on templates to todo_app;
create policy own_rows on templates to todo_app
  using (owner_id = nullif(current_setting('app.owner', true), ''));
