-- average_elapsed_time_per_task_type: how long a run of each type takes.
-- Grain    one row per task type, also those without history
-- Units    milliseconds of execution time alone (waiting is not in it)
-- Horizon  successful runs of the past year; without any, the type's declared estimate and estimated = true
create view average_elapsed_time_per_task_type as
select
  tt.name as task_type,
  coalesce(sum(s.succeeded), 0)::bigint as runs,
  coalesce(sum(s.failed), 0)::bigint as failures,
  coalesce(sum(s.elapsed_sum_ms) / nullif(sum(s.succeeded), 0), tt.estimate_ms) as average_elapsed_ms,
  coalesce(sum(s.succeeded), 0) = 0 as estimated
from task_types as tt
left join task_type_statistics as s
  on s.task_type = tt.name
  and s.day > (now() at time zone 'UTC')::date - 365
group by tt.name, tt.estimate_ms;
