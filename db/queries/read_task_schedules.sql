-- The schedules of the tasks $1 as columns, with the names of their calendars.
select
  id, schedule_kind, cron_expressions, time_zone, run_at, every_ms, starts_at, ends_at, max_runs, blackouts, dst_gap, dst_repeat, calendars
from tasks
where id = any($1::bigint[])
