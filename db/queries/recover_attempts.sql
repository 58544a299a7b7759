-- Takes every attempt from the lost processors $1 (same length: their names $2). Each ended attempt is recorded as lost.
-- Back to Scheduled while the task has attempts left, else Failed; Cancelled when the task was stopped meanwhile, or the end of the attempt
-- had been asked for. One row per occurrence, with its new status.
with mine as materialized (
  select s.task_id, s.scheduled_time, s.attempt, s.start_time, s.claimed_due_at, r.name, t.revision, tt.pool, b.ending_reason,
    case
      when b.ending is not null then 'Cancelled'
      when s.attempt - s.attempt_base >= coalesce((t.retry ->> 'maxAttempts')::integer, (tt.retry ->> 'maxAttempts')::integer, 1) then 'Failed'
      when t.revision <> s.revision and (t.status <> 'active' or t.deleted_at is not null) then 'Cancelled'
      else 'Scheduled'
    end::occurrence_status as status
  from unnest($1::bigint[], $2::text[]) as r (id, name)
  join running_tasks as b on b.locked_by = r.id
  join task_schedule as s
    on s.task_id = b.task_id and s.scheduled_time = b.scheduled_time and s.attempt = b.attempt and s.locked_by = r.id and s.status = 'Running'
  join tasks as t on t.id = s.task_id
  join task_types as tt on tt.name = t.task_type
  order by t.id -- one order for all who lock tasks
  for share of t for update of b
),
recovered as (
  update task_schedule as s
  set
    status = m.status,
    due_at = case when m.status = 'Scheduled' then clock_timestamp() end,
    revision = m.revision,
    end_time = case when m.status <> 'Scheduled' then clock_timestamp() end,
    locked_by = null,
    locked_at = null,
    claim_id = null,
    reason = coalesce(m.ending_reason, 'the processor ' || m.name || ' was lost while it ran')
  from mine as m
  where s.task_id = m.task_id and s.scheduled_time = m.scheduled_time and s.status = 'Running' and s.attempt = m.attempt
  returning s.task_id, s.scheduled_time, s.attempt, s.status, m.start_time, m.claimed_due_at, m.name, m.pool
),
run as (
  insert into task_runs (task_id, scheduled_time, attempt, outcome, due_at, started_at, error, processor)
  select task_id, scheduled_time, attempt, 'lost', claimed_due_at, start_time, 'The processor ' || name || ' was lost while it ran.', name
  from recovered
),
unbarred as (
  delete from running_tasks as r using unnest($1::bigint[]) as lost (id) where r.locked_by = lost.id
)
select
  task_id,
  (extract(epoch from scheduled_time) * 1000)::bigint as scheduled_ms,
  attempt,
  status,
  pool,
  'The processor ' || name || ' was lost while it ran.' as cause
from recovered
