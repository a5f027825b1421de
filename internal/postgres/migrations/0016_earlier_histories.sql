-- serves: 1
-- What was changed often before that was noted. A step of its own: nobody waits
-- for this, as for that of earlier deletions. A thousand records are those from
-- one such version to the next.
insert into long_histories (owner_id, task_id, through, at)
select
  owner_id,
  task_id,
  through,
  at
from (
  select
    owner_id,
    task_id,
    lag(generation) over (partition by owner_id, task_id order by generation, seq) as through,
    at
  from changes
  where (after ->> 'version')::bigint % 1000 = 0) milestones
where through is not null
on conflict do nothing;
