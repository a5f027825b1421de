-- What an owner had under the schema of 14 steps, the one before histories had
-- a bound, as pg_dump found it: all that there is in the tables, made by the
-- build of that schema. The triggers did their work then; they rest meanwhile.
alter table tasks disable trigger user;
alter table changes disable trigger user;

insert into changes (owner_id, generation, seq, task_id, change, at, actor, before, after) values
  ('OWNER', 2, 1, '019ca700-0000-7000-8000-000000000001', 'created', '2026-03-01 09:02:00+00', 'OWNER', NULL, '{"id": "019ca700-0000-7000-8000-000000000001", "tags": ["flat", "money"], "state": 0, "title": "Pay rent", "due_at": "2026-03-31T00:00:00+00:00", "next_id": null, "version": 1, "category": "home", "position": 1772355720000000, "priority": 1, "operation": 2, "parent_id": null, "reminders": ["-PT15H"], "created_at": "2026-03-01T09:02:00+00:00", "depends_on": [], "updated_at": "2026-03-01T09:02:00+00:00", "archived_at": null, "description": "By transfer", "due_all_day": true, "completed_at": null, "recurrence_at": "2026-03-31T00:00:00+00:00", "subtasks_total": 0, "recurrence_from": "due", "recurrence_rule": "FREQ=MONTHLY;BYMONTHDAY=-1", "open_dependencies": 0, "recurrence_anchor": "2026-03-31T00:00:00+00:00", "recurrence_all_day": true, "subtasks_completed": 0, "recurrence_skip_if_open": false}'),
  ('OWNER', 3, 2, '019ca700-0000-7000-8000-000000000002', 'created', '2026-03-01 09:03:00+00', 'OWNER', NULL, '{"id": "019ca700-0000-7000-8000-000000000002", "tags": [], "state": 0, "title": "Find the bill", "due_at": "infinity", "next_id": null, "version": 1, "category": "home", "position": 1772355780000000, "priority": 2, "operation": 3, "parent_id": "019ca700-0000-7000-8000-000000000001", "reminders": [], "created_at": "2026-03-01T09:03:00+00:00", "depends_on": [], "updated_at": "2026-03-01T09:03:00+00:00", "archived_at": null, "description": "", "due_all_day": false, "completed_at": null, "recurrence_at": null, "subtasks_total": 0, "recurrence_from": "", "recurrence_rule": "", "open_dependencies": 0, "recurrence_anchor": null, "recurrence_all_day": false, "subtasks_completed": 0, "recurrence_skip_if_open": false}'),
  ('OWNER', 4, 3, '019ca700-0000-7000-8000-000000000003', 'created', '2026-03-01 09:04:00+00', 'OWNER', NULL, '{"id": "019ca700-0000-7000-8000-000000000003", "tags": [], "state": 0, "title": "File it", "due_at": "2026-03-05T17:00:00+00:00", "next_id": null, "version": 1, "category": "other", "position": 1772355840000000, "priority": 2, "operation": 4, "parent_id": null, "reminders": [], "created_at": "2026-03-01T09:04:00+00:00", "depends_on": ["019ca700-0000-7000-8000-000000000002"], "updated_at": "2026-03-01T09:04:00+00:00", "archived_at": null, "description": "", "due_all_day": false, "completed_at": null, "recurrence_at": null, "subtasks_total": 0, "recurrence_from": "", "recurrence_rule": "", "open_dependencies": 1, "recurrence_anchor": null, "recurrence_all_day": false, "subtasks_completed": 0, "recurrence_skip_if_open": false}'),
  ('OWNER', 5, 4, '019ca700-0000-7000-8000-000000000004', 'created', '2026-03-01 09:05:00+00', 'OWNER', NULL, '{"id": "019ca700-0000-7000-8000-000000000004", "tags": [], "state": 0, "title": "Buy stamps", "due_at": "infinity", "next_id": null, "version": 1, "category": "other", "position": 1772355900000000, "priority": 2, "operation": 5, "parent_id": null, "reminders": [], "created_at": "2026-03-01T09:05:00+00:00", "depends_on": [], "updated_at": "2026-03-01T09:05:00+00:00", "archived_at": null, "description": "", "due_all_day": false, "completed_at": null, "recurrence_at": null, "subtasks_total": 0, "recurrence_from": "", "recurrence_rule": "", "open_dependencies": 0, "recurrence_anchor": null, "recurrence_all_day": false, "subtasks_completed": 0, "recurrence_skip_if_open": false}'),
  ('OWNER', 6, 5, '019ca700-0000-7000-8000-000000000004', 'completed', '2026-03-01 09:06:00+00', 'OWNER', '{"state": 0, "version": 1, "operation": 5, "updated_at": "2026-03-01T09:05:00+00:00", "completed_at": null}', '{"id": "019ca700-0000-7000-8000-000000000004", "tags": [], "state": 1, "title": "Buy stamps", "due_at": "infinity", "next_id": null, "version": 2, "category": "other", "position": 1772355900000000, "priority": 2, "operation": 6, "parent_id": null, "reminders": [], "created_at": "2026-03-01T09:05:00+00:00", "depends_on": [], "updated_at": "2026-03-01T09:06:00+00:00", "archived_at": null, "description": "", "due_all_day": false, "completed_at": "2026-03-01T09:06:00+00:00", "recurrence_at": null, "subtasks_total": 0, "recurrence_from": "", "recurrence_rule": "", "open_dependencies": 0, "recurrence_anchor": null, "recurrence_all_day": false, "subtasks_completed": 0, "recurrence_skip_if_open": false}'),
  ('OWNER', 7, 6, '019ca700-0000-7000-8000-000000000005', 'created', '2026-03-01 09:07:00+00', 'OWNER', NULL, '{"id": "019ca700-0000-7000-8000-000000000005", "tags": [], "state": 0, "title": "Last year''s taxes", "due_at": "infinity", "next_id": null, "version": 1, "category": "other", "position": 1772356020000000, "priority": 2, "operation": 7, "parent_id": null, "reminders": [], "created_at": "2026-03-01T09:07:00+00:00", "depends_on": [], "updated_at": "2026-03-01T09:07:00+00:00", "archived_at": null, "description": "", "due_all_day": false, "completed_at": null, "recurrence_at": null, "subtasks_total": 0, "recurrence_from": "", "recurrence_rule": "", "open_dependencies": 0, "recurrence_anchor": null, "recurrence_all_day": false, "subtasks_completed": 0, "recurrence_skip_if_open": false}'),
  ('OWNER', 8, 7, '019ca700-0000-7000-8000-000000000005', 'archived', '2026-03-01 09:08:00+00', 'OWNER', '{"state": 0, "version": 1, "operation": 7, "updated_at": "2026-03-01T09:07:00+00:00", "archived_at": null}', '{"id": "019ca700-0000-7000-8000-000000000005", "tags": [], "state": 2, "title": "Last year''s taxes", "due_at": "infinity", "next_id": null, "version": 2, "category": "other", "position": 1772356020000000, "priority": 2, "operation": 8, "parent_id": null, "reminders": [], "created_at": "2026-03-01T09:07:00+00:00", "depends_on": [], "updated_at": "2026-03-01T09:08:00+00:00", "archived_at": "2026-03-01T09:08:00+00:00", "description": "", "due_all_day": false, "completed_at": null, "recurrence_at": null, "subtasks_total": 0, "recurrence_from": "", "recurrence_rule": "", "open_dependencies": 0, "recurrence_anchor": null, "recurrence_all_day": false, "subtasks_completed": 0, "recurrence_skip_if_open": false}'),
  ('OWNER', 9, 8, '019ca700-0000-7000-8000-000000000006', 'created', '2026-03-01 09:09:00+00', 'OWNER', NULL, '{"id": "019ca700-0000-7000-8000-000000000006", "tags": [], "state": 0, "title": "Water the plants", "due_at": "2026-03-01T00:00:00+00:00", "next_id": null, "version": 1, "category": "home", "position": 1772356140000000, "priority": 2, "operation": 9, "parent_id": null, "reminders": [], "created_at": "2026-03-01T09:09:00+00:00", "depends_on": [], "updated_at": "2026-03-01T09:09:00+00:00", "archived_at": null, "description": "", "due_all_day": true, "completed_at": null, "recurrence_at": "2026-03-01T00:00:00+00:00", "subtasks_total": 0, "recurrence_from": "completion", "recurrence_rule": "FREQ=DAILY", "open_dependencies": 0, "recurrence_anchor": "2026-03-01T00:00:00+00:00", "recurrence_all_day": true, "subtasks_completed": 0, "recurrence_skip_if_open": false}'),
  ('OWNER', 10, 9, '019ca700-0000-7000-8000-000000000006', 'completed', '2026-03-01 09:10:00+00', 'OWNER', '{"state": 0, "next_id": null, "version": 1, "operation": 9, "updated_at": "2026-03-01T09:09:00+00:00", "completed_at": null}', '{"id": "019ca700-0000-7000-8000-000000000006", "tags": [], "state": 1, "title": "Water the plants", "due_at": "2026-03-01T00:00:00+00:00", "next_id": "019ca700-0000-7000-8000-000000000007", "version": 2, "category": "home", "position": 1772356140000000, "priority": 2, "operation": 10, "parent_id": null, "reminders": [], "created_at": "2026-03-01T09:09:00+00:00", "depends_on": [], "updated_at": "2026-03-01T09:10:00+00:00", "archived_at": null, "description": "", "due_all_day": true, "completed_at": "2026-03-01T09:10:00+00:00", "recurrence_at": "2026-03-01T00:00:00+00:00", "subtasks_total": 0, "recurrence_from": "completion", "recurrence_rule": "FREQ=DAILY", "open_dependencies": 0, "recurrence_anchor": "2026-03-01T00:00:00+00:00", "recurrence_all_day": true, "subtasks_completed": 0, "recurrence_skip_if_open": false}'),
  ('OWNER', 10, 10, '019ca700-0000-7000-8000-000000000007', 'created', '2026-03-01 09:10:00+00', 'OWNER', NULL, '{"id": "019ca700-0000-7000-8000-000000000007", "tags": [], "state": 0, "title": "Water the plants", "due_at": "2026-03-02T00:00:00+00:00", "next_id": null, "version": 1, "category": "home", "position": 1772356140000000, "priority": 2, "operation": 10, "parent_id": null, "reminders": [], "created_at": "2026-03-01T09:10:00+00:00", "depends_on": [], "updated_at": "2026-03-01T09:10:00+00:00", "archived_at": null, "description": "", "due_all_day": true, "completed_at": null, "recurrence_at": "2026-03-02T00:00:00+00:00", "subtasks_total": 0, "recurrence_from": "completion", "recurrence_rule": "FREQ=DAILY", "open_dependencies": 0, "recurrence_anchor": "2026-03-02T00:00:00+00:00", "recurrence_all_day": true, "subtasks_completed": 0, "recurrence_skip_if_open": false}'),
  ('OWNER', 11, 11, '019ca700-0000-7000-8000-000000000007', 'updated', '2026-03-01 09:11:00+00', 'OWNER', '{"version": 1, "operation": 10, "updated_at": "2026-03-01T09:10:00+00:00"}', '{"id": "019ca700-0000-7000-8000-000000000007", "tags": [], "state": 0, "title": "Water the plants", "due_at": "2026-03-02T00:00:00+00:00", "next_id": null, "version": 2, "category": "home", "position": 1772356140000000, "priority": 2, "operation": 11, "parent_id": null, "reminders": [], "created_at": "2026-03-01T09:10:00+00:00", "depends_on": [], "updated_at": "2026-03-01T09:11:00+00:00", "archived_at": null, "description": "", "due_all_day": true, "completed_at": null, "recurrence_at": "2026-03-02T00:00:00+00:00", "subtasks_total": 0, "recurrence_from": "completion", "recurrence_rule": "FREQ=DAILY", "open_dependencies": 0, "recurrence_anchor": "2026-03-02T00:00:00+00:00", "recurrence_all_day": true, "subtasks_completed": 0, "recurrence_skip_if_open": false}'),
  ('OWNER', 12, 12, '019ca700-0000-7000-8000-000000000008', 'created', '2026-03-01 09:12:00+00', 'OWNER', NULL, '{"id": "019ca700-0000-7000-8000-000000000008", "tags": ["plan"], "state": 0, "title": "Old plan", "due_at": "infinity", "next_id": null, "version": 1, "category": "other", "position": 1772356320000000, "priority": 2, "operation": 12, "parent_id": null, "reminders": [], "created_at": "2026-03-01T09:12:00+00:00", "depends_on": [], "updated_at": "2026-03-01T09:12:00+00:00", "archived_at": null, "description": "", "due_all_day": false, "completed_at": null, "recurrence_at": null, "subtasks_total": 0, "recurrence_from": "", "recurrence_rule": "", "open_dependencies": 0, "recurrence_anchor": null, "recurrence_all_day": false, "subtasks_completed": 0, "recurrence_skip_if_open": false}'),
  ('OWNER', 13, 13, '019ca700-0000-7000-8000-000000000003', 'updated', '2026-03-01 09:13:00+00', 'OWNER', '{"title": "File it", "version": 1, "operation": 4, "updated_at": "2026-03-01T09:04:00+00:00"}', '{"id": "019ca700-0000-7000-8000-000000000003", "tags": [], "state": 0, "title": "File it away", "due_at": "2026-03-05T17:00:00+00:00", "next_id": null, "version": 2, "category": "other", "position": 1772355840000000, "priority": 2, "operation": 13, "parent_id": null, "reminders": [], "created_at": "2026-03-01T09:04:00+00:00", "depends_on": ["019ca700-0000-7000-8000-000000000002"], "updated_at": "2026-03-01T09:13:00+00:00", "archived_at": null, "description": "", "due_all_day": false, "completed_at": null, "recurrence_at": null, "subtasks_total": 0, "recurrence_from": "", "recurrence_rule": "", "open_dependencies": 1, "recurrence_anchor": null, "recurrence_all_day": false, "subtasks_completed": 0, "recurrence_skip_if_open": false}'),
  ('OWNER', 14, 14, '019ca700-0000-7000-8000-000000000003', 'updated', '2026-03-01 09:14:00+00', 'OWNER', '{"title": "File it away", "version": 2, "operation": 13, "updated_at": "2026-03-01T09:13:00+00:00"}', '{"id": "019ca700-0000-7000-8000-000000000003", "tags": [], "state": 0, "title": "File it", "due_at": "2026-03-05T17:00:00+00:00", "next_id": null, "version": 3, "category": "other", "position": 1772355840000000, "priority": 2, "operation": 4, "parent_id": null, "reminders": [], "created_at": "2026-03-01T09:04:00+00:00", "depends_on": ["019ca700-0000-7000-8000-000000000002"], "updated_at": "2026-03-01T09:14:00+00:00", "archived_at": null, "description": "", "due_all_day": false, "completed_at": null, "recurrence_at": null, "subtasks_total": 0, "recurrence_from": "", "recurrence_rule": "", "open_dependencies": 1, "recurrence_anchor": null, "recurrence_all_day": false, "subtasks_completed": 0, "recurrence_skip_if_open": false}'),
  ('OWNER', 16, 15, '019ca700-0000-7000-8000-000000000009', 'created', '2026-03-01 09:16:00+00', 'OWNER', NULL, '{"id": "019ca700-0000-7000-8000-000000000009", "tags": [], "state": 0, "title": "Made once", "due_at": "infinity", "next_id": null, "version": 1, "category": "other", "position": 1772356560000000, "priority": 2, "operation": 16, "parent_id": null, "reminders": [], "created_at": "2026-03-01T09:16:00+00:00", "depends_on": [], "updated_at": "2026-03-01T09:16:00+00:00", "archived_at": null, "description": "", "due_all_day": false, "completed_at": null, "recurrence_at": null, "subtasks_total": 0, "recurrence_from": "", "recurrence_rule": "", "open_dependencies": 0, "recurrence_anchor": null, "recurrence_all_day": false, "subtasks_completed": 0, "recurrence_skip_if_open": false}'),
  ('OWNER', 17, 16, '019ca700-0000-7000-8000-000000000008', 'deleted', '2026-03-01 09:40:00+00', 'OWNER', '{"id": "019ca700-0000-7000-8000-000000000008", "tags": ["plan"], "state": 0, "title": "Old plan", "due_at": "infinity", "next_id": null, "version": 1, "category": "other", "position": 1772356320000000, "priority": 2, "operation": 12, "parent_id": null, "reminders": [], "created_at": "2026-03-01T09:12:00+00:00", "depends_on": [], "updated_at": "2026-03-01T09:12:00+00:00", "archived_at": null, "description": "", "due_all_day": false, "completed_at": null, "recurrence_at": null, "subtasks_total": 0, "recurrence_from": "", "recurrence_rule": "", "open_dependencies": 0, "recurrence_anchor": null, "recurrence_all_day": false, "subtasks_completed": 0, "recurrence_skip_if_open": false}', NULL);

insert into deletions (owner_id, task_id, at) values
  ('OWNER', '019ca700-0000-7000-8000-000000000008', '2026-03-01 09:40:00+00');

insert into idempotency_keys (owner_id, key, digest, answer, created_at) values
  ('OWNER', 'a key', '\x0100000000000000000000000000000000000000000000000000000000000000', '\x6b657074', '2026-03-01 09:16:00+00');

insert into imports (owner_id, source, task_id) values
  ('OWNER', 'todoist:1', '019ca700-0000-7000-8000-000000000004');

insert into operations (owner_id, operation, at, actor, action, tasks, titles, beside, undoes, undone_by) values
  ('OWNER', 1, '2026-03-01 09:01:00+00', 'OWNER', 'settings', 0, '{}', '{"settings": [{"zone": "", "operation": 0, "auto_archive_days": 0}, {"zone": "Europe/Berlin", "operation": 1, "auto_archive_days": 400}]}', NULL, NULL),
  ('OWNER', 2, '2026-03-01 09:02:00+00', 'OWNER', 'created', 1, '{"Pay rent"}', NULL, NULL, NULL),
  ('OWNER', 3, '2026-03-01 09:03:00+00', 'OWNER', 'created', 1, '{"Find the bill"}', NULL, NULL, NULL),
  ('OWNER', 4, '2026-03-01 09:04:00+00', 'OWNER', 'created', 1, '{"File it"}', NULL, NULL, NULL),
  ('OWNER', 5, '2026-03-01 09:05:00+00', 'OWNER', 'created', 1, '{"Buy stamps"}', NULL, NULL, NULL),
  ('OWNER', 6, '2026-03-01 09:06:00+00', 'OWNER', 'completed', 1, '{"Buy stamps"}', NULL, NULL, NULL),
  ('OWNER', 7, '2026-03-01 09:07:00+00', 'OWNER', 'created', 1, '{"Last year''s taxes"}', NULL, NULL, NULL),
  ('OWNER', 8, '2026-03-01 09:08:00+00', 'OWNER', 'archived', 1, '{"Last year''s taxes"}', NULL, NULL, NULL),
  ('OWNER', 9, '2026-03-01 09:09:00+00', 'OWNER', 'created', 1, '{"Water the plants"}', NULL, NULL, NULL),
  ('OWNER', 10, '2026-03-01 09:10:00+00', 'OWNER', 'completed', 2, '{"Water the plants","Water the plants"}', NULL, NULL, NULL),
  ('OWNER', 11, '2026-03-01 09:11:00+00', 'OWNER', 'updated', 1, '{"Water the plants"}', NULL, NULL, NULL),
  ('OWNER', 12, '2026-03-01 09:12:00+00', 'OWNER', 'created', 1, '{"Old plan"}', NULL, NULL, NULL),
  ('OWNER', 13, '2026-03-01 09:13:00+00', 'OWNER', 'updated', 1, '{"File it away"}', NULL, NULL, 14),
  ('OWNER', 14, '2026-03-01 09:14:00+00', 'OWNER', 'undone', 1, '{"File it away"}', NULL, 13, NULL),
  ('OWNER', 15, '2026-03-01 09:15:00+00', 'OWNER', 'template', 0, '{"weekly report"}', '{"template": [null, {"due": "", "Name": "weekly report", "tags": null, "title": "Write the report", "Version": 1, "category": "", "priority": 2, "CreatedAt": "2026-03-01T09:15:00Z", "Operation": 15, "UpdatedAt": "2026-03-01T09:15:00Z", "reminders": null, "recurrence": {"from": "", "rule": "", "skip_if_open": false}, "description": ""}]}', NULL, NULL),
  ('OWNER', 16, '2026-03-01 09:16:00+00', 'OWNER', 'created', 1, '{"Made once"}', NULL, NULL, NULL),
  ('OWNER', 17, '2026-03-01 09:17:00+00', 'OWNER', 'deleted', 1, '{"Old plan"}', NULL, NULL, NULL);

insert into outbox (owner_id, generation, seq, event_id, change, at, trace, task, refused) values
  ('OWNER', 16, 1, 'aa06bcba-76a1-45f9-8f98-7b4a690e757f', 'created', '2026-03-01 09:16:00+00', '', '{"id": "019ca700-0000-7000-8000-000000000009", "tags": [], "state": 0, "title": "Made once", "due_at": "infinity", "next_id": null, "version": 1, "category": "other", "owner_id": "OWNER", "position": 1772356560000000, "priority": 2, "operation": 16, "parent_id": null, "reminders": [], "title_key": "made once", "created_at": "2026-03-01T09:16:00+00:00", "depends_on": [], "updated_at": "2026-03-01T09:16:00+00:00", "archived_at": null, "description": "", "due_all_day": false, "completed_at": null, "recurrence_at": null, "subtasks_total": 0, "recurrence_from": "", "recurrence_rule": "", "open_dependencies": 0, "recurrence_anchor": null, "recurrence_all_day": false, "subtasks_completed": 0, "recurrence_skip_if_open": false}', NULL),
  ('OWNER', 17, 1, 'c45e55ee-e2b2-427b-9be5-8587c1884f75', 'deleted', '2026-03-01 09:17:00+00', '', '{"id": "019ca700-0000-7000-8000-000000000008", "tags": ["plan"], "state": 0, "title": "Old plan", "due_at": "infinity", "next_id": null, "version": 1, "category": "other", "owner_id": "OWNER", "position": 1772356320000000, "priority": 2, "operation": 12, "parent_id": null, "reminders": [], "title_key": "old plan", "created_at": "2026-03-01T09:12:00+00:00", "depends_on": [], "updated_at": "2026-03-01T09:12:00+00:00", "archived_at": null, "description": "", "due_all_day": false, "completed_at": null, "recurrence_at": null, "subtasks_total": 0, "recurrence_from": "", "recurrence_rule": "", "open_dependencies": 0, "recurrence_anchor": null, "recurrence_all_day": false, "subtasks_completed": 0, "recurrence_skip_if_open": false}', NULL);

insert into owners (owner_id, generation, nonce, time_zone, pending, done, archived, epoch, auto_archive_days, auto_archive_at, settings_operation, forgotten) values
  ('OWNER', 17, 834979517788, 'Europe/Berlin', 5, 2, 1, 3619796392480880, 400, '2026-03-01 09:01:00+00', 1, 0);

insert into reminders (owner_id, task_id, at, reminder) values
  ('OWNER', '019ca700-0000-7000-8000-000000000001', '2026-03-30 07:00:00+00', '-PT15H');

insert into tallies (owner_id, category, state, priority, subtask, dependent, recurring, tasks) values
  ('OWNER', 'home', 0, 1, false, false, true, 1),
  ('OWNER', 'home', 0, 2, true, false, false, 1),
  ('OWNER', 'other', 0, 2, false, true, false, 1),
  ('OWNER', 'other', 1, 2, false, false, false, 1),
  ('OWNER', 'other', 2, 2, false, false, false, 1),
  ('OWNER', 'home', 1, 2, false, false, true, 1),
  ('OWNER', 'home', 0, 2, false, false, true, 1),
  ('OWNER', 'other', 0, 2, false, false, false, 1);

insert into tasks (owner_id, id, version, created_at, updated_at, title, title_key, description, completed_at, priority, category, tags, due_at, due_all_day, reminders, recurrence_rule, recurrence_from, recurrence_skip_if_open, parent_id, depends_on, "position", archived_at, open_dependencies, subtasks_total, subtasks_completed, recurrence_anchor, recurrence_at, recurrence_all_day, next_id, operation) values
  ('OWNER', '019ca700-0000-7000-8000-000000000002', 1, '2026-03-01 09:03:00+00', '2026-03-01 09:03:00+00', 'Find the bill', 'find the bill', '', NULL, 2, 'home', '{}', 'infinity', false, '{}', '', '', false, '019ca700-0000-7000-8000-000000000001', '{}', 1.77235578e+15, NULL, 0, 0, 0, NULL, NULL, false, NULL, 3),
  ('OWNER', '019ca700-0000-7000-8000-000000000001', 1, '2026-03-01 09:02:00+00', '2026-03-01 09:02:00+00', 'Pay rent', 'pay rent', 'By transfer', NULL, 1, 'home', '{flat,money}', '2026-03-31 00:00:00+00', true, '{-PT15H}', 'FREQ=MONTHLY;BYMONTHDAY=-1', 'due', false, NULL, '{}', 1.77235572e+15, NULL, 0, 1, 0, '2026-03-31 00:00:00+00', '2026-03-31 00:00:00+00', true, NULL, 2),
  ('OWNER', '019ca700-0000-7000-8000-000000000004', 2, '2026-03-01 09:05:00+00', '2026-03-01 09:06:00+00', 'Buy stamps', 'buy stamps', '', '2026-03-01 09:06:00+00', 2, 'other', '{}', 'infinity', false, '{}', '', '', false, NULL, '{}', 1.7723559e+15, NULL, 0, 0, 0, NULL, NULL, false, NULL, 6),
  ('OWNER', '019ca700-0000-7000-8000-000000000005', 2, '2026-03-01 09:07:00+00', '2026-03-01 09:08:00+00', 'Last year''s taxes', 'last year''s taxes', '', NULL, 2, 'other', '{}', 'infinity', false, '{}', '', '', false, NULL, '{}', 1.77235602e+15, '2026-03-01 09:08:00+00', 0, 0, 0, NULL, NULL, false, NULL, 8),
  ('OWNER', '019ca700-0000-7000-8000-000000000006', 2, '2026-03-01 09:09:00+00', '2026-03-01 09:10:00+00', 'Water the plants', 'water the plants', '', '2026-03-01 09:10:00+00', 2, 'home', '{}', '2026-03-01 00:00:00+00', true, '{}', 'FREQ=DAILY', 'completion', false, NULL, '{}', 1.77235614e+15, NULL, 0, 0, 0, '2026-03-01 00:00:00+00', '2026-03-01 00:00:00+00', true, '019ca700-0000-7000-8000-000000000007', 10),
  ('OWNER', '019ca700-0000-7000-8000-000000000007', 2, '2026-03-01 09:10:00+00', '2026-03-01 09:11:00+00', 'Water the plants', 'water the plants', '', NULL, 2, 'home', '{}', '2026-03-02 00:00:00+00', true, '{}', 'FREQ=DAILY', 'completion', false, NULL, '{}', 1.77235614e+15, NULL, 0, 0, 0, '2026-03-02 00:00:00+00', '2026-03-02 00:00:00+00', true, NULL, 11),
  ('OWNER', '019ca700-0000-7000-8000-000000000003', 3, '2026-03-01 09:04:00+00', '2026-03-01 09:14:00+00', 'File it', 'file it', '', NULL, 2, 'other', '{}', '2026-03-05 17:00:00+00', false, '{}', '', '', false, NULL, '{019ca700-0000-7000-8000-000000000002}', 1.77235584e+15, NULL, 1, 0, 0, NULL, NULL, false, NULL, 4),
  ('OWNER', '019ca700-0000-7000-8000-000000000009', 1, '2026-03-01 09:16:00+00', '2026-03-01 09:16:00+00', 'Made once', 'made once', '', NULL, 2, 'other', '{}', 'infinity', false, '{}', '', '', false, NULL, '{}', 1.77235656e+15, NULL, 0, 0, 0, NULL, NULL, false, NULL, 16);

insert into task_dependencies (owner_id, task_id, depends_on_id) values
  ('OWNER', '019ca700-0000-7000-8000-000000000003', '019ca700-0000-7000-8000-000000000002');

insert into task_tags (owner_id, tag, state, created_at, task_id) values
  ('OWNER', 'flat', 0, '2026-03-01 09:02:00+00', '019ca700-0000-7000-8000-000000000001'),
  ('OWNER', 'money', 0, '2026-03-01 09:02:00+00', '019ca700-0000-7000-8000-000000000001');

insert into task_terms (owner_id, task_id, term) values
  ('OWNER', '019ca700-0000-7000-8000-000000000001', 'by'),
  ('OWNER', '019ca700-0000-7000-8000-000000000001', 'flat'),
  ('OWNER', '019ca700-0000-7000-8000-000000000001', 'money'),
  ('OWNER', '019ca700-0000-7000-8000-000000000001', 'pay'),
  ('OWNER', '019ca700-0000-7000-8000-000000000001', 'rent'),
  ('OWNER', '019ca700-0000-7000-8000-000000000001', 'transfer'),
  ('OWNER', '019ca700-0000-7000-8000-000000000002', 'bill'),
  ('OWNER', '019ca700-0000-7000-8000-000000000002', 'find'),
  ('OWNER', '019ca700-0000-7000-8000-000000000002', 'the'),
  ('OWNER', '019ca700-0000-7000-8000-000000000003', 'file'),
  ('OWNER', '019ca700-0000-7000-8000-000000000003', 'it'),
  ('OWNER', '019ca700-0000-7000-8000-000000000004', 'buy'),
  ('OWNER', '019ca700-0000-7000-8000-000000000004', 'stamps'),
  ('OWNER', '019ca700-0000-7000-8000-000000000005', 'last'),
  ('OWNER', '019ca700-0000-7000-8000-000000000005', 's'),
  ('OWNER', '019ca700-0000-7000-8000-000000000005', 'taxes'),
  ('OWNER', '019ca700-0000-7000-8000-000000000005', 'year'),
  ('OWNER', '019ca700-0000-7000-8000-000000000006', 'plants'),
  ('OWNER', '019ca700-0000-7000-8000-000000000006', 'the'),
  ('OWNER', '019ca700-0000-7000-8000-000000000006', 'water'),
  ('OWNER', '019ca700-0000-7000-8000-000000000007', 'plants'),
  ('OWNER', '019ca700-0000-7000-8000-000000000007', 'the'),
  ('OWNER', '019ca700-0000-7000-8000-000000000007', 'water'),
  ('OWNER', '019ca700-0000-7000-8000-000000000009', 'made'),
  ('OWNER', '019ca700-0000-7000-8000-000000000009', 'once');

insert into templates (owner_id, name, version, created_at, updated_at, sketch, operation) values
  ('OWNER', 'weekly report', 1, '2026-03-01 09:15:00+00', '2026-03-01 09:15:00+00', '{"due": "", "tags": null, "title": "Write the report", "category": "", "priority": 2, "reminders": null, "recurrence": {"from": "", "rule": "", "skip_if_open": false}, "description": ""}', 15);

insert into time_tallies (owner_id, what, at, tasks) values
  ('OWNER', 'date', '2026-03-31 00:00:00+00', 1),
  ('OWNER', 'due_day', '2026-03-05 00:00:00+00', 1),
  ('OWNER', 'due', '2026-03-05 17:00:00+00', 1),
  ('OWNER', 'completed', '2026-03-01 09:00:00+00', 2),
  ('OWNER', 'date', '2026-03-02 00:00:00+00', 1),
  ('OWNER', 'created', '2026-03-01 09:15:00+00', 1),
  ('OWNER', 'undated', '-infinity', 2),
  ('OWNER', 'created', '2026-03-01 09:00:00+00', 7);

select setval('changes_seq_seq', 16);

alter table tasks enable trigger user;
alter table changes enable trigger user;
