-- The occurrence of the task $1 that is scheduled for $2 (epoch ms), else one that was or is due then: within the longest flexible window
-- of a day, or moved there. At most one row.
with candidate as (
  select s.scheduled_time, s.revision, s.due_at, s.claimed_due_at, s.moved_at, 1 as rank
  from task_schedule as s
  where s.task_id = $1::bigint and s.scheduled_time = to_timestamp($2::float8 / 1000)
  union all
  select s.scheduled_time, s.revision, s.due_at, s.claimed_due_at, s.moved_at, 2
  from task_schedule as s
  where s.task_id = $1::bigint and s.due_at = to_timestamp($2::float8 / 1000)
  union all
  select s.scheduled_time, s.revision, s.due_at, s.claimed_due_at, s.moved_at, 3
  from task_schedule as s
  where s.task_id = $1::bigint
    and s.scheduled_time < to_timestamp($2::float8 / 1000)
    and s.scheduled_time >= to_timestamp($2::float8 / 1000) - interval '1 day'
    and s.claimed_due_at = to_timestamp($2::float8 / 1000)
)
select
  (extract(epoch from c.scheduled_time) * 1000)::bigint as scheduled_ms,
  c.revision,
  c.claimed_due_at,
  c.moved_at,
  coalesce(c.due_at <= d.catch_up_before, false) as left_to_catch_up
from candidate as c
cross join distribution as d
order by c.rank, c.scheduled_time desc
limit 1
