-- Merges the rows of each hour, task type and priority of the rollup that has more than $1 of them, and drops what is not ahead any more; at
-- most $2 rows in one call. Writers only add rows, so none waits for this; of several callers each takes rows that no other has.
-- One row: how many rows were taken.
with crowded as materialized (
  select begins_at, task_type, priority
  from demand_ahead
  group by 1, 2, 3
  having count(*) > $1::integer or begins_at < (select clock_timestamp() - interval '1 hour')
),
taken as materialized (
  select d.ctid
  from crowded as c
  join demand_ahead as d on d.begins_at = c.begins_at and d.task_type = c.task_type and d.priority = c.priority
  order by c.begins_at, c.task_type, c.priority
  limit $2::integer
  for update of d skip locked
),
gone as (
  delete from demand_ahead as d
  where d.ctid = any (array(select t.ctid from taken as t))
  returning d.begins_at, d.task_type, d.priority, d.seconds, d.counts
),
merged as (
  insert into demand_ahead (begins_at, task_type, priority, seconds, counts)
  select s.begins_at, s.task_type, s.priority, array_agg(s.second), array_agg(s.count)
  from (
    select g.begins_at, g.task_type, g.priority, u.second, sum(u.count)::integer as count
    from gone as g
    cross join lateral unnest(g.seconds, g.counts) as u (second, count)
    where g.begins_at + u.second * interval '1 second' > (select clock_timestamp())
    group by 1, 2, 3, 4
    having sum(u.count) <> 0
  ) as s
  group by 1, 2, 3
)
select count(*)::integer as taken from taken
