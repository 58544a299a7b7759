-- At most $4 log lines of the attempt $1, $2 (scheduled time in epoch ms), $3, in the order in which they were written, after line $5.
select seq, at, level, message
from task_logs
where task_id = $1::bigint
  and scheduled_time = to_timestamp($2::float8 / 1000)
  and attempt = $3::integer
  and seq > $5::integer
order by seq
limit $4::integer
