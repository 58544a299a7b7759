-- How late the attempts of the pool $1 started that were due from $2 to before $3 (epoch ms): one row per task type, and one of all with
-- task_type null. What waits still has not started and is not among them. Delays in ms, from the instant at which the attempt was due.
with starts as (
  select r.task_id, (extract(epoch from r.started_at - r.due_at) * 1000)::float8 as delay_ms
  from task_runs as r
  where r.ended_at >= to_timestamp($2::float8 / 1000)
    and r.due_at >= to_timestamp($2::float8 / 1000)
    and r.due_at < to_timestamp($3::float8 / 1000)
  union all
  select r.task_id, (extract(epoch from s.start_time - s.claimed_due_at) * 1000)::float8
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
  t.task_type,
  count(*)::integer as starts,
  count(*) filter (where s.delay_ms <= 10000)::integer as in_time,
  percentile_cont(array[0.5, 0.95, 0.99]) within group (order by greatest(0, s.delay_ms)) as delays_ms
from starts as s
join tasks as t on t.id = s.task_id
join task_types as tt on tt.name = t.task_type
where tt.pool = $1
group by grouping sets ((t.task_type), ())
having count(*) > 0
order by starts desc, t.task_type
