-- Records how attempts ended, in one statement: the occurrence's next status, the run, the statistics, the log and the notifications.
-- $1 task ids, $2 scheduled times, $3 attempts (the fence), $4 next statuses, $5 retry delays in ms (for Scheduled), $6 reasons,
-- $7 outcomes, $8 errors, $9 results, $10 elapsed ms, $11 cpu ms, $12 peak memory, $13 whether the attempt counts,
-- $14 the processor's replica id, $15 its name, $16 and $17 first and last scheduled time,
-- $18-$22 log lines (position in the arrays above from 1, seq, at, level, message), $23-$25 notifications (position, recipient, message).
-- One row per accepted outcome, with whether others of its task may wait for its end. An attempt that no longer holds its occurrence
-- gets no row: its late result is refused.
with outcome as materialized (
  select *
  from unnest(
    $1::bigint[], $2::timestamptz[], $3::integer[], $4::occurrence_status[], $5::float8[], $6::text[], $7::run_outcome[],
    $8::text[], $9::jsonb[], $10::float8[], $11::float8[], $12::bigint[], $13::boolean[]
  ) with ordinality as o (
    task_id, scheduled_time, attempt, status, delay_ms, reason, outcome, error, result, elapsed_ms, cpu_ms, peak_memory_bytes, counts, position
  )
),
-- The tasks of those that go back, locked so that no edit slips in between: it takes back what waits, and would not see these.
task as materialized (
  select t.id, t.revision, t.status = 'active' and t.deleted_at is null as goes_on
  from (select distinct task_id from outcome where status = 'Scheduled' order by task_id) as o
  join tasks as t on t.id = o.task_id
  for share of t
),
next as materialized (
  select
    o.task_id, o.scheduled_time, o.attempt, o.delay_ms, o.outcome, o.error, o.result, o.elapsed_ms, o.cpu_ms, o.peak_memory_bytes, o.counts,
    o.position,
    -- Whoever was asked to end is not tried again, even if it failed by itself before it heard of that.
    case when r.ending is null then o.status else 'Cancelled' end as status,
    coalesce(r.ending_reason, o.reason) as reason,
    t.revision,
    t.goes_on
  from outcome as o
  left join task as t on t.id = o.task_id and o.status = 'Scheduled'
  -- Locked, so that no request slips in between.
  left join lateral (
    select b.ending, b.ending_reason
    from running_tasks as b
    where o.status = 'Scheduled' and b.task_id = o.task_id and b.scheduled_time = o.scheduled_time and b.attempt = o.attempt
    for update
  ) as r on true
),
finished as (
  update task_schedule as s
  set
    -- After an edit it goes on under the new definition; a task that was stopped meanwhile does not go on.
    status = case when o.revision <> s.revision and not o.goes_on then 'Cancelled' else o.status end,
    due_at = case
      when o.status = 'Scheduled' and (o.revision = s.revision or o.goes_on) then clock_timestamp() + o.delay_ms * interval '1 millisecond'
    end,
    revision = coalesce(o.revision, s.revision),
    attempt_base = s.attempt_base + case when o.counts then 0 else 1 end,
    end_time = case when o.status <> 'Scheduled' or (o.revision <> s.revision and not o.goes_on) then clock_timestamp() end,
    locked_by = null,
    locked_at = null,
    claim_id = null,
    reason = o.reason
  from next as o
  where s.task_id = o.task_id
    and s.scheduled_time = o.scheduled_time
    and s.attempt = o.attempt
    and s.status = 'Running'
    and s.locked_by = $14::bigint
    and s.scheduled_time between $16::timestamptz and $17::timestamptz
  returning
    s.task_id, s.scheduled_time, s.start_time, s.claimed_due_at,
    o.attempt, o.outcome, o.error, o.result, o.elapsed_ms, o.cpu_ms, o.peak_memory_bytes, o.position
),
run as (
  insert into task_runs (
    task_id, scheduled_time, attempt, outcome, due_at, started_at, elapsed_ms, error, result, cpu_ms, peak_memory_bytes, processor
  )
  select
    task_id, scheduled_time, attempt, outcome, claimed_due_at, start_time, elapsed_ms, error, result, cpu_ms, peak_memory_bytes, $15::text
  from finished
),
unbarred as (
  delete from running_tasks as r
  using finished as f
  where r.task_id = f.task_id and r.scheduled_time = f.scheduled_time
),
line as (
  insert into task_logs (task_id, scheduled_time, attempt, seq, at, level, message)
  select ($1::bigint[])[l.position], ($2::timestamptz[])[l.position], ($3::integer[])[l.position], l.seq, l.at, l.level, l.message
  from unnest($18::integer[], $19::integer[], $20::timestamptz[], $21::text[], $22::text[]) as l (position, seq, at, level, message)
  where l.position = any (array(select f.position from finished as f))
),
notification as (
  insert into notifications (task_id, scheduled_time, recipient, message)
  select ($1::bigint[])[n.position], ($2::timestamptz[])[n.position], n.recipient, n.message
  from unnest($23::integer[], $24::text[], $25::text[]) as n (position, recipient, message)
  where n.position = any (array(select f.position from finished as f))
),
counted as materialized (
  select
    t.task_type,
    case when f.outcome = 'succeeded' then least(120, greatest(1, ceil(4 * ln(greatest(f.elapsed_ms, 0.1)) / ln(2::float8))::integer + 1)) end as bucket,
    count(*) filter (where f.outcome = 'succeeded') as succeeded,
    count(*) filter (where f.outcome in ('failed', 'timed-out')) as failed,
    coalesce(sum(f.elapsed_ms) filter (where f.outcome = 'succeeded'), 0) as elapsed_sum_ms,
    coalesce(sum(f.elapsed_ms * f.elapsed_ms) filter (where f.outcome = 'succeeded'), 0) as elapsed_square_sum
  from finished as f
  join tasks as t on t.id = f.task_id
  group by 1, 2
),
statistics as (
  insert into task_type_statistics as s (task_type, day, shard, succeeded, failed, elapsed_sum_ms, elapsed_square_sum, histogram)
  select
    c.task_type,
    (clock_timestamp() at time zone 'UTC')::date,
    ($14::bigint % 16)::smallint,
    sum(c.succeeded),
    sum(c.failed),
    sum(c.elapsed_sum_ms),
    sum(c.elapsed_square_sum),
    (
      select array_agg(coalesce(b.succeeded, 0) order by i)
      from generate_series(1, 120) as i
      left join counted as b on b.bucket = i and b.task_type = c.task_type
    )
  from counted as c
  group by c.task_type
  order by c.task_type
  on conflict (task_type, day, shard) do update
  set
    succeeded = s.succeeded + excluded.succeeded,
    failed = s.failed + excluded.failed,
    elapsed_sum_ms = s.elapsed_sum_ms + excluded.elapsed_sum_ms,
    elapsed_square_sum = s.elapsed_square_sum + excluded.elapsed_square_sum,
    histogram = (select array_agg(a + b order by i) from unnest(s.histogram, excluded.histogram) with ordinality as u (a, b, i))
)
select
  f.position::integer,
  -- The first is asked once: mostly nothing at all waits.
  (select exists (select from waiting_occurrences)) and exists (select from waiting_occurrences as w where w.task_id = f.task_id) as awaited
from finished as f
