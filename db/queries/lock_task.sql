-- One task that is not deleted, locked against other edits and against expansion until the transaction ends.
select
  id, status, status_reason, paused_until, revision, schedule_kind, cron_expressions, time_zone, run_at, every_ms, starts_at, ends_at, max_runs,
  blackouts, calendar_sets(calendars) as calendar_sets, dst_gap, dst_repeat, flexible_window_ms, placement
from tasks
where id = $1::bigint and deleted_at is null
for no key update
