-- Partitions of task_schedule, task_runs and task_logs for the UTC day of $1 (epoch ms).
select ensure_partitions(day, day) as made
from (select (to_timestamp($1::float8 / 1000) at time zone 'UTC')::date as day) as d
