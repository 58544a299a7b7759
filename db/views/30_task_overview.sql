-- task_overview: what a list of tasks shows of each.
-- Grain    one row per task that is not deleted
-- Units    average_elapsed_ms in milliseconds, of the task's type over the past year
-- Horizon  next_run is the soonest row that waits, so it is null beyond what the scheduler has expanded
create view task_overview as
select
  t.*,
  tt.pool,
  tt.timeout_ms as type_timeout_ms,
  a.average_elapsed_ms,
  next_occurrence.due_at as next_run
from tasks as t
join task_types as tt on tt.name = t.task_type
join average_elapsed_time_per_task_type as a on a.task_type = t.task_type
left join lateral (
  select s.due_at
  from task_schedule as s
  where s.task_id = t.id and s.scheduled_time > now() - interval '1 day' and s.due_at is not null
  order by s.scheduled_time
  limit 1
) as next_occurrence on true
where t.deleted_at is null;
