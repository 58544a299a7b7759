-- Takes back what the tasks $1, which are locked, have ahead of $2 (epoch ms), so that it can be written anew: deletes what has not begun and
-- nobody has touched.
-- One row per task: how many of its schedule's occurrences were ahead, whatever had become of them, since all are decided anew; and those that
-- wait and are not deleted, for the edit to decide about: their time has come, or they have been tried before, or a person made or moved them.
with waiting as materialized (
  select
    task_id,
    scheduled_time,
    attempt > 0 or trigger in ('manual', 'backfill') as begun,
    scheduled_time > to_timestamp($2::float8 / 1000) and attempt = 0 and moved_at is null and trigger in ('schedule', 'catch-up') as ahead
  from task_schedule
  where task_id = any($1::bigint[]) and status in ('Scheduled', 'Queued')
  for update
),
deleted as (
  delete from task_schedule as s
  using waiting as w
  where w.ahead
    and s.task_id = w.task_id
    and s.scheduled_time = w.scheduled_time
    and s.task_id = any($1::bigint[])
    and s.scheduled_time > to_timestamp($2::float8 / 1000)
)
select
  k.id,
  (
    select count(*)
    from task_schedule as s
    where s.task_id = k.id and s.scheduled_time > to_timestamp($2::float8 / 1000) and s.trigger in ('schedule', 'catch-up')
  )::integer as ahead,
  coalesce(
    array_agg((extract(epoch from w.scheduled_time) * 1000)::float8 order by w.scheduled_time) filter (where not w.ahead and w.begun), '{}'
  ) as begun,
  coalesce(
    array_agg((extract(epoch from w.scheduled_time) * 1000)::float8 order by w.scheduled_time) filter (where not w.ahead and not w.begun), '{}'
  ) as waiting
from unnest($1::bigint[]) as k (id)
left join waiting as w on w.task_id = k.id
group by k.id
