-- The demand of the pool $1 (null: of every pool) from $2 (epoch ms; null: everything overdue too) to before $3 (epoch ms), both full seconds.
-- One row per part of an hour's demand of one task type and priority: counts stand beside seconds of the hour that begins at begins_ms, and
-- those before from_ms do not count. Parts of the same hour, type and priority add up. average_ms is the planning duration of one occurrence.
-- What is near is counted from the rows themselves, what is further ahead is read from the rollup: one statement, so one moment for both.
-- With $2 null, what no distributor has taken within two seconds of its time is overdue and counts for the second of now.
with clock as materialized (
  select clock_timestamp() as now, demand_far_from() as far_from
),
kind as materialized (
  select tt.name, tt.pool, a.average_elapsed_ms
  from task_types as tt
  join average_elapsed_time_per_task_type as a on a.task_type = tt.name
  where $1::text is null or tt.pool = $1::text
),
near as (
  select
    floor(date_part('epoch', case when $2::float8 is null and s.due_at < c.now - interval '2 seconds' then c.now else s.due_at end))::bigint as at,
    t.task_type,
    t.priority,
    count(*)::integer as count
  from task_schedule as s
  join tasks as t on t.id = s.task_id
  cross join clock as c
  -- With a bound on either side PostgreSQL expects a small part of the table, and looks it up.
  where s.due_at >= coalesce(to_timestamp($2::float8 / 1000), '-infinity')
    and s.due_at < (select least(c.far_from, to_timestamp($3::float8 / 1000)) from clock as c)
  group by 1, 2, 3
),
part as (
  select
    n.at / 3600 * 3600000.0::float8 as begins_ms,
    0::float8 as from_ms,
    n.task_type,
    n.priority,
    array_agg((n.at % 3600)::smallint) as seconds,
    array_agg(n.count) as counts
  from near as n
  group by n.at / 3600, n.task_type, n.priority
  union all
  select
    date_part('epoch', d.begins_at) * 1000,
    greatest(date_part('epoch', c.far_from) * 1000, $2::float8),
    d.task_type,
    d.priority,
    d.seconds,
    d.counts
  from demand_ahead as d
  cross join clock as c
  where d.begins_at > (select greatest(c.far_from, to_timestamp($2::float8 / 1000)) - interval '1 hour' from clock as c)
    and d.begins_at < to_timestamp($3::float8 / 1000)
)
select k.pool, p.task_type, p.priority, k.average_elapsed_ms as average_ms, p.begins_ms, p.from_ms, p.seconds::text, p.counts::text
from part as p
join kind as k on k.name = p.task_type
