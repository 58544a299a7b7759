-- Runs of the tasks $1 that succeeded or ran out of time: one row per task that has any, with scheduled times (epoch ms) and execution times
-- (ms) beside each other. Looks at $3 slices of $4 ms from $2 (epoch ms) on, of each at its last $6 ms (one number per task), and takes at
-- most the $5 last runs of that. So a task that runs every second costs as many index look-ups, and no more rows, than one that runs
-- each quarter of an hour, and all times of the day are heard.
select
  c.id as task_id,
  array_agg((extract(epoch from r.scheduled_time) * 1000)::float8 order by r.scheduled_time, r.attempt) as at_ms,
  array_agg(r.elapsed_ms order by r.scheduled_time, r.attempt) as elapsed_ms
from unnest($1::bigint[], $6::float8[]) as c (id, look_ms)
cross join generate_series(1, $3::integer) as n
cross join lateral (
  select r.scheduled_time, r.attempt, r.elapsed_ms
  from task_runs as r
  where r.task_id = c.id
    and r.scheduled_time >= to_timestamp(($2::float8 + n * $4::float8 - c.look_ms) / 1000)
    and r.scheduled_time < to_timestamp(($2::float8 + n * $4::float8) / 1000)
    and r.outcome in ('succeeded', 'timed-out')
    and r.elapsed_ms is not null
  order by r.scheduled_time desc, r.attempt desc
  limit $5::integer
) as r
group by c.id
