-- The attempts of the pool $1 that were due from $2 until $3 (epoch ms) and have ended, as work: one row per second, task type, whether it
-- was foretold and, where $4, bucket of its duration (core/histogram.ts). Foretold is what the schedule said $5 ms before: no further
-- attempt, nothing that was run by hand or at once, and nothing of a task that was younger. at_ms is the first due time, duration_ms the mean.
select
  min(extract(epoch from w.due_at) * 1000)::float8 as at_ms,
  w.task_type,
  w.foretold,
  count(*)::integer as count,
  avg(w.elapsed_ms)::float8 as duration_ms
from (
  select
    r.due_at,
    t.task_type,
    r.attempt = 1
      and m.task_id is null
      and t.schedule_kind <> 'immediate'
      and t.created_at <= r.due_at - $5::float8 * interval '1 millisecond' as foretold,
    coalesce(r.elapsed_ms, extract(epoch from r.ended_at - r.started_at)::float8 * 1000) as elapsed_ms
  from task_runs as r
  join tasks as t on t.id = r.task_id
  join task_types as tt on tt.name = t.task_type
  left join task_schedule as m
    on m.trigger = 'manual' and m.task_id = r.task_id and m.scheduled_time = r.scheduled_time
    and m.scheduled_time > to_timestamp($2::float8 / 1000) - interval '7 days'
    and m.scheduled_time < to_timestamp($3::float8 / 1000) + interval '1 day'
  where tt.pool = $1
    and r.due_at >= to_timestamp($2::float8 / 1000)
    and r.due_at < to_timestamp($3::float8 / 1000)
    and r.scheduled_time > to_timestamp($2::float8 / 1000) - interval '7 days'
    and r.scheduled_time < to_timestamp($3::float8 / 1000) + interval '1 day'
) as w
group by date_trunc('second', w.due_at), w.task_type, w.foretold,
  case when $4::boolean then ceil(4 * ln(greatest(w.elapsed_ms, 0.1)) / ln(2)) end
order by 1
