-- Starts the occurrences of tickets ($1 task ids, $2 scheduled times, $3 claim ids) in the processor $4, whose lease must be alive.
-- $5 and $6 are the first and last scheduled time, so that only their partitions are looked at. No task that bars twice in one call.
-- $7: whether decide_overlap.sql has found that nothing that waits comes before it.
-- One row per occurrence that was Queued under that claim, with its new status: Running, or what became of it instead:
-- Expired (too late to start), Cancelled (the task was changed after it was written), Queued (others of its task run or wait, and
-- decide_overlap.sql is to decide what becomes of it). No row: the ticket is old, and nothing is to be done.
-- Fails as a whole, on the unique index running_tasks_bar, when two processors start occurrences of one task in the same moment:
-- call again, and the slower one finds the other running.
-- Tables are joined by key only and no two CTEs with each other, so that the plan stays a few index look-ups per row.
with me as materialized (
  select id from replicas where id = $4::bigint and lease_until > clock_timestamp() for key share
),
verdict as materialized (
  select
    s.task_id,
    s.scheduled_time,
    s.claim_id,
    s.revision,
    me.id as processor_id,
    t.name as task_name,
    t.task_type,
    t.payload,
    t.labels,
    t.recipients,
    t.retry,
    t.timeout_ms,
    t.overlap_policy <> 'allow' as bars,
    case
      -- An edit takes back what it finds waiting; what it could not see, such as a redrive while the task was inactive, ends here.
      when t.revision <> s.revision then 'Cancelled'
      -- Counted from the end of its flexible window, or from when a person moved it to. A backfill is asked for when its times are long over.
      when t.start_expiry_ms is not null and s.attempt = 0 and s.trigger <> 'backfill' and clock_timestamp() > t.start_expiry_ms * interval '1 millisecond'
        + greatest(s.scheduled_time + t.flexible_window_ms * interval '1 millisecond', case when s.moved_at is not null then s.claimed_due_at end)
        then 'Expired'
      when r.task_id is not null then 'Queued'
      when k.cleared or t.overlap_policy = 'allow' or (t.overlap_policy = 'skip' and s.trigger not in ('catch-up', 'backfill')) then 'Running'
      when exists (select from waiting_occurrences as w where w.task_id = t.id and w.scheduled_time <> s.scheduled_time) then 'Queued'
      else 'Running'
    end::occurrence_status as status
  from me
  cross join unnest($1::bigint[], $2::timestamptz[], $3::bigint[], $7::boolean[]) as k (task_id, scheduled_time, claim_id, cleared)
  join task_schedule as s
    on s.task_id = k.task_id and s.scheduled_time = k.scheduled_time and s.claim_id = k.claim_id and s.status = 'Queued'
  join tasks as t on t.id = s.task_id
  left join running_tasks as r on r.task_id = t.id and r.bars and t.overlap_policy <> 'allow'
  where s.scheduled_time between $5::timestamptz and $6::timestamptz
),
started as (
  update task_schedule as s
  set
    status = v.status,
    attempt = case when v.status = 'Running' then s.attempt + 1 else s.attempt end,
    claim_id = case when v.status = 'Running' then s.claim_id end,
    locked_by = case when v.status = 'Running' then v.processor_id end,
    locked_at = case when v.status = 'Running' then clock_timestamp() end,
    lock_expires_at = null,
    start_time = case when v.status = 'Running' then clock_timestamp() else s.start_time end,
    end_time = case when v.status <> 'Running' then clock_timestamp() end,
    reason = case v.status
      when 'Expired' then 'it could not start before its start expiry'
      when 'Cancelled' then 'the task was changed before it could start'
    end
  from verdict as v
  where s.task_id = v.task_id
    and s.scheduled_time = v.scheduled_time
    and s.claim_id = v.claim_id
    and s.revision = v.revision
    and s.status = 'Queued'
    and v.status <> 'Queued'
    and s.scheduled_time between $5::timestamptz and $6::timestamptz
  returning
    s.task_id, s.scheduled_time, s.status, s.attempt, s.attempt_base, s.start_time, s.claimed_due_at, s.locked_by,
    v.task_name, v.task_type, v.payload, v.labels, v.recipients, v.retry, v.timeout_ms, v.bars
),
entered as (
  insert into running_tasks as r (task_id, scheduled_time, attempt, locked_by, bars)
  select task_id, scheduled_time, attempt, locked_by, bars
  from started
  where status = 'Running'
  on conflict (task_id, scheduled_time) do update
  set attempt = excluded.attempt, locked_by = excluded.locked_by, bars = excluded.bars, ending = null, ending_reason = null
),
waited as (
  delete from waiting_occurrences as w
  using (
    select found.row
    from started as s
    cross join lateral (
      select k.ctid as row from waiting_occurrences as k where k.task_id = s.task_id and k.scheduled_time = s.scheduled_time offset 0
    ) as found
    where (select exists (select from waiting_occurrences)) -- asked once: mostly nothing at all waits
  ) as own
  where w.ctid = own.row
)
select
  task_id,
  (extract(epoch from scheduled_time) * 1000)::bigint as scheduled_ms,
  (extract(epoch from start_time) * 1000)::bigint as start_ms,
  (extract(epoch from claimed_due_at) * 1000)::bigint as due_ms,
  status,
  attempt,
  attempt_base,
  task_name,
  task_type,
  payload,
  labels,
  recipients,
  retry,
  timeout_ms,
  bars
from started
union all
select
  task_id, (extract(epoch from scheduled_time) * 1000)::bigint, null, null, status, null, null, null, null, null, null, null, null, null, null
from verdict
where status = 'Queued'
