-- What becomes of occurrences that could not start because others of their tasks run or wait: $1 task ids, $2 scheduled times,
-- $3 claim ids (the fence). $4 and $5 are the first and last scheduled time. No task twice in one call.
-- One row per occurrence that is Queued under that claim: Queued (nothing is in its way any more, so it may start), Scheduled (it waits), or
-- Skipped. What is to be ended for it is asked to end. Rare, so it may look at all days; `offset 0` keeps the planner from reading the
-- schedule before what waits.
with candidate as materialized (
  select
    s.task_id,
    s.scheduled_time,
    s.claim_id,
    t.overlap_policy as policy,
    -- Only what its schedule made, and nobody has tried or put off yet, may be skipped.
    s.attempt = 0 and s.trigger = 'schedule'
      and not exists (select from waiting_occurrences as w where w.task_id = s.task_id and w.scheduled_time = s.scheduled_time) as may_be_skipped,
    s.attempt = 0 and s.trigger in ('schedule', 'manual') as replaces,
    s.trigger in ('catch-up', 'backfill') and t.overlap_policy <> 'buffer-all' as yields,
    r.scheduled_time as running,
    o.trigger as running_trigger
  from unnest($1::bigint[], $2::timestamptz[], $3::bigint[]) as k (task_id, scheduled_time, claim_id)
  join task_schedule as s
    on s.task_id = k.task_id and s.scheduled_time = k.scheduled_time and s.claim_id = k.claim_id and s.status = 'Queued'
  join tasks as t on t.id = s.task_id
  left join running_tasks as r on r.task_id = t.id and r.bars and t.overlap_policy <> 'allow'
  left join task_schedule as o on o.task_id = r.task_id and o.scheduled_time = r.scheduled_time
  where s.scheduled_time between $4::timestamptz and $5::timestamptz
),
verdict as materialized (
  select
    c.*,
    coalesce(c.running, ahead.scheduled_time) as blocker,
    buffered.scheduled_time as buffered,
    case
      when c.running is null and ahead.scheduled_time is null then 'Queued'
      -- Fresh work is not lost to what catches up.
      when not c.may_be_skipped or c.running_trigger in ('catch-up', 'backfill') then 'Scheduled'
      when c.policy = 'skip' or buffered.scheduled_time is not null then 'Skipped'
      else 'Scheduled'
    end::occurrence_status as status
  from candidate as c
  -- With nothing running, whoever waits and is before it.
  left join lateral (
    select w.scheduled_time
    from waiting_occurrences as w
    cross join lateral (
      select s.trigger
      from task_schedule as s
      where s.task_id = w.task_id and s.scheduled_time = w.scheduled_time and s.status in ('Scheduled', 'Queued')
      offset 0
    ) as o
    where c.running is null
      and c.policy <> 'allow'
      and (c.policy <> 'skip' or c.yields)
      and w.task_id = c.task_id
      and w.scheduled_time <> c.scheduled_time
      and w.scheduled_time < case when c.yields then 'infinity' else c.scheduled_time end
      and case
        when c.policy = 'buffer-all' then true
        when c.yields then o.trigger not in ('catch-up', 'backfill') or w.scheduled_time < c.scheduled_time
        else o.trigger not in ('catch-up', 'backfill')
      end
    order by w.scheduled_time
    limit 1
  ) as ahead on true
  -- Whoever takes the one place in the buffer; the first that waits has left it as good as, when nothing runs.
  left join lateral (
    select w.scheduled_time
    from waiting_occurrences as w
    cross join lateral (
      select s.trigger
      from task_schedule as s
      where s.task_id = w.task_id and s.scheduled_time = w.scheduled_time and s.status in ('Scheduled', 'Queued')
      offset 0
    ) as o
    where c.policy in ('buffer-one', 'cancel-other', 'terminate-other')
      and c.may_be_skipped
      and o.trigger not in ('catch-up', 'backfill')
      and w.task_id = c.task_id
      and w.scheduled_time <> c.scheduled_time
    order by w.scheduled_time
    offset case when c.running is null then 1 else 0 end
    limit 1
  ) as buffered on true
),
-- One that is locked is just ending. A backfill is not outdated by what comes after it.
replaced as materialized (
  select r.task_id, r.scheduled_time, v.policy, v.scheduled_time as by
  from verdict as v
  join running_tasks as r on r.task_id = v.task_id and r.scheduled_time = v.running
  where v.status = 'Scheduled'
    and v.replaces
    and v.policy in ('cancel-other', 'terminate-other')
    and v.running < v.scheduled_time
    and v.running_trigger <> 'backfill'
    and r.ending is null
  for update of r skip locked
),
ending as (
  update running_tasks as r
  set
    ending = case o.policy when 'cancel-other' then 'cancel' else 'terminate' end,
    ending_reason = 'ended so that occurrence ' || o.task_id || '-' || (extract(epoch from o.by) * 1000)::bigint || ' could start'
  from replaced as o
  where r.task_id = o.task_id and r.scheduled_time = o.scheduled_time
  returning r.locked_by
),
told as materialized (
  select pg_notify('almanac_end', locked_by::text) from ending group by locked_by
),
settled as (
  update task_schedule as s
  set
    status = v.status,
    -- What wakes it is the end of the other. Should that be missed, whoever is next looks again soon, and all others now and then.
    due_at = case when v.status = 'Scheduled' then clock_timestamp() + case
      when exists (select from waiting_occurrences as w where w.task_id = v.task_id and w.scheduled_time < v.scheduled_time) then interval '1 minute'
      else interval '5 seconds'
    end end,
    end_time = case when v.status = 'Skipped' then clock_timestamp() end,
    claim_id = null,
    locked_by = null,
    locked_at = null,
    lock_expires_at = null,
    blocked_by = coalesce(case when v.status = 'Skipped' then v.buffered end, v.blocker),
    reason = case
      when v.status = 'Scheduled' then 'waits until occurrence ' || v.task_id || '-' || (extract(epoch from v.blocker) * 1000)::bigint || ' has ended'
      when v.buffered is null then 'occurrence ' || v.task_id || '-' || (extract(epoch from v.blocker) * 1000)::bigint || ' of the task was running'
      else 'occurrence ' || v.task_id || '-' || (extract(epoch from v.buffered) * 1000)::bigint || ' of the task was waiting already'
    end
  from verdict as v
  where s.task_id = v.task_id
    and s.scheduled_time = v.scheduled_time
    and s.claim_id = v.claim_id
    and s.status = 'Queued'
    and v.status <> 'Queued'
    and s.scheduled_time between $4::timestamptz and $5::timestamptz
  returning s.task_id, s.scheduled_time, s.status
),
entered as (
  insert into waiting_occurrences (task_id, scheduled_time)
  select task_id, scheduled_time
  from settled
  where status = 'Scheduled'
  on conflict (task_id, scheduled_time) do nothing
),
-- What is before one that may start and does not wait any more would send each of its followers here.
forgotten as (
  delete from waiting_occurrences as w
  using (
    select found.row
    from verdict as v
    cross join lateral (
      select k.ctid as row
      from waiting_occurrences as k
      where k.task_id = v.task_id
        and k.scheduled_time < v.scheduled_time
        and not exists (
          select
          from task_schedule as s
          where s.task_id = k.task_id and s.scheduled_time = k.scheduled_time and s.status in ('Scheduled', 'Queued')
        )
      offset 0
    ) as found
    where v.status = 'Queued'
  ) as orphan
  where w.ctid = orphan.row
)
select
  d.task_id,
  (extract(epoch from d.scheduled_time) * 1000)::bigint as scheduled_ms,
  d.status,
  (select count(*) from told)::integer as told
from (
  select task_id, scheduled_time, status from settled
  union all
  select task_id, scheduled_time, status from verdict where status = 'Queued'
) as d
