-- Work that falls due before $1 (epoch ms) in the pool $2: one row per second, task type and priority. What no distributor has taken within two
-- seconds of its time is overdue and counts for the second of now.
-- at_ms is the start of the second, average_ms the planning duration of one occurrence.
select
  (extract(epoch from date_trunc('second', case when s.due_at < clock.now - interval '2 seconds' then clock.now else s.due_at end)) * 1000)::bigint as at_ms,
  t.task_type,
  t.priority,
  count(*)::integer as count,
  min(a.average_elapsed_ms) as average_ms
from (select clock_timestamp() as now) as clock,
  task_schedule as s
join tasks as t on t.id = s.task_id
join task_types as tt on tt.name = t.task_type
join average_elapsed_time_per_task_type as a on a.task_type = t.task_type
where s.due_at < to_timestamp($1::float8 / 1000) and tt.pool = $2
group by 1, 2, 3
