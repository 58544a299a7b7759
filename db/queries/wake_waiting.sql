-- Of each of the tasks $1 of which nothing runs that would bar it, the waiting occurrence that is next becomes due at once, and the distributors
-- are told. Next is the first by scheduled time; catching up and backfills come after all others, unless the task buffers all, in order.
-- `offset 0` keeps the planner from reading the schedule first: what waits is few, and found by its keys. One row per occurrence that was woken.
with next as materialized (
  select
    t.id as task_id,
    coalesce(
      (
        select w.scheduled_time
        from waiting_occurrences as w
        cross join lateral (
          select o.trigger
          from task_schedule as o
          where o.task_id = w.task_id and o.scheduled_time = w.scheduled_time and o.status in ('Scheduled', 'Queued')
          offset 0
        ) as s
        where w.task_id = t.id and (t.overlap_policy = 'buffer-all' or s.trigger not in ('catch-up', 'backfill'))
        order by w.scheduled_time
        limit 1
      ),
      (
        select w.scheduled_time
        from waiting_occurrences as w
        cross join lateral (
          select o.trigger
          from task_schedule as o
          where o.task_id = w.task_id and o.scheduled_time = w.scheduled_time and o.status in ('Scheduled', 'Queued')
          offset 0
        ) as s
        where w.task_id = t.id
        order by w.scheduled_time
        limit 1
      )
    ) as scheduled_time
  from tasks as t
  where t.id = any ($1::bigint[])
    and not exists (select from running_tasks as r where r.task_id = t.id and r.bars)
),
-- One that somebody has locked is being claimed, edited or moved; it is not waited for.
sleeping as materialized (
  select s.task_id, s.scheduled_time
  from next as n
  join task_schedule as s on s.task_id = n.task_id and s.scheduled_time = n.scheduled_time
  where s.status = 'Scheduled' and s.due_at > clock_timestamp()
  for update of s skip locked
),
woken as (
  update task_schedule as s
  set due_at = clock_timestamp()
  from sleeping as n
  where s.task_id = n.task_id and s.scheduled_time = n.scheduled_time
  returning s.task_id, s.scheduled_time
)
select
  w.task_id,
  (extract(epoch from w.scheduled_time) * 1000)::bigint as scheduled_ms,
  n.told
from woken as w
cross join (select pg_notify('almanac_work', '') as told where exists (select from woken)) as n
