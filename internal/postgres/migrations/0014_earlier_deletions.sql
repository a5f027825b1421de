-- serves: 1
-- What was deleted before deletions were noted. A step of its own: those of the
-- meantime have been noted by the trigger, and nobody waits for this.
insert into deletions (owner_id, task_id, at)
select
  owner_id,
  task_id,
  at
from changes
where change = 'deleted'
on conflict do nothing;
