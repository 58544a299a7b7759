-- The tasks behind each step of the forecast: $1 pool, $2 from and $3 until (epoch ms), $4 step in ms, $5 how many per step.
-- One row per step and task, largest work first.
with work as (
  select
    floor((extract(epoch from s.due_at) * 1000 - $2::float8) / $4::float8)::integer as step,
    s.task_id,
    count(*)::integer as occurrences,
    sum(a.average_elapsed_ms) as compute_ms
  from task_schedule as s
  join tasks as t on t.id = s.task_id
  join task_types as tt on tt.name = t.task_type
  join average_elapsed_time_per_task_type as a on a.task_type = t.task_type
  where s.due_at >= to_timestamp($2::float8 / 1000) and s.due_at < to_timestamp($3::float8 / 1000) and tt.pool = $1
  group by 1, 2
),
ranked as (
  select work.*, row_number() over (partition by step order by compute_ms desc, task_id) as place from work
)
select r.step, r.task_id, t.name as task_name, r.occurrences, r.compute_ms
from ranked as r
join tasks as t on t.id = r.task_id
where r.place <= $5
order by r.step, r.place
