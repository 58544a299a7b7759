-- Starts the occurrences of tickets ($1 task ids, $2 scheduled times, $3 claim ids) in the processor $4, whose lease must be alive.
-- $5 and $6 are the first and last scheduled time, so that only their partitions are looked at.
-- One row per occurrence that was Queued under that claim, with its new status: Running, or the end that it found instead
-- (Skipped: another one of its task runs; Expired: too late to start). No row: the ticket is old, and nothing is to be done.
with me as materialized (
  select id from replicas where id = $4::bigint and lease_until > clock_timestamp() for key share
),
ticket as materialized (
  select
    s.task_id,
    s.scheduled_time,
    t.name as task_name,
    t.task_type,
    t.payload,
    t.labels,
    t.recipients,
    t.retry,
    t.timeout_ms,
    t.overlap_policy,
    s.attempt + 1 as attempt,
    s.scheduled_time + t.start_expiry_ms * interval '1 millisecond' < clock_timestamp() and s.attempt = 0 as expired
  from me, unnest($1::bigint[], $2::timestamptz[], $3::bigint[]) as k (task_id, scheduled_time, claim_id)
  join task_schedule as s
    on s.task_id = k.task_id and s.scheduled_time = k.scheduled_time and s.claim_id = k.claim_id and s.status = 'Queued'
  join tasks as t on t.id = s.task_id and t.revision = s.revision
  where s.scheduled_time between $5::timestamptz and $6::timestamptz
  for update of s
),
barred as (
  insert into running_tasks (task_id, scheduled_time, attempt, locked_by)
  select task_id, scheduled_time, attempt, $4::bigint
  from ticket
  where overlap_policy = 'skip' and expired is not true
  order by task_id
  on conflict (task_id) do nothing
  returning task_id, scheduled_time
),
verdict as materialized (
  select
    ticket.*,
    case
      when ticket.expired then 'Expired'
      when ticket.overlap_policy = 'skip' and barred.task_id is null then 'Skipped'
      else 'Running'
    end::occurrence_status as status
  from ticket
  left join barred on barred.task_id = ticket.task_id and barred.scheduled_time = ticket.scheduled_time
),
started as (
  update task_schedule as s
  set
    status = v.status,
    attempt = case when v.status = 'Running' then v.attempt else s.attempt end,
    locked_by = case when v.status = 'Running' then $4::bigint end,
    locked_at = clock_timestamp(),
    lock_expires_at = null,
    start_time = case when v.status = 'Running' then clock_timestamp() end,
    end_time = case when v.status <> 'Running' then clock_timestamp() end,
    reason = case v.status
      when 'Skipped' then 'another occurrence of the task was running'
      when 'Expired' then 'it could not start before its start expiry'
    end
  from verdict as v
  where s.task_id = v.task_id and s.scheduled_time = v.scheduled_time
    and s.scheduled_time between $5::timestamptz and $6::timestamptz
  returning s.task_id, s.scheduled_time, s.start_time, s.claimed_due_at, s.attempt_base
)
select
  v.task_id,
  (extract(epoch from v.scheduled_time) * 1000)::bigint as scheduled_ms,
  (extract(epoch from s.start_time) * 1000)::bigint as start_ms,
  (extract(epoch from s.claimed_due_at) * 1000)::bigint as due_ms,
  v.status,
  v.attempt,
  s.attempt_base,
  v.task_name,
  v.task_type,
  v.payload,
  v.labels,
  v.recipients,
  v.retry,
  v.timeout_ms
from verdict as v
join started as s on s.task_id = v.task_id and s.scheduled_time = v.scheduled_time
