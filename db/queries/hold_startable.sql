-- Holds what the tasks $1, which are locked, have around now: nothing of it starts until the transaction ends. Read the clock after this: what
-- has started before then had its time before then, too. What is further ahead nobody starts yet; see ALMANAC_LOOK_AHEAD_MS.
select 1
from task_schedule
where task_id = any($1::bigint[])
  and scheduled_time >= (select clock_timestamp() - interval '1 minute')
  and scheduled_time < (select clock_timestamp() + interval '90 seconds')
  and status in ('Scheduled', 'Queued')
for update
