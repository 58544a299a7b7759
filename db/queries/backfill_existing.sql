-- Those of the instants $2 (epoch ms; $3 and $4 are the first and the last) at which the task $1 has an occurrence, whatever made it.
select (extract(epoch from s.scheduled_time) * 1000)::float8 as at_ms
from task_schedule as s
where s.task_id = $1::bigint
  and s.scheduled_time between to_timestamp($3::float8 / 1000) and to_timestamp($4::float8 / 1000)
  and s.scheduled_time in (select to_timestamp(ms / 1000) from unnest($2::float8[]) as ms)
