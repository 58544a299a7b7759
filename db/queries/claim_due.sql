-- Claims up to $1 occurrences that fall due within $2 ms, for $3 ms, on behalf of the distributor $4.
-- One row per claimed occurrence; claim_id is the fence that its ticket carries. due_ms is on the database's clock, in epoch ms.
-- Any number of distributors may run this at once: a row that another one holds is skipped, not waited for.
-- The batch row keeps the keys until the occurrences have started, so that no crash between claim and start loses one.
with due as materialized (
  select s.task_id, s.scheduled_time, s.due_at
  from task_schedule as s
  -- The sub-select makes the clock one value, which an index condition needs: without it every row of the day is read.
  where s.due_at <= (select clock_timestamp() + $2::integer * interval '1 millisecond')
    -- What became due while nobody was there is for the misfire policies. No value, so no row, until this distributor has said that it is there.
    and s.due_at > (select catch_up_before from distribution where alive_at > clock_timestamp() - $5::integer * interval '1 millisecond')
  order by s.due_at
  limit $1
  for update skip locked
),
batch as (
  insert into dispatch_batches (distributor_id, lease_until, task_ids, scheduled_times)
  select $4::bigint, clock_timestamp() + $3::integer * interval '1 millisecond', array_agg(task_id), array_agg(scheduled_time)
  from due
  having count(*) > 0
  returning id, lease_until
),
claimed as (
  update task_schedule as s
  set
    status = 'Queued',
    due_at = null,
    claim_id = batch.id,
    claimed_due_at = due.due_at,
    locked_by = $4::bigint,
    locked_at = clock_timestamp(),
    lock_expires_at = batch.lease_until
  from due, batch
  where s.task_id = due.task_id and s.scheduled_time = due.scheduled_time
  returning s.task_id, s.scheduled_time, s.claim_id, due.due_at
)
select
  c.task_id,
  (extract(epoch from c.scheduled_time) * 1000)::bigint as scheduled_ms,
  (extract(epoch from c.due_at) * 1000)::bigint as due_ms,
  c.claim_id,
  t.priority,
  t.task_type,
  tt.pool
from claimed as c
join tasks as t on t.id = c.task_id
join task_types as tt on tt.name = t.task_type
order by c.due_at, c.task_id
