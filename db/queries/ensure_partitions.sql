-- Partitions of task_schedule, task_runs and task_logs from yesterday to $1 days from now (UTC days).
select ensure_partitions(
  (clock_timestamp() at time zone 'UTC')::date - 1, (clock_timestamp() at time zone 'UTC')::date + $1::integer
) as made
