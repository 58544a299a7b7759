-- One task that is not deleted, locked against edits, against expansion and against other runs of its own until the transaction ends.
select
  id, status, revision, catch_up_per_minute, expanded_until, schedule_kind, cron_expressions, time_zone, run_at, every_ms, starts_at, ends_at,
  max_runs, blackouts, calendar_sets(calendars) as calendar_sets, dst_gap, dst_repeat
from tasks
where id = $1::bigint and deleted_at is null
for no key update
