-- Work of the pool $1 in the last $2 ms that no schedule foretold, by task type: further attempts, manual runs, and tasks that were made to
-- run at once. count is how many, work_ms what they took, or would at their average.
select w.task_type, sum(w.count)::integer as count, sum(w.work_ms)::float8 as work_ms
from (
  select t.task_type, count(*) as count, sum(coalesce(r.elapsed_ms, 0)) as work_ms
  from task_runs as r
  join tasks as t on t.id = r.task_id
  where r.ended_at > (select clock_timestamp() - $2::integer * interval '1 millisecond') and r.attempt > 1
  group by t.task_type
  union all
  select t.task_type, count(*), sum(a.average_elapsed_ms)
  from task_schedule as s
  join tasks as t on t.id = s.task_id
  join average_elapsed_time_per_task_type as a on a.task_type = t.task_type
  where s.trigger = 'manual'
    and s.scheduled_time > (select clock_timestamp() - $2::integer * interval '1 millisecond')
    and s.scheduled_time <= (select clock_timestamp())
  group by t.task_type
  union all
  select t.task_type, count(*), sum(a.average_elapsed_ms)
  from tasks as t
  join average_elapsed_time_per_task_type as a on a.task_type = t.task_type
  where t.schedule_kind = 'immediate' and t.created_at > (select clock_timestamp() - $2::integer * interval '1 millisecond')
  group by t.task_type
) as w
join task_types as tt on tt.name = w.task_type
where tt.pool = $1
group by w.task_type
