-- What ran in the pool $1 and had been due from $2 to before $3 (epoch ms), with what still runs at its age so far. $4: how long before
-- it was due (ms) work had to be a row to count as on schedule. One row per second that it was due in, task type and class; a run of more than
-- nine seconds, which holds its slot alone, per second of its duration too.
-- on_schedule: a schedule made it, and either it is a first attempt or the attempt before it had ended in time.
-- runs: how many; work_ms: what they took together.
with attempts as (
  select
    r.task_id,
    r.scheduled_time,
    r.attempt,
    coalesce(r.due_at, r.started_at) as due_at,
    coalesce(r.elapsed_ms, extract(epoch from r.ended_at - r.started_at) * 1000)::float8 as elapsed_ms
  from task_runs as r
  where r.ended_at >= to_timestamp($2::float8 / 1000)
    and coalesce(r.due_at, r.started_at) >= to_timestamp($2::float8 / 1000)
    and coalesce(r.due_at, r.started_at) < to_timestamp($3::float8 / 1000)
  union all
  select r.task_id, r.scheduled_time, r.attempt, s.claimed_due_at, (extract(epoch from clock_timestamp() - s.start_time) * 1000)::float8
  from running_tasks as r
  cross join lateral (
    select o.claimed_due_at, o.start_time
    from task_schedule as o
    where o.task_id = r.task_id and o.scheduled_time = r.scheduled_time and o.status = 'Running'
    offset 0
  ) as s
  where s.claimed_due_at >= to_timestamp($2::float8 / 1000) and s.claimed_due_at < to_timestamp($3::float8 / 1000)
)
select
  (extract(epoch from date_trunc('second', a.due_at)) * 1000)::float8 as at_ms,
  t.task_type,
  s.trigger = 'schedule' and t.schedule_kind <> 'immediate' and (a.attempt = 1 or b.ended_at is not null) as on_schedule,
  case when a.elapsed_ms > 9000 then ceil(a.elapsed_ms / 1000) end as long_s,
  count(*)::integer as runs,
  sum(greatest(0, a.elapsed_ms)) as work_ms
from attempts as a
join tasks as t on t.id = a.task_id
join task_types as tt on tt.name = t.task_type
join task_schedule as s on s.task_id = a.task_id and s.scheduled_time = a.scheduled_time
left join task_runs as b
  on a.attempt > 1
  and b.task_id = a.task_id
  and b.scheduled_time = a.scheduled_time
  and b.attempt = a.attempt - 1
  and b.ended_at <= a.due_at - $4::float8 * interval '1 millisecond'
where tt.pool = $1
group by 1, 2, 3, 4
