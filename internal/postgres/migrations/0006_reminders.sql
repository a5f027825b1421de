-- serves: 1
-- When the reminders of open tasks are due. Writes keep it, todo sweep fires
-- what has come and removes it. A row without words asks the sweep to find out
-- anew when a task's reminders are due: the application alone can read them.

create table reminders (
  owner_id text collate "C" not null,
  task_id uuid not null,
  at timestamptz not null,
  reminder text collate "C" not null,
  primary key (owner_id, task_id, at, reminder)
);
create index reminders_by_time on reminders (at, owner_id);

-- For a change of the owner's zone, with which they move.
create index tasks_reminding on tasks (owner_id) where state = 0 and reminders <> '{}';

alter table reminders enable row level security;
grant select, insert, update, delete on reminders to todo_app;
create policy own_rows on reminders to todo_app
  using (owner_id = nullif(current_setting('app.owner', true), ''));

-- The sweep finds those of all owners, and fires them as each owner.
grant select, insert, delete on reminders to todo_sweep;
create policy every_row on reminders to todo_sweep using (true);

-- Builds of the schema before, while they still run or after a rollback, know
-- nothing of the table.
create function remind_anew() returns trigger language plpgsql as $$
begin
  insert into reminders (owner_id, task_id, at, reminder)
  values (new.owner_id, new.id, clock_timestamp(), '')
  on conflict do nothing;
  return null;
end $$;
create trigger tasks_remind after insert or update on tasks
  for each row when (new.reminders <> '{}' and current_setting('app.reminders', true) is distinct from 'kept')
  execute function remind_anew();

insert into reminders (owner_id, task_id, at, reminder)
select owner_id, id, now(), ''
from tasks
where state = 0
  and reminders <> '{}';
