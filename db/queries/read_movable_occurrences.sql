-- The occurrences of the tasks $1 that an edit at $2 (epoch ms) would write anew: scheduled later, before $3 (epoch ms; null: all), and
-- touched by nobody. At most $4 of each, the first ones. One row per task that has any: instants in epoch ms, in their order.
select k.id, o.scheduled_ms, o.due_ms
from unnest($1::bigint[]) as k (id)
cross join lateral (
  select array_agg(w.scheduled_ms order by w.scheduled_ms) as scheduled_ms, array_agg(w.due_ms order by w.scheduled_ms) as due_ms
  from (
    select (extract(epoch from s.scheduled_time) * 1000)::float8 as scheduled_ms, (extract(epoch from s.due_at) * 1000)::float8 as due_ms
    from task_schedule as s
    where s.task_id = k.id
      and s.scheduled_time > to_timestamp($2::float8 / 1000)
      and ($3::float8 is null or s.scheduled_time < to_timestamp($3::float8 / 1000))
      and s.status = 'Scheduled' and s.attempt = 0 and s.moved_at is null and s.trigger in ('schedule', 'catch-up')
    order by s.scheduled_time
    limit $4::integer
  ) as w
) as o
where o.due_ms is not null
