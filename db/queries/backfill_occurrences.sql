-- Occurrences of the task $1 at the revision $2 for the past instants $3 (epoch ms), each due at $4 (epoch ms; same length). The task is locked.
-- One row: how many were written. What is there already stays as it is.
with written as (
  insert into task_schedule (task_id, scheduled_time, due_at, revision, trigger, reason)
  select $1::bigint, to_timestamp(at_ms / 1000), to_timestamp(due_ms / 1000), $2::integer, 'backfill', 'asked for by a backfill'
  from unnest($3::float8[], $4::float8[]) as b (at_ms, due_ms)
  on conflict (task_id, scheduled_time) do nothing
  returning 1
)
select count(*)::integer as written from written
