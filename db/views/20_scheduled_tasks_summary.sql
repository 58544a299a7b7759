-- scheduled_tasks_summary: the instances that each scheduled time asks for, by the base formula.
-- Grain    one row per (scheduled_time, pool) that has at least one occurrence still to run
-- Units    required_compute_ms in milliseconds; an instance gives 10,000 ms per 10-second start window less a 10 % buffer, so 9,000
-- Horizon  as far ahead as the scheduler has expanded: at least three hours
create view scheduled_tasks_summary as
select
  s.scheduled_time,
  tt.pool,
  count(*)::integer as number_of_tasks,
  sum(a.average_elapsed_ms) as required_compute_ms,
  ceil(sum(a.average_elapsed_ms) / 9000.0)::integer as required_instances
from task_schedule as s
join tasks as t on t.id = s.task_id
join task_types as tt on tt.name = t.task_type
join average_elapsed_time_per_task_type as a on a.task_type = t.task_type
where s.due_at is not null
group by s.scheduled_time, tt.pool;
