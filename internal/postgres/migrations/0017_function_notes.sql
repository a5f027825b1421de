-- serves: 1
-- How far each process has come with what it notes in function_use, so that a
-- note which is sent again, because nobody heard what became of it, is not
-- added again.
create table function_notes (
  process uuid primary key,
  sequence bigint not null, -- of its newest note that was added
  at timestamptz not null
);
create index function_notes_at on function_notes (at);
grant select, insert, update on function_notes to todo_app;
grant select, delete on function_notes to todo_sweep;
