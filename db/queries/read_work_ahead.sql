-- Work of the pool $2 that falls due before $1 (epoch ms): one row per instant and task type, as read_demand has it, but fit for a day
-- of many tasks: rows are joined to the kinds of their tasks alone and counted as they stand; what is said of an instant is said once.
-- What no distributor has taken within two seconds of its time counts for now.
with kinds as materialized (
  select tt.name, a.average_elapsed_ms
  from task_types as tt
  join average_elapsed_time_per_task_type as a on a.task_type = tt.name
  where tt.pool = $2
),
work as materialized (
  select s.due_at, t.task_type, count(*)::integer as count
  from task_schedule as s
  join tasks as t on t.id = s.task_id
  where s.due_at < to_timestamp($1::float8 / 1000)
  group by 1, 2
)
select
  (extract(epoch from date_trunc('second', case when w.due_at < clock.now - interval '2 seconds' then clock.now else w.due_at end)) * 1000)::float8 as at_ms,
  w.task_type,
  sum(w.count)::integer as count,
  min(k.average_elapsed_ms) as average_ms
from (select clock_timestamp() as now) as clock,
  work as w
join kinds as k on k.name = w.task_type
group by 1, 2
