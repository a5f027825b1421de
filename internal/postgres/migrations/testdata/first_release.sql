-- What an owner had under the schema of the first release, as that release
-- wrote it: a task that repeats and reminds, one that is part of it, one that
-- waits for that, one that is done, one that is archived.
insert into owners (owner_id, generation, time_zone, pending, done, archived) values ('OWNER', 9, 'Europe/Berlin', 3, 1, 1);

insert into tasks (owner_id, id, version, created_at, updated_at, title, title_key, description, completed_at, priority, category, tags, due_at,
  due_all_day, reminders, recurrence_rule, recurrence_from, recurrence_skip_if_open, parent_id, depends_on, position, archived_at,
  open_dependencies, subtasks_total, subtasks_completed)
values
  ('OWNER', '019ca700-0000-7000-8000-000000000001', 1, '2026-03-01 09:00+00', '2026-03-01 09:00+00', 'Pay rent', 'pay rent', 'By transfer', null, 1,
   'home', '{flat,money}', '2099-01-31 00:00+00', true, '{-PT15H}', 'monthly', 'due', false, null, '{}', 1, null, 0, 1, 0),
  ('OWNER', '019ca700-0000-7000-8000-000000000002', 1, '2026-03-01 09:01+00', '2026-03-01 09:01+00', 'Find the bill', 'find the bill', '', null, 2,
   'home', '{}', 'infinity', false, '{}', '', 'due', false, '019ca700-0000-7000-8000-000000000001', '{}', 2, null, 0, 0, 0),
  ('OWNER', '019ca700-0000-7000-8000-000000000003', 1, '2026-03-01 09:02+00', '2026-03-01 09:02+00', 'File it', 'file it', '', null, 3,
   'other', '{}', '2026-03-05 17:00+00', false, '{}', '', 'due', false, null, '{019ca700-0000-7000-8000-000000000002}', 3, null, 1, 0, 0),
  ('OWNER', '019ca700-0000-7000-8000-000000000004', 2, '2026-03-01 09:03+00', '2026-03-02 09:00+00', 'Buy stamps', 'buy stamps', '', '2026-03-02 09:00+00', 2,
   'other', '{}', 'infinity', false, '{}', '', 'due', false, null, '{}', 4, null, 0, 0, 0),
  ('OWNER', '019ca700-0000-7000-8000-000000000005', 2, '2026-02-01 09:00+00', '2026-03-02 09:01+00', 'Last year''s taxes', 'last year''s taxes', '', null, 2,
   'other', '{}', 'infinity', false, '{}', '', 'due', false, null, '{}', 5, '2026-03-02 09:01+00', 0, 0, 0);

insert into task_terms (owner_id, task_id, term)
values
  ('OWNER', '019ca700-0000-7000-8000-000000000001', 'pay'), ('OWNER', '019ca700-0000-7000-8000-000000000001', 'rent'),
  ('OWNER', '019ca700-0000-7000-8000-000000000001', 'by'), ('OWNER', '019ca700-0000-7000-8000-000000000001', 'transfer'),
  ('OWNER', '019ca700-0000-7000-8000-000000000001', 'flat'), ('OWNER', '019ca700-0000-7000-8000-000000000001', 'money'),
  ('OWNER', '019ca700-0000-7000-8000-000000000002', 'find'), ('OWNER', '019ca700-0000-7000-8000-000000000002', 'the'),
  ('OWNER', '019ca700-0000-7000-8000-000000000002', 'bill'), ('OWNER', '019ca700-0000-7000-8000-000000000003', 'file'),
  ('OWNER', '019ca700-0000-7000-8000-000000000003', 'it'), ('OWNER', '019ca700-0000-7000-8000-000000000004', 'buy'),
  ('OWNER', '019ca700-0000-7000-8000-000000000004', 'stamps'), ('OWNER', '019ca700-0000-7000-8000-000000000005', 'last'),
  ('OWNER', '019ca700-0000-7000-8000-000000000005', 'years'), ('OWNER', '019ca700-0000-7000-8000-000000000005', 'taxes');

insert into task_tags (owner_id, tag, state, created_at, task_id)
values
  ('OWNER', 'flat', 0, '2026-03-01 09:00+00', '019ca700-0000-7000-8000-000000000001'),
  ('OWNER', 'money', 0, '2026-03-01 09:00+00', '019ca700-0000-7000-8000-000000000001');

insert into task_dependencies (owner_id, task_id, depends_on_id)
values ('OWNER', '019ca700-0000-7000-8000-000000000003', '019ca700-0000-7000-8000-000000000002');
