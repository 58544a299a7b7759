-- Holds what the tasks $1, which are locked, have that a distributor has claimed or soon may: nothing of theirs starts until the transaction ends.
-- Read the clock after this: what has started before then had its time before then, too.
select 1
from task_schedule
where task_id = any($1::bigint[])
  and status in ('Scheduled', 'Queued')
  -- Nobody looks further ahead; see ALMANAC_LOOK_AHEAD_MS.
  and (due_at is null or due_at < clock_timestamp() + interval '90 seconds')
for update
