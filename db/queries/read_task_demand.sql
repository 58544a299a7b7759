-- Work of the tasks $1 that falls due before $2 (epoch ms): one row per second and task type, in the same seconds as read_demand.
-- Tasks of other pools than $3 are left out.
select
  (extract(epoch from date_trunc('second', case when s.due_at < clock.now - interval '2 seconds' then clock.now else s.due_at end)) * 1000)::float8 as at_ms,
  t.task_type,
  count(*)::integer as count
from (select clock_timestamp() as now) as clock,
  task_schedule as s
join tasks as t on t.id = s.task_id
join task_types as tt on tt.name = t.task_type
where s.task_id = any ($1::bigint[]) and s.due_at < to_timestamp($2::float8 / 1000) and tt.pool = $3
group by 1, 2
